import type { NetworkPass } from '@overture/contracts';
import type { Conversation, Example } from '@overture/dialogue';
import { examplesOf, turnsOf, type LabelRule } from '@overture/dialogue';
import type { Network } from '@overture/models';

/** How long the texts of a corpus are, in words. */
export interface TextLengths {
  readonly examples: number[];
  readonly turns: number[];
}

/** What estimates are made of. */
export interface EstimateBasis {
  readonly texts: TextLengths;
  readonly folds: number;
  readonly innerFolds: number;
  /** Weights that every token is multiplied with; absent: a tiny model. */
  readonly weights: Partial<Record<NetworkPass['network'], number>>;
  /** Of float32 matrix products, per second. */
  readonly speed: number;
}

// Measured with MiniLM and SmolLM2 on MSDialog: word pieces per word, the share of a matrix product's speed that a whole step reaches, how much
// faster int8 is, and what loading and export take.
const tokensPerWord = 1.35;
const efficiency = 0.85;
const int8Gain = 1.5;
const secondsPerMillionWeights = 0.5;
const tinyWeights = 20_000;
/** Of a part: stages, files, statistics. */
const secondsPerPart = 3;

export function emptyLengths(): TextLengths {
  return { examples: [], turns: [] };
}

/** Adds a conversation's texts. */
export function addLengths(lengths: TextLengths, conversation: Conversation, rule: LabelRule): void {
  lengths.examples.push(...examplesOf(conversation, rule).map(wordsOf));
  lengths.turns.push(...turnsOf(conversation.utterances, rule.protocol).map(({ text }) => countWords(text)));
}

/** The weights of a network's layers; tables are looked up, not multiplied. */
export function multipliedWeights({ parameters }: Pick<Network, 'parameters'>): number {
  return parameters.filter(({ table }) => !table).reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Seconds that an arm takes over all its parts. */
export function estimateSeconds({ parts, passes }: { readonly parts: number; readonly passes: readonly NetworkPass[] }, basis: EstimateBasis): number {
  const { texts, folds, innerFolds, speed } = basis;
  const learnt = (folds - 1) / folds;
  const shares = { train: (learnt * (innerFolds - 1)) / innerFolds, valid: learnt / innerFolds, test: 1 / folds };
  const networks = new Set(passes.map(({ network }) => network));
  const loading = [...networks].reduce((sum, network) => sum + ((basis.weights[network] ?? tinyWeights) / 1e6) * secondsPerMillionWeights, 0);
  return passes.reduce((sum, { network, over, maxLength, promptTokens, operations, times, precision }) => {
    const lengths = over === 'turns' ? texts.turns : texts.examples;
    const tokens = lengths.reduce((total, words) => total + Math.min(maxLength, words * tokensPerWord) + promptTokens, 0);
    const once = (tokens * (over === 'turns' ? 1 : shares[over]) * operations * times * (basis.weights[network] ?? tinyWeights)) / (speed * efficiency * (precision === 'int8' ? int8Gain : 1));
    return sum + once * (over === 'turns' ? 1 : parts);
  }, parts * (secondsPerPart + loading));
}

function wordsOf({ history }: Example): number {
  return history.reduce((sum, { text }) => sum + countWords(text) + 1, 2);
}

/** Marks count: a model reads each as a token of its own. */
function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}\s]/gu)?.length ?? 0;
}
