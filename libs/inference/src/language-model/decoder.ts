import {
  cacheShapeOf,
  languageModelNames,
  nothingShared,
  OwnKeyValues,
  stepFeeds,
  type CacheShape,
  type SharedKeyValues,
} from '@overture/models';
import type { Session, Tensors } from '@overture/runtime';
import type { Graph } from '@overture/graph';
import { int64 } from '@overture/tensors';

/** Token ids. */
export type Tokens = readonly number[];

/** Why a continuation ended: at an end token, after a stop text, or at the maximum number of tokens. */
export type GenerationEnd = 'end token' | 'stop' | 'length';

/** Limits of a generation. */
export interface GenerateStepOptions {
  readonly maxTokens: number;
  readonly endTokens: readonly number[];
  /** Whether a continuation contains a stop text. */
  readonly isStopped: (tokens: Tokens) => boolean;
}

/**
 * A language model's session with its decoding loops. It runs one batch at a time, and works with tokens
 * instead of text.
 */
export class Decoder {
  readonly shape: CacheShape;
  readonly #session: Session;
  readonly #vocabulary: number;
  /** The weights, if they are not constants of the graph. */
  readonly #weights: Tensors;

  constructor(
    graph: Graph,
    session: Session,
    options: { readonly vocabulary: number; readonly weights: Tensors },
  ) {
    this.shape = cacheShapeOf(graph);
    this.#session = session;
    this.#vocabulary = options.vocabulary;
    this.#weights = options.weights;
  }

  /** Computes the keys and values of a prefix that many prompts share. */
  async share(tokens: Tokens): Promise<SharedKeyValues> {
    const own = new OwnKeyValues(this.shape, 1);
    await this.#read([tokens], { shared: this.nothing(), own });
    return own.shared();
  }

  nothing(): SharedKeyValues {
    return nothingShared(this.shape);
  }

  /**
   * The log-probability of every token of every answer, by prompt. Each prompt is computed once, whatever its
   * number of answers.
   */
  async score(
    prompts: readonly Tokens[],
    answers: readonly (readonly Tokens[])[],
    shared: SharedKeyValues,
  ): Promise<number[][][]> {
    const results: number[][][] = answers.map((list) => list.map(() => []));
    const own = new OwnKeyValues(this.shape, prompts.length);
    const first = answers.flatMap((list, row) =>
      list.map((answer, which) => ({ row, which, token: answer[0]! })),
    );
    const { picked } = await this.#read(prompts, {
      shared,
      own,
      picks: first.map(({ row, token }) => row * this.#vocabulary + token),
    });
    first.forEach(({ row, which }, i) => results[row]![which]!.push(picked[i]!));
    const most = Math.max(...answers.map(({ length }) => length));
    for (let which = 0; which < most; which++) {
      const rows = answers.flatMap((list, row) => ((list[which]?.length ?? 0) > 1 ? [row] : []));
      if (rows.length === 0) continue;
      const known = rows.length === prompts.length ? own : own.of(rows);
      const rest = await this.#rest(
        rows.map((row) => answers[row]![which]!),
        { shared, own: known },
      );
      rows.forEach((row, i) => results[row]![which]!.push(...rest[i]!));
    }
    return results;
  }

  /** The greedy continuation of every prompt, token by token. */
  async generate(
    prompts: readonly Tokens[],
    shared: SharedKeyValues,
    options: GenerateStepOptions,
  ): Promise<{ tokens: number[]; ended: GenerationEnd }[]> {
    const results = prompts.map((): { tokens: number[]; ended: GenerationEnd } => ({
      tokens: [],
      ended: 'length',
    }));
    let active = prompts.map((_, row) => row);
    // Prompts are read in parts that fit into the processor's cache. Continuations are faster in large
    // batches.
    const parts = batchesInOrder(prompts).map((part) => ({
      part,
      own: new OwnKeyValues(this.shape, part.length),
    }));
    let next: number[] = [];
    for (const { part, own } of parts) next.push(...(await this.#read(part, { shared, own })).likeliest);
    let own = OwnKeyValues.joined(parts.map((each) => each.own));
    for (;;) {
      const going = active.flatMap((row, at) => (takes(results[row]!, next[at]!, options) ? [at] : []));
      if (going.length === 0) return results;
      if (going.length < active.length) own = own.of(going);
      active = going.map((at) => active[at]!);
      next = (
        await this.#read(
          active.map((row) => results[row]!.tokens.slice(-1)),
          { shared, own },
        )
      ).likeliest;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /**
   * Log-probabilities of each answer's tokens after the first. All tokens but the last are read, and each
   * predicts the next.
   */
  async #rest(
    answers: readonly Tokens[],
    { shared, own }: { readonly shared: SharedKeyValues; readonly own: OwnKeyValues },
  ): Promise<number[][]> {
    const read = answers.map((answer) => answer.slice(0, -1));
    const targets = answers.flatMap((answer) => answer.slice(1));
    const outputs = await this.#run(read, {
      shared,
      own,
      chosen: targets.map((_, i) => i),
      picks: targets.map((token, i) => i * this.#vocabulary + token),
    });
    let at = 0;
    return read.map(({ length }) =>
      Array.from(outputs[languageModelNames.picked]!.data.slice(at, (at += length)) as Float32Array),
    );
  }

  /**
   * Reads tokens into the cache. Returns the prediction after the last token of each sequence. A single long
   * sequence is read in parts.
   */
  async #read(
    sequences: readonly Tokens[],
    {
      shared,
      own,
      picks = [],
    }: { readonly shared: SharedKeyValues; readonly own: OwnKeyValues; readonly picks?: readonly number[] },
  ): Promise<{ picked: Float32Array; likeliest: number[] }> {
    const parts = sequences.length === 1 ? inParts(sequences[0]!).map((part) => [part]) : [sequences];
    let outputs: Tensors = {};
    for (const part of parts) {
      let end = -1;
      const chosen = part.map(({ length }) => (end += length));
      outputs = await this.#run(part, { shared, own, chosen, picks });
      own.append(
        outputs,
        part.map(({ length }) => length),
      );
    }
    const logits = outputs[languageModelNames.logits]!.data as Float32Array;
    return {
      picked: outputs[languageModelNames.picked]!.data as Float32Array,
      likeliest: sequences.map((_, row) =>
        largest(logits.subarray(row * this.#vocabulary, (row + 1) * this.#vocabulary)),
      ),
    };
  }

  #run(
    sequences: readonly Tokens[],
    {
      shared,
      own,
      chosen,
      picks,
    }: {
      readonly shared: SharedKeyValues;
      readonly own: OwnKeyValues;
      readonly chosen: readonly number[];
      readonly picks: readonly number[];
    },
  ): Promise<Tensors> {
    const starts = own.lengths.map((length) => shared.length + length);
    return this.#session.run({
      ...this.#weights,
      ...shared.feeds,
      ...own.feeds(),
      ...stepFeeds({ sequences, starts, chosen }),
      [languageModelNames.picks]: int64([picks.length], picks),
    });
  }
}

const longestPart = 1024; // tokens: the attention scores of a part take its length times the visible length

function inParts(tokens: Tokens): Tokens[] {
  return Array.from({ length: Math.ceil(tokens.length / longestPart) }, (_, i) =>
    tokens.slice(i * longestPart, (i + 1) * longestPart),
  );
}

const readTokens = 512; // for several prompts read together: measured, 557 tokens/s against 412 with 2,048

function batchesInOrder(prompts: readonly Tokens[]): Tokens[][] {
  const parts: Tokens[][] = [];
  let room = 0;
  for (const prompt of prompts) {
    if (prompt.length > room) {
      parts.push([]);
      room = Math.max(readTokens, prompt.length);
    }
    parts.at(-1)!.push(prompt);
    room -= prompt.length;
  }
  return parts;
}

/** Adds a token to a continuation. Returns false if that ends it. */
function takes(
  result: { tokens: number[]; ended: GenerationEnd },
  token: number,
  { maxTokens, endTokens, isStopped }: GenerateStepOptions,
): boolean {
  if (endTokens.includes(token)) {
    result.ended = 'end token';
    return false;
  }
  result.tokens.push(token);
  if (isStopped(result.tokens)) {
    result.ended = 'stop';
    return false;
  }
  return result.tokens.length < maxTokens;
}

/** Ties go to the first, as in PyTorch's argmax on a CPU. */
function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
