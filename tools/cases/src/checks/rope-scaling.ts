import { right, wrong, type Case } from '../case.ts';
import { trainOn } from './model-case.ts';

/** Largest difference of two equal models' probabilities: float32 noise. */
const equal = 1e-5;

interface RopeCaseOptions {
  readonly name: string;
  readonly expects: string;
  /** The same weights with the same scaling, in another format. */
  readonly sameAs?: string;
  /** The same weights without scaling. */
  readonly unlike: string;
}

/** A model with scaled rotary embeddings: equal to the same model in another format, unlike the one without scaling. */
export function ropeCase({ name, expects, sameAs, unlike }: RopeCaseOptions): Case {
  return {
    name,
    expects,
    async check(product, files) {
      const model = await trainOn(product, files, name);
      if ('verdict' in model) return model.verdict;
      const plain = await trainOn(product, files, unlike);
      if ('verdict' in plain) return plain.verdict;
      const changed = largestDifference(model.probabilities, plain.probabilities);
      if (changed <= equal) return wrong(`predicts as ${unlike} does: the scaling is ignored`);
      const unlikePlain = `differs from ${unlike} by up to ${changed.toExponential(1)}`;
      if (sameAs === undefined) return right(unlikePlain);
      const same = await trainOn(product, files, sameAs);
      if ('verdict' in same) return same.verdict;
      const difference = largestDifference(model.probabilities, same.probabilities);
      if (difference > equal) return wrong(`differs from ${sameAs} by up to ${difference.toExponential(1)}`);
      return right(`equals ${sameAs} within ${difference.toExponential(1)}; ${unlikePlain}`);
    },
  };
}

function largestDifference(left: readonly number[], right: readonly number[]): number {
  return Math.max(...left.map((value, i) => Math.abs(value - (right[i] ?? Number.NaN))));
}
