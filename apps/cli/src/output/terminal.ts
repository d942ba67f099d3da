/** Where a command says what. Data goes to standard output, everything else to standard error. */
export interface Terminal {
  /** Whether the user asked for JSON. */
  readonly json: boolean;
  /** Whether standard error may be written over: a terminal. */
  readonly live: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Data for people; not printed under `--json`. */
  print(text: string): void;
  /** Data for programs: one JSON value on a line. */
  printJson(value: unknown): void;
  /** A line that stays. */
  note(text: string): void;
  warn(text: string): void;
  /** What is going on now: written over on a terminal; elsewhere a line when it changes, every few seconds at first, twice a minute later. */
  progress(text: string): void;
}

export interface TerminalOptions {
  readonly json: boolean;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** How often at most, in a log: in the first minute, and after it. */
const plainEveryMs = [5_000, 30_000] as const;
const liveEveryMs = 80;

/** A terminal on two streams. No colour under NO_COLOR (no-color.org), TERM=dumb or off a terminal. */
export function openTerminal({ json, stdout, stderr, env, now }: TerminalOptions): Terminal {
  const live = stderr.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
  const colour = stderr.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const width = stderr.columns ?? 100;
  let open = false;
  // What is done within the first moments needs no word.
  const opened = now();
  let last = opened;
  let lastText = '';
  const line = (text: string): void => {
    stderr.write(`${open ? '\r\x1b[K' : ''}${text}\n`);
    open = false;
  };
  return {
    json,
    live,
    width,
    colour,
    now,
    print: (text) => {
      if (json) return;
      if (open) stderr.write('\r\x1b[K');
      open = false;
      stdout.write(`${text}\n`);
    },
    printJson: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note: line,
    warn: (text) => line(colour ? `\x1b[33mwarning:\x1b[0m ${text}` : `warning: ${text}`),
    progress: (text) => {
      const time = now();
      if (time - last < (live ? liveEveryMs : plainEveryMs[time - opened < 60_000 ? 0 : 1]) || (!live && text === lastText)) return;
      last = time;
      lastText = text;
      if (!live) return line(text);
      stderr.write(`\r\x1b[K${text.slice(0, width - 1)}`);
      open = true;
    },
  };
}
