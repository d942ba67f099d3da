import type { Conversation, Role } from '../conversation.ts';
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

/** A shape in which conversations lie in a file. A new one is one file in this folder and one row of `corpusFormats`. */
export interface CorpusFormat {
  readonly title: string;
  /** Whether a file that begins like this is of this format; of several, the first row wins. */
  readonly recognises: (head: FileHead) => boolean;
  /**
   * The file's conversations, one at a time. Faults go to `context.problems`; what is yielded after a fault is discarded,
   * so a reader need not clean up.
   */
  readonly read: (context: ReadContext) => AsyncIterable<Conversation>;
}

const roles: Readonly<Record<string, Role>> = { user: 'user', system: 'system', agent: 'system', assistant: 'system' };

/** The role that a corpus's word for the speaker means, whatever its case. */
export function roleOf(word: string): Role | undefined {
  const lower = word.toLowerCase();
  return Object.hasOwn(roles, lower) ? roles[lower] : undefined;
}

/** The words for speakers that readers know, for messages. */
export const roleWords: readonly string[] = Object.keys(roles);
