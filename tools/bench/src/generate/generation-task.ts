/** What a peer is asked: token ids in, token ids or logarithms of probabilities out. */
export type Task =
  | { readonly kind: 'generate'; readonly prompts: readonly (readonly number[])[]; readonly tokens: number }
  | { readonly kind: 'score'; readonly prefix: readonly number[]; readonly prompts: readonly (readonly number[])[]; readonly answers: readonly number[] };

export interface Done {
  readonly seconds: number;
  /** By prompt: tokens, or a number an answer. */
  readonly result: readonly (readonly number[])[];
}

export interface GenerationPeer {
  readonly name: string;
  readonly description: string;
  run(task: Task): Promise<Done>;
  close(): Promise<void>;
}
