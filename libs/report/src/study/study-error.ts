import type { WorstError } from '../worst-error.ts';

/** A wrong decision of the best arm, with its dialogue. */
export interface StudyError extends WorstError {
  readonly fold: number;
  /** Everything before the system's turn. */
  readonly dialogue: readonly { readonly role: 'user' | 'system'; readonly text: string }[];
  /** The system's actual move, as the titles of its tags. */
  readonly did: string;
}

/** Optional content of the HTML page, which is the only format that may show text of the corpus. */
export interface StudyRenderOptions {
  readonly worstErrors?: readonly StudyError[];
}
