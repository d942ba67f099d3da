import { AppError } from '@overture/core';

/** Why a corpus cannot be used. None of these goes away by trying again. */
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

/** One thing that is wrong with a corpus, and where. */
export interface CorpusFault {
  readonly code: CorpusErrorCode;
  /** A sentence: what was expected, what came, what to do. */
  readonly message: string;
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** Column or JSON path, such as `utterances[1].role`. */
  readonly key?: string;
}

/** The error of one fault. */
export function corpusError(fault: CorpusFault, cause?: unknown): AppError {
  return new AppError(fault.code, worded(fault), {
    details: { file: fault.file, line: fault.line, key: fault.key, faults: [plain(fault)] },
    cause,
  });
}

/**
 * The error of several faults: it has their code when they share one, else `CORPUS_INVALID`, lists all of them in its
 * message, and carries them as data in `details.faults`.
 */
export function corpusErrors(faults: readonly CorpusFault[], more = false): AppError {
  const [first] = faults;
  if (first === undefined) throw new AppError('UNREACHABLE', 'corpusErrors needs a fault; this is a bug in Overture.');
  if (faults.length === 1 && !more) return corpusError(first);
  const code = faults.every((fault) => fault.code === first.code) ? first.code : 'CORPUS_INVALID';
  const heading = more ? `At least ${faults.length} problems` : `${faults.length} problems`;
  return new AppError(code, `${heading}:\n${faults.map((fault) => `- ${worded(fault)}`).join('\n')}`, {
    details: { file: first.file, line: first.line, key: first.key, faults: faults.map(plain) },
  });
}

/** Collects the faults of a file, so that one reading reports many. */
export class ProblemLog {
  readonly #faults: CorpusFault[] = [];
  readonly #limit: number;
  #thrown: AppError | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get empty(): boolean {
    return this.#faults.length === 0;
  }

  /** @throws AppError of all faults once there are as many as the limit. */
  add(fault: CorpusFault): void {
    this.#faults.push(fault);
    if (this.#faults.length >= this.#limit) throw (this.#thrown = corpusErrors(this.#faults, this.#limit > 1));
  }

  /** The error to throw when reading broke off with `error`: it joins the faults that were collected before it. */
  including(error: unknown): unknown {
    const faults = error instanceof AppError ? (error.details['faults'] as readonly CorpusFault[] | undefined) : undefined;
    if (faults === undefined || this.empty || error === this.#thrown) return error;
    return corpusErrors([...this.#faults, ...faults]);
  }

  /** @throws AppError of all faults, when there are any. */
  throwIfAny(): void {
    if (!this.empty) throw corpusErrors(this.#faults);
  }
}

function worded({ file, line, key, message }: CorpusFault): string {
  return `${file}${line === undefined ? '' : `:${line}`}${key === undefined ? '' : ` (${key})`}: ${message}`;
}

function plain(fault: CorpusFault): Record<string, string | number | undefined> {
  return { code: fault.code, message: fault.message, file: fault.file, line: fault.line, key: fault.key };
}

/** A value as it may stand in a message: JSON, cut at 80 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
