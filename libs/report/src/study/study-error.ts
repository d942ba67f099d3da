import type { WorstError } from '../worst-error.ts';

/** A wrong decision of the best arm, with its dialogue. */
export interface StudyError extends WorstError {
  readonly fold: number;
  /** Everything before the system's turn. */
  readonly dialogue: readonly { readonly role: 'user' | 'system'; readonly text: string }[];
  /** What the system did there, in words: the titles of its tags. */
  readonly did: string;
}

/** What may be shown beside the numbers. The page alone shows text of the corpus. */
export interface StudyRenderOptions {
  readonly worstErrors?: readonly StudyError[];
}
