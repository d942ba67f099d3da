/** A task for a peer: token ids as input, and token ids or log-probabilities as output. */
export type Task =
  | { readonly kind: 'generate'; readonly prompts: readonly (readonly number[])[]; readonly tokens: number }
  | {
      readonly kind: 'score';
      readonly prefix: readonly number[];
      readonly prompts: readonly (readonly number[])[];
      readonly answers: readonly number[];
    };

/** The outcome of a task. */
export interface Done {
  readonly seconds: number;
  /** By prompt: tokens, or one number per answer. */
  readonly result: readonly (readonly number[])[];
}

/** A program that runs generation tasks. */
export interface GenerationPeer {
  readonly name: string;
  readonly description: string;
  run(task: Task): Promise<Done>;
  close(): Promise<void>;
}
