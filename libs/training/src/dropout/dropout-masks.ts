import { counterRandom } from '@overture/core';
import type { DropoutSite } from '@overture/models';
import { float32, type Tensor } from '@overture/tensors';
import { maskFiller } from './mask-kernel.ts';

/** The sequences of a run. Together with the seed they determine its masks. */
export interface DroppedRun {
  /** The training step. */
  readonly step: number;
  /**
   * Position of each sequence in the step's batch, so that the masks do not depend on how the batch is split.
   */
  readonly places: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * Generates the dropout masks for runs of a training graph. A mask is a function of the seed, the step, the
 * sequence's position in its batch, and the dropout site. There is no state, so a resumed run draws the same
 * masks as an uninterrupted one.
 */
export class DropoutMasks {
  readonly #sites: readonly DropoutSite[];
  readonly #seed: number;
  readonly #fill = maskFiller();
  /** Overwritten for every run; other threads read it without a copy. */
  #memory: Float32Array = new Float32Array();

  constructor(sites: readonly DropoutSite[], seed: number) {
    this.#sites = sites;
    this.#seed = seed;
  }

  /**
   * Fills the masks for a run with `count` sequences; missing sequences are fillers of one token. The tensors
   * are valid until the next call.
   */
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
        const part =
          site.of === 'scores'
            ? (mask.data as Float32Array)
            : (mask.data as Float32Array).subarray(at * site.width, (at + rows) * site.width);
        const { key } = counterRandom(this.#seed, 'dropout', step, places[i] ?? 'filler', number);
        this.#fill(part, { key, rate: site.rate });
        at += rows;
      });
    });
    return feeds;
  }
}

/** The graph inputs of a dropout site. */
function shapesOf(
  { name, of, width }: DropoutSite,
  lengths: readonly number[],
): { readonly name: string; readonly shape: readonly number[] }[] {
  if (of === 'scores')
    return lengths.map((length, i) => ({ name: `${name}.${i}`, shape: [width, length, length] }));
  return [
    {
      name,
      shape: [of === 'tokens' ? lengths.reduce((sum, length) => sum + length, 0) : lengths.length, width],
    },
  ];
}
