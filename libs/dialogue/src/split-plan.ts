import { AppError, counterRandom } from '@overture/core';
import { OpeningCounts } from './common-openings.ts';
import type { Conversation, SplitName } from './conversation.ts';
import { fingerprintsOf } from './fingerprint.ts';
import type { Corpus } from './open-corpus.ts';
import { corpusError } from './reading/problem-log.ts';

/** Options for drawing splits. */
export interface SplitOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Shares of train, valid and test; they sum to 1. Default 0.8, 0.1, 0.1. */
  readonly fractions?: SplitFractions;
}

/** Shares of the splits, each from 0 to 1. */
export interface SplitFractions {
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/** The default shares of the splits. */
export const defaultFractions: SplitFractions = { train: 0.8, valid: 0.1, test: 0.1 };

/**
 * The split of each conversation in a corpus.
 * - `given`: the corpus names the splits.
 * - `valid-from-train`: the corpus has no validation split, so some of its training conversations become one.
 * - `drawn`: the corpus names no splits.
 */
export interface SplitPlan {
  readonly kind: 'given' | 'valid-from-train' | 'drawn';
  /**
   * The split of a conversation. It depends only on the seed, on the text of the conversation and on which
   * openings are common. Whole conversations move. Copies, and conversations with the same opening, move
   * together.
   */
  assign(conversation: Conversation): SplitName;
}

/**
 * Decides how a corpus is split. If the file names do not identify the splits, the corpus is read once.
 * @throws AppError `SPLIT_FRACTIONS_INVALID`; `CORPUS_SPLIT_CONFLICT` if only some conversations name a
 * split; `CORPUS_NO_TRAIN_SPLIT` if none is for training
 */
export async function planSplits(
  corpus: Corpus,
  options: SplitOptions & { readonly signal?: AbortSignal } = {},
): Promise<SplitPlan> {
  const fractions = checked(options.fractions ?? defaultFractions);
  const { found, openings } = await readThrough(corpus, options.signal);
  const draw = drawer(options.seed ?? 0, openings);
  if (found.size === 0) {
    return { kind: 'drawn', assign: (conversation) => pick(draw(conversation), fractions) };
  }
  if (!found.has('train')) {
    throw corpusError({
      code: 'CORPUS_NO_TRAIN_SPLIT',
      file: corpus.path,
      key: 'split',
      message: `Some conversations must be for training, and all are ${[...found].join(' or ')}. Name train for some of them, or no split for any.`,
    });
  }
  if (found.has('valid')) return { kind: 'given', assign: named };
  const share = fractions.valid / (fractions.train + fractions.valid);
  return {
    kind: 'valid-from-train',
    assign: (conversation) =>
      named(conversation) === 'train' && draw(conversation) < share ? 'valid' : named(conversation),
  };
}

/** The conversations with the splits assigned by the plan. */
export async function* withSplits(
  conversations: AsyncIterable<Conversation>,
  plan: SplitPlan,
): AsyncGenerator<Conversation & { readonly split: SplitName }> {
  for await (const conversation of conversations) yield { ...conversation, split: plan.assign(conversation) };
}

/** The splits named by a corpus and, if some must be drawn, the counts of its openings. */
async function readThrough(
  corpus: Corpus,
  signal?: AbortSignal,
): Promise<{ found: ReadonlySet<SplitName>; openings: OpeningCounts }> {
  const openings = new OpeningCounts();
  const ofFiles = new Set(corpus.files.map((file) => file.split));
  const byFile = !ofFiles.has(undefined);
  if (byFile && ofFiles.has('valid')) return { found: ofFiles as ReadonlySet<SplitName>, openings };
  const found = new Set<SplitName>();
  let without: Conversation | undefined;
  for await (const conversation of corpus.conversations({ signal })) {
    openings.add(fingerprintsOf(conversation));
    if (conversation.split) found.add(conversation.split);
    else without ??= conversation;
  }
  if (without && found.size > 0) {
    throw corpusError({
      code: 'CORPUS_SPLIT_CONFLICT',
      file: without.source?.file ?? corpus.path,
      line: without.source?.line,
      key: 'split',
      message:
        'Either all conversations of a corpus name a split or none does, and this one names none while others do. Add "split".',
    });
  }
  return { found, openings };
}

function named(conversation: Conversation): SplitName {
  if (conversation.split) return conversation.split;
  throw new AppError(
    'SPLIT_UNKNOWN',
    `Conversation ${JSON.stringify(conversation.id)} must name its split: the corpus changed while it was read. Read it again.`,
  );
}

/**
 * A number in [0, 1) that depends on the seed and the text. It is the same for conversations that must stay
 * together.
 */
function drawer(seed: number, openings: OpeningCounts): (conversation: Conversation) => number {
  const random = counterRandom(seed, 'split');
  return (conversation) => random.uniform(openings.identityOf(fingerprintsOf(conversation)));
}

function pick(draw: number, { train, valid }: SplitFractions): SplitName {
  if (draw < train) return 'train';
  return draw < train + valid ? 'valid' : 'test';
}

function checked(fractions: SplitFractions): SplitFractions {
  const { train, valid, test } = fractions;
  const sum = train + valid + test;
  if ([train, valid, test].every((share) => share >= 0) && train > 0 && Math.abs(sum - 1) < 1e-9)
    return fractions;
  throw new AppError(
    'SPLIT_FRACTIONS_INVALID',
    `Split fractions must be 0 or more, sum to 1, and leave something to train. Got train ${train}, valid ${valid}, test ${test} instead.`,
    {
      details: { train, valid, test },
    },
  );
}
