import type { Digest } from '@overture/core';
import { graphBuilder, type Graph, type Value } from '@overture/graph';
import { packBatch, packedLayout, parameterSource, type Model } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { idsOf, type TokenSet } from '@overture/tokenization';
import type { FlatParameters } from '../flat-parameters.ts';
import { nameOfTokens, type FeatureCache } from '../feature-cache/feature-cache.ts';
import { Replicas } from '../replicas.ts';

/** Options of `FrozenActivations`. */
export interface FrozenActivationsOptions {
  /** A model whose lowest `depth` layers are frozen. */
  readonly model: Model;
  readonly depth: number;
  readonly parameters: FlatParameters;
  readonly tokens: TokenSet;
  readonly examples: readonly number[];
  /** Cache shared by trainings, with the digest from `originOf`. Default: none. */
  readonly kept?: { readonly rows: FeatureCache; readonly origin: Digest };
}

const sequencesPerRun = 8;

/**
 * The outputs of the frozen layers for each example, computed once. Every training step of the layers above
 * starts from them.
 */
export class FrozenActivations {
  readonly #options: FrozenActivationsOptions;
  readonly #states = new Map<number, Float32Array>();

  constructor(options: FrozenActivationsOptions) {
    this.#options = options;
  }

  /** Memory in bytes for the activations of all examples. */
  static bytesFor({
    model,
    tokens,
    examples,
  }: Pick<FrozenActivationsOptions, 'model' | 'tokens' | 'examples'>): number {
    return 4 * model.network.size.hiddenSize * examples.reduce((sum, i) => sum + lengthOf(tokens, i), 0);
  }

  /** Computes the examples that are not cached, in one pass. `onBatch` can stop the pass by throwing. */
  async compute(runtime: Runtime, onBatch: (done: number) => void): Promise<void> {
    const { tokens, examples, kept } = this.#options;
    const nameOf = (example: number): string => nameOfTokens([idsOf(tokens, example)]);
    const known = await kept?.rows.read(kept.origin, examples.map(nameOf));
    for (const example of examples) {
      const states = known?.get(nameOf(example));
      if (states !== undefined) this.#states.set(example, states);
    }
    const missing = examples.filter((example) => !this.#states.has(example));
    if (missing.length === 0) return;
    await this.#compute(runtime, missing, (done) => onBatch(examples.length - missing.length + done));
    await kept?.rows.write(
      kept.origin,
      new Map(missing.map((example) => [nameOf(example), this.#states.get(example)!])),
    );
  }

  async #compute(
    runtime: Runtime,
    examples: readonly number[],
    onBatch: (done: number) => void,
  ): Promise<void> {
    const { model, depth, parameters, tokens } = this.#options;
    const { hiddenSize } = model.network.size;
    await using replicas = await Replicas.open(runtime, frozenGraph(model, depth));
    const fixed = replicas.known(parameters.feeds());
    await replicas.byLength(
      examples.map((example) => lengthOf(tokens, example)),
      sequencesPerRun,
      async (session, places, begun) => {
        onBatch(begun);
        const { states } = await session.run({
          ...fixed,
          ...packBatch(
            places.map((place) => idsOf(tokens, examples[place])),
            sequencesPerRun,
            'cls',
          ),
        });
        let at = 0;
        for (const place of places) {
          const end = at + lengthOf(tokens, examples[place]) * hiddenSize;
          this.#states.set(examples[place], (states.data as Float32Array).slice(at, end));
          at = end;
        }
      },
    );
  }

  /** float32 [length, hidden] for each example. */
  of(examples: readonly number[]): Float32Array[] {
    // `compute` has processed all examples of the run
    return examples.map((example) => this.#states.get(example)!);
  }
}

function lengthOf({ offsets }: TokenSet, example: number): number {
  return offsets[example + 1] - offsets[example];
}

/** Graph of the embeddings and the lowest `depth` layers. */
function frozenGraph(model: Model, depth: number): Graph {
  const builder = graphBuilder('frozen-layers');
  const shapes = new Map(model.frozen.map(({ name, shape }) => [name, shape]));
  const asked = new Map<string, Value>();
  const source = parameterSource((name) => {
    const shape = shapes.get(name);
    if (shape !== undefined && !asked.has(name)) asked.set(name, builder.input(name, 'float32', shape));
    return asked.get(name);
  });
  builder.output('states', model.encode(packedLayout(builder, sequencesPerRun), source, { to: depth }));
  return builder.build();
}
