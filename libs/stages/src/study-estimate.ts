import type { corpusInput, NetworkPass, networkPass } from '@overture/contracts';
import { AppError } from '@overture/core';
import {
  examplesOf,
  openCorpus,
  planSplits,
  resolveTagSet,
  turnsOf,
  withSplits,
  type Conversation,
  type Example,
  type LabelRule,
  type SplitName,
} from '@overture/dialogue';
import { parseNetwork, resolveBaseModel, type Network } from '@overture/models';
import { measureSpeed } from '@overture/runtime';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { StageSettings } from './stage-context.ts';
import { chosenCorpus } from './stages/ingest.ts';

/** The text lengths of a corpus, in words. */
export interface TextLengths {
  readonly examples: number[];
  readonly turns: number[];
}

/** The basis of an estimate. */
export interface EstimateBasis {
  readonly texts: TextLengths;
  readonly folds: number;
  readonly innerFolds: number;
  /** Absent: a tiny model. */
  readonly networks: Partial<Record<NetworkPass['network'], NetworkWork>>;
  /** Speed of float32 matrix products, in floating-point operations per second. */
  readonly speed: number;
}

/** The work of a network per token. */
export interface NetworkWork {
  /** Number of weights that each token is multiplied with. */
  readonly weights: number;
  readonly layers: number;
}

/**
 * Word pieces per word or punctuation mark: within 3 % for MiniLM and SmolLM2 on MSDialog, truncated to 80 to
 * 512 tokens.
 */
const tokensPerWord = 1.1;
/**
 * The share of a matrix product's speed that a whole pass reaches on two cores. Keys are operations per
 * weight: forward only (prompting SmolLM2), backward to adapters (LoRA on SmolLM2), and backward to every
 * weight (MiniLM, optimizer included).
 */
const efficiencies: Readonly<Record<NetworkPass['operations'], number>> = { 2: 0.6, 4: 0.79, 6: 0.6 };
/** The speedup of int8, measured with LoRA on SmolLM2; see docs/results/training.md. */
const int8Gain = 1.5;
/**
 * Time for loading and export, in seconds per million weights. Chosen so that the estimates match the
 * measured times of heads, prompts and answers of SmolLM2 on MSDialog.
 */
const secondsPerMillionWeights = 0.2;
/** Guesses: the size of a tiny model, and the time for stages, files and statistics of a part. */
const tiny: NetworkWork = { weights: 33_000, layers: 1 };
const secondsPerPart = 3;

/** Text lengths without texts, to be filled by `addLengths`. */
export function emptyLengths(): TextLengths {
  return { examples: [], turns: [] };
}

/** Adds the texts of a conversation. */
export function addLengths(lengths: TextLengths, conversation: Conversation, rule: LabelRule): void {
  lengths.examples.push(...examplesOf(conversation, rule).map(wordsOf));
  lengths.turns.push(...turnsOf(conversation.utterances, rule.protocol).map(({ text }) => countWords(text)));
}

/**
 * Estimates the time of each arm of a study on this machine from its corpus and base models. A base model
 * that is not available counts as tiny and is listed in `missing`.
 */
export async function estimateStudy(
  arms: readonly ArmWork[],
  about: StudyAbout,
  settings: Pick<StageSettings, 'corpora' | 'baseModels' | 'threads'>,
): Promise<StudyEstimate> {
  const { corpus, splits, folds, innerFolds, encoder, languageModel } = about;
  const rule = { protocol: corpus.protocol, tagSet: resolveTagSet(corpus.tagSet) };
  const opened = await openCorpus(chosenCorpus(corpus.uri, settings).uri, { format: corpus.format });
  const { split } = corpus;
  const plan = await planSplits(opened, {
    seed: split.seed,
    fractions: { train: 1 - split.valid - split.test, valid: split.valid, test: split.test },
  });
  const texts = emptyLengths();
  for await (const conversation of withSplits(opened.conversations(), plan))
    if (splits.includes(conversation.split)) addLengths(texts, conversation, rule);
  const used = new Set(arms.flatMap(({ passes }) => passes.map(({ network }) => network)));
  const networks: Partial<Record<NetworkPass['network'], NetworkWork>> = {};
  const missing: string[] = [];
  for (const [network, name] of [
    ['encoder', encoder],
    ['languageModel', languageModel],
  ] as const) {
    if (name === 'tiny' || !used.has(network)) continue;
    const base = await resolveBaseModel(name, { ...settings.baseModels, fetch: nothingFetched }).catch(
      undefinedIfNowhere,
    );
    if (base === undefined) missing.push(name);
    else
      networks[network] = networkWork(
        parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config),
      );
  }
  const basis = { texts, folds, innerFolds, networks, speed: await measureSpeed(settings) };
  return { arms: arms.map((arm) => ({ arm: arm.arm, minutes: estimateSeconds(arm, basis) / 60 })), missing };
}

/** The work of one arm: the number of its parts and the network passes of each. */
export interface ArmWork {
  readonly arm: string;
  readonly parts: number;
  readonly passes: readonly z.input<typeof networkPass>[];
}

/** The settings of a study that an estimate depends on. */
export interface StudyAbout {
  readonly corpus: z.output<typeof corpusInput>;
  readonly splits: readonly SplitName[];
  readonly folds: number;
  readonly innerFolds: number;
  readonly encoder: string;
  readonly languageModel: string;
}

/** Estimated minutes of each arm. */
export interface StudyEstimate {
  readonly arms: readonly { readonly arm: string; readonly minutes: number }[];
  /** Base models that are not available. */
  readonly missing: readonly string[];
}

/** A base model that no source has counts as missing; the error of a broken one is thrown. */
function undefinedIfNowhere(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'SOURCES_EXHAUSTED') return undefined;
  throw error;
}

function nothingFetched(): Promise<never> {
  return Promise.reject(new Error('an estimate downloads nothing'));
}

/** Embedding tables are looked up, not multiplied. */
export function networkWork({
  parameters,
  size: { layers },
}: Pick<Network, 'parameters' | 'size'>): NetworkWork {
  const weights = parameters
    .filter(({ table }) => !table)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return { weights, layers };
}

/** Seconds for an arm over all its parts. */
export function estimateSeconds({ parts, passes }: Omit<ArmWork, 'arm'>, basis: EstimateBasis): number {
  const { texts, folds, innerFolds, speed } = basis;
  const learned = (folds - 1) / folds;
  const shares = {
    train: (learned * (innerFolds - 1)) / innerFolds,
    valid: learned / innerFolds,
    test: 1 / folds,
  };
  const workOf = (network: NetworkPass['network']): NetworkWork => basis.networks[network] ?? tiny;
  const loading = [...new Set(passes.map(({ network }) => network))].reduce(
    (sum, network) => sum + (workOf(network).weights / 1e6) * secondsPerMillionWeights,
    0,
  );
  return passes.reduce(
    (sum, { network, over, from = 0, to, maxLength, promptTokens = 0, operations, times, precision }) => {
      const { weights, layers } = workOf(network);
      const computed = (Math.min(to ?? layers, layers) - Math.min(from, layers)) / layers;
      const forAllFolds = over === 'turns' || over === 'examples';
      const lengths = over === 'turns' ? texts.turns : texts.examples;
      const tokens = lengths.reduce(
        (total, words) => total + Math.min(maxLength, words * tokensPerWord) + promptTokens,
        0,
      );
      const once =
        (tokens * (forAllFolds ? 1 : shares[over]) * operations * times * weights * computed) /
        (speed * efficiencies[operations] * (precision === 'int8' ? int8Gain : 1));
      return sum + once * (forAllFolds ? 1 : parts);
    },
    parts * (secondsPerPart + loading),
  );
}

function wordsOf({ history }: Example): number {
  return history.reduce((sum, { text }) => sum + countWords(text) + 1, 2);
}

/** Punctuation marks count, because a model reads each as its own token. */
function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}\s]/gu)?.length ?? 0;
}
