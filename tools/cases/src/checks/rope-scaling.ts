import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { right, wrong, type Case, type CaseFiles } from '../case.ts';
import { trainOn } from './model-case.ts';

/** Maximum difference between the probabilities of two equal models: float32 noise. */
const noise = 1e-6;

interface RopeCaseOptions {
  readonly name: string;
  readonly expects: string;
  /** Returns the folder with the same weights without scaling. */
  readonly unscaled: (files: CaseFiles) => Promise<string>;
}

/**
 * A model with scaled rotary embeddings trains, and its predictions differ from those of the same weights
 * without scaling.
 */
export function ropeCase({ name, expects, unscaled }: RopeCaseOptions): Case {
  return {
    name,
    expects,
    async check(product, files) {
      const scaled = await trainOn(product, files, name);
      if ('verdict' in scaled) return scaled.verdict;
      const plain = await trainOn(product, files, await unscaled(files));
      if ('verdict' in plain) return plain.verdict;
      const changed = Math.max(
        ...scaled.probabilities.map((value, i) => Math.abs(value - (plain.probabilities[i] ?? Number.NaN))),
      );
      return changed > noise
        ? right(`probabilities differ from the unscaled model's by up to ${changed.toExponential(1)}`)
        : wrong('predicts as the unscaled model does: the scaling is ignored');
    },
  };
}

/** A copy of a model folder without its scaling. */
export async function withoutScaling({ folder, scratch }: CaseFiles, name: string): Promise<string> {
  const copy = join(scratch, `${name}-unscaled`);
  await cp(join(folder, name), copy, { recursive: true });
  const file = join(copy, 'config.json');
  const { rope_scaling: _, ...config } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(config));
  return copy;
}
