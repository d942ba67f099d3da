import { counterRandom } from '@overture/core';
import type { DropoutSite } from '@overture/models';
import { float32, type Tensor } from '@overture/tensors';
import { maskFiller } from './mask-kernel.ts';

/** The sequences of a run: what its masks depend on, beside the seed. */
export interface DroppedRun {
  /** The training step. */
  readonly step: number;
  /** The place in the step's batch of each sequence: however a batch is cut, its masks are the same. */
  readonly places: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * The masks of a training graph's runs. A mask is a function of seed, step, the sequence's place in its batch, and where in the network it
 * lies: there is no state, so a run that goes on from any step draws what an undisturbed one draws.
 */
export class DropoutMasks {
  readonly #sites: readonly DropoutSite[];
  readonly #seed: number;
  readonly #fill = maskFiller();
  /** Written anew for every run; other threads read it without a copy. */
  #memory: Float32Array = new Float32Array();

  constructor(sites: readonly DropoutSite[], seed: number) {
    this.#sites = sites;
    this.#seed = seed;
  }

  /** The feeds of a run with room for `count` sequences, the rest of them of one token; until the next run is asked for. */
  feeds({ step, places, lengths }: DroppedRun, count: number): Record<string, Tensor> {
    const all = Array.from({ length: count }, (_, i) => lengths[i] ?? 1);
    const shapes = this.#sites.flatMap((site) => shapesOf(site, all));
    const sizes = shapes.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (this.#memory.length < total) this.#memory = new Float32Array(new SharedArrayBuffer(4 * total));
    const feeds: Record<string, Tensor> = {};
    let start = 0;
    shapes.forEach(({ name, shape }, i) => {
      feeds[name] = float32(shape, this.#memory.subarray(start, (start += sizes[i])));
    });
    this.#sites.forEach((site, number) => {
      let at = 0;
      all.forEach((length, i) => {
        const mask = site.of === 'scores' ? feeds[`${site.name}.${i}`] : feeds[site.name];
        const rows = site.of === 'tokens' ? length : 1;
        const part = site.of === 'scores' ? (mask.data as Float32Array) : (mask.data as Float32Array).subarray(at * site.width, (at + rows) * site.width);
        const { key } = counterRandom(this.#seed, 'dropout', step, places[i] ?? 'filler', number);
        this.#fill(part, { key, rate: site.rate });
        at += rows;
      });
    });
    return feeds;
  }
}

/** The inputs of a place in the network. */
function shapesOf({ name, of, width }: DropoutSite, lengths: readonly number[]): { readonly name: string; readonly shape: readonly number[] }[] {
  if (of === 'scores') return lengths.map((length, i) => ({ name: `${name}.${i}`, shape: [width, length, length] }));
  return [{ name, shape: [of === 'tokens' ? lengths.reduce((sum, length) => sum + length, 0) : lengths.length, width] }];
}
