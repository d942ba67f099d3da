import { AppError } from '@overture/core';

/** Why a corpus cannot be used. Retrying helps with none of these. */
export type CorpusErrorCode =
  | 'CORPUS_NOT_FOUND'
  | 'CORPUS_UNREADABLE'
  | 'CORPUS_EMPTY'
  | 'CORPUS_BINARY'
  | 'CORPUS_NOT_UTF8'
  | 'CORPUS_FORMAT_UNKNOWN'
  | 'CORPUS_FORMATS_MIXED'
  | 'CORPUS_LINE_TOO_LONG'
  | 'CORPUS_CONVERSATION_TOO_LONG'
  | 'CORPUS_JSON'
  | 'CORPUS_COLUMNS'
  | 'CORPUS_FIELD'
  | 'CORPUS_TAG_UNKNOWN'
  | 'CORPUS_ROLE_UNKNOWN'
  | 'CORPUS_NO_TRAIN_SPLIT'
  | 'CORPUS_SPLIT_AMBIGUOUS'
  | 'CORPUS_SPLIT_CONFLICT'
  | 'CORPUS_DUPLICATE_ID'
  | 'CORPUS_NO_EXAMPLES'
  | 'CORPUS_ONE_CLASS'
  | 'CORPUS_INVALID';

/** One fault of a corpus, and where it is. */
export interface CorpusFault {
  readonly code: CorpusErrorCode;
  /** What was expected, what was found, and what to do. */
  readonly message: string;
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** Column or JSON path, such as `utterances[1].role`. */
  readonly key?: string;
  /** The key by which equal faults are grouped. Default: the message and the key without its indices. */
  readonly kind?: string;
  /** Number of lines with this fault; `line` and `key` are those of the first. */
  readonly lines?: number;
  /** Whether every line of the file, as far as it was read, has this fault. */
  readonly everyLine?: 'all' | 'all read';
}

/** The error for one fault. */
export function corpusError(fault: CorpusFault, cause?: unknown): AppError {
  return new AppError(fault.code, worded(fault), {
    details: { file: fault.file, line: fault.line, key: fault.key, faults: [plain(fault)] },
    cause,
  });
}

/**
 * The error for several faults. Its code is their common code, or else `CORPUS_INVALID`. It lists all of them
 * in its message and in `details.faults`.
 */
export function corpusErrors(faults: readonly CorpusFault[], more = false): AppError {
  const [first] = faults;
  if (first === undefined)
    throw new AppError('UNREACHABLE', 'corpusErrors needs a fault; this is a bug in Overture.');
  if (faults.length === 1 && !more) return corpusError(first);
  const code = faults.every((fault) => fault.code === first.code) ? first.code : 'CORPUS_INVALID';
  const heading = more ? `At least ${faults.length} problems` : `${faults.length} problems`;
  return new AppError(code, `${heading}:\n${faults.map((fault) => `- ${worded(fault)}`).join('\n')}`, {
    details: { file: first.file, line: first.line, key: first.key, faults: faults.map(plain) },
  });
}

/**
 * Maximum number of faults counted before reading stops: a wrong file of any size is refused in about a
 * second.
 */
const mostCounted = 10_000;

/**
 * Collects the faults of a file, so that one pass reports many. Equal faults are counted rather than listed.
 */
export class ProblemLog {
  readonly #groups = new Map<
    string,
    { readonly fault: CorpusFault; lines: number; lastLine: number | undefined }
  >();
  readonly #limit: number;
  #records = 0;
  #counted = 0;
  #thrown: AppError | undefined;

  /** @param limit how many different faults are collected before reading stops */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get empty(): boolean {
    return this.#groups.size === 0;
  }

  /** Counts a line (or another unit of the file) that is about to be checked. */
  record(): void {
    this.#records++;
  }

  /**
   * Adds a fault.
   * @throws AppError of all faults when their number reaches the limit
   */
  add(fault: CorpusFault): void {
    const kind = `${fault.code} ${fault.kind ?? `${(fault.key ?? '').replace(/\d+/g, '')} ${fault.message}`}`;
    const group = this.#groups.get(kind);
    if (group === undefined) this.#groups.set(kind, { fault, lines: 1, lastLine: fault.line });
    else if (group.lastLine !== fault.line) {
      group.lines++;
      group.lastLine = fault.line;
    }
    const counted = ++this.#counted >= mostCounted;
    if (this.#groups.size >= this.#limit || counted)
      throw (this.#thrown = corpusErrors(this.#faults(counted), this.#limit > 1 && !counted));
  }

  /** The error to throw if reading failed with `error`, combined with the faults collected before it. */
  including(error: unknown): unknown {
    const faults =
      error instanceof AppError ? (error.details['faults'] as readonly CorpusFault[] | undefined) : undefined;
    if (faults === undefined || this.empty || error === this.#thrown) return error;
    return corpusErrors([...this.#faults(true), ...faults]);
  }

  /** @throws AppError of all faults, if there are any */
  throwIfAny(): void {
    if (!this.empty) throw corpusErrors(this.#faults(false));
  }

  #faults(stopped: boolean): CorpusFault[] {
    return [...this.#groups.values()].map(({ fault, lines }) => {
      if (lines === 1) return fault;
      return {
        ...fault,
        lines,
        ...(lines === this.#records && { everyLine: stopped ? ('all read' as const) : ('all' as const) }),
      };
    });
  }
}

function worded({ file, line, key, message, lines = 1, everyLine }: CorpusFault): string {
  const where = key === undefined ? '' : ` (${key})`;
  const count = lines.toLocaleString('en-US');
  if (everyLine)
    return `${file}, all ${everyLine === 'all' ? count : `of the first ${count}`} lines${where}: ${message}`;
  const more =
    lines === 1 ? '' : ` and ${(lines - 1).toLocaleString('en-US')} more line${lines === 2 ? '' : 's'}`;
  return `${file}${line === undefined ? '' : `:${line}`}${more}${where}: ${message}`;
}

function plain({
  code,
  message,
  file,
  line,
  key,
  lines,
}: CorpusFault): Record<string, string | number | undefined> {
  return { code, message, file, line, key, ...(lines !== undefined && { lines }) };
}

/** A value for a message: JSON, truncated to 80 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
