import type { Conversation } from '../conversation.ts';
import type { ProblemLog } from '../reading/problem-log.ts';
import type { FileHead } from '../reading/read-head.ts';
import type { ReadLimits } from '../reading/read-limits.ts';

export interface ReadContext {
  /** Path of the file. */
  readonly file: string;
  /** Beginning of the ids of conversations that have none of their own: the file's name without its ending. */
  readonly name: string;
  readonly limits: ReadLimits;
  readonly problems: ProblemLog;
  readonly signal?: AbortSignal;
}

/** A shape in which a file holds conversations. A new one is one file in this folder and one row of `corpusFormats`. */
export interface CorpusFormat {
  readonly title: string;
  /** Whether a file that begins like this is of this format; of several, the first row wins. */
  readonly recognises: (head: FileHead) => boolean;
  /** Why a file that begins like this cannot be of this format, and what to do; undefined when it can. */
  readonly refusal?: (head: FileHead) => string | undefined;
  /** Why a file that begins like this has no labels at all, as part of a sentence; undefined when it may have some. */
  readonly unlabelled?: (head: FileHead) => string | undefined;
  /**
   * The file's conversations, one at a time. Faults go to `context.problems`; what is yielded after a fault is discarded,
   * so a reader need not clean up.
   */
  readonly read: (context: ReadContext) => AsyncIterable<Conversation>;
}
