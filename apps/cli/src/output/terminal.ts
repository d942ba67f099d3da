/** Output of a command. Data goes to standard output, everything else to standard error. */
export interface Terminal {
  /** Whether the user asked for JSON. */
  readonly json: boolean;
  /** Whether standard error is a terminal, so that lines can be overwritten. */
  readonly live: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Prints data for people; nothing under `--json`. */
  print(text: string): void;
  /** Prints data for programs: one JSON value per line. */
  printJson(value: unknown): void;
  /** Prints a permanent line. */
  note(text: string): void;
  warn(text: string): void;
  /**
   * Shows the current activity. A terminal overwrites the line. Elsewhere a changed line is printed, every
   * few seconds at first and twice a minute later.
   */
  progress(text: string): void;
}

/** The streams, environment and clock of a terminal. */
export interface TerminalOptions {
  readonly json: boolean;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** Minimum intervals between progress lines in a log, in milliseconds: during the first minute, and later. */
const plainEveryMs = [5_000, 30_000] as const;
const liveEveryMs = 80;

/**
 * A terminal on two streams. Without color under NO_COLOR (no-color.org), TERM=dumb or if it is not a
 * terminal.
 */
export function openTerminal({ json, stdout, stderr, env, now }: TerminalOptions): Terminal {
  const live = stderr.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
  const color = stderr.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const width = stderr.columns ?? 100;
  let open = false;
  // Work that is done within moments needs no progress line.
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
    color,
    now,
    print: (text) => {
      if (json) return;
      if (open) stderr.write('\r\x1b[K');
      open = false;
      stdout.write(`${text}\n`);
    },
    printJson: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note: line,
    warn: (text) => line(color ? `\x1b[33mwarning:\x1b[0m ${text}` : `warning: ${text}`),
    progress: (text) => {
      const time = now();
      if (
        time - last < (live ? liveEveryMs : plainEveryMs[time - opened < 60_000 ? 0 : 1]) ||
        (!live && text === lastText)
      )
        return;
      last = time;
      lastText = text;
      if (!live) return line(text);
      stderr.write(`\r\x1b[K${text.slice(0, width - 1)}`);
      open = true;
    },
  };
}
