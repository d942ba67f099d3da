import type { Conversation } from '../conversation.ts';
import type { ProblemLog } from '../reading/problem-log.ts';
import type { FileHead } from '../reading/read-head.ts';
import type { ReadLimits } from '../reading/read-limits.ts';

/** The file to read, and where its faults are collected. */
export interface ReadContext {
  /** Path of the file. */
  readonly file: string;
  /** Prefix of generated conversation ids: the file's name without its extension. */
  readonly name: string;
  readonly limits: ReadLimits;
  readonly problems: ProblemLog;
  readonly signal?: AbortSignal;
}

/** A file format for conversations. To add one: a file in this folder and a row of `corpusFormats`. */
export interface CorpusFormat {
  readonly title: string;
  /** Whether a file that begins like this has this format. The first matching row is used. */
  readonly recognizes: (head: FileHead) => boolean;
  /** Why a file that begins like this cannot have this format, and what to do. Undefined if it can. */
  readonly refusal?: (head: FileHead) => string | undefined;
  /**
   * Why a file that begins like this has no labels at all, as part of a sentence. Undefined if it may have
   * some.
   */
  readonly unlabeled?: (head: FileHead) => string | undefined;
  /**
   * Reads the file's conversations, one at a time. Faults are added to `context.problems`. Everything yielded
   * after a fault is discarded, so a reader need not clean up.
   */
  readonly read: (context: ReadContext) => AsyncIterable<Conversation>;
}
