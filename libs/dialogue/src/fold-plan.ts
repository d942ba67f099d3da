import { AppError, counterRandom, shuffled } from '@overture/core';
import { OpeningCounts } from './common-openings.ts';
import type { SplitName } from './conversation.ts';
import type { Fingerprints } from './fingerprint.ts';

/** The facts about a conversation that folds depend on. */
export interface FoldMember {
  readonly id: string;
  readonly fingerprints: Fingerprints;
  /** Labels of its examples. */
  readonly labels: readonly (0 | 1)[];
}

/** Options of a fold plan. */
export interface FoldOptions {
  /** Default 5. */
  readonly folds?: number;
  /** The inner validation split is one of this many parts of a fold's training conversations. Default 10. */
  readonly innerFolds?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * The fold of a conversation. It is evaluated in `fold`. In the other folds it is used for training or, in
 * those of `validIn`, for inner validation.
 */
export interface FoldPlace {
  readonly id: string;
  /** 0-based. */
  readonly fold: number;
  readonly validIn: readonly number[];
}

/** The default numbers of folds and the default seed. */
export const defaultFolds = { folds: 5, innerFolds: 10, seed: 0 } as const;

/** The split of a conversation while a fold is evaluated: `test` in its own fold. */
export function splitInFold({ fold, validIn }: FoldPlace, evaluated: number): SplitName {
  if (fold === evaluated) return 'test';
  return validIn.includes(evaluated) ? 'valid' : 'train';
}

/**
 * Assigns whole conversations to folds that are balanced in both classes. Each fold's training conversations
 * also get an inner validation split, chosen the same way. Conversations with the same opening stay together.
 * The result depends on the seed and the texts, but not on the order of the conversations.
 * @throws AppError `FOLDS_TOO_MANY`; `FOLDS_ONE_CLASS` if a part of a fold lacks a class; all problems at
 * once
 */
export function planFolds(members: readonly FoldMember[], options: FoldOptions = {}): FoldPlace[] {
  const { folds, innerFolds, seed } = { ...defaultFolds, ...options };
  const groups = groupsOf(members);
  const outer = deal(groups, folds, counterRandom(seed, 'folds'));
  const inner = range(folds).map((fold) => {
    const training = groups.filter((_, i) => outer[i] !== fold);
    const parts = deal(training, innerFolds, counterRandom(seed, 'inner-folds', fold));
    return new Set(training.filter((_, i) => parts[i] === 0));
  });
  const placed = new Map(
    groups.flatMap((group, i) => {
      const place = {
        fold: outer[i] as number,
        validIn: range(folds).filter((fold) => inner[fold]?.has(group)),
      };
      return group.members.map(({ id }) => [id, { id, ...place }] as const);
    }),
  );
  const places = members.map(({ id }) => placed.get(id) as FoldPlace);
  assertBothClasses(members, places, folds);
  return places;
}

interface Group {
  readonly members: readonly FoldMember[];
  /** Examples of each class. */
  readonly counts: readonly [number, number];
}

/**
 * Groups of conversations with the same opening. If the opening is too short or too common to identify them,
 * the whole text must be the same.
 */
function groupsOf(members: readonly FoldMember[]): Group[] {
  const openings = new OpeningCounts();
  for (const { fingerprints } of members) openings.add(fingerprints);
  const byKey = Map.groupBy(members, ({ fingerprints }) => openings.identityOf(fingerprints));
  return [...byKey]
    .sort(([a], [b]) => a - b)
    .map(([, alike]) => ({ members: alike, counts: countsOf(alike.flatMap(({ labels }) => labels)) }));
}

function countsOf(labels: readonly (0 | 1)[]): [number, number] {
  const positive = labels.filter((label) => label === 1).length;
  return [labels.length - positive, positive];
}

/**
 * The part of each group. Large groups come first, and each goes where its classes are scarcest. This
 * minimizes Σ (share of a class in a part)². Ties go to the part with the fewest groups.
 */
function deal(groups: readonly Group[], parts: number, random: ReturnType<typeof counterRandom>): number[] {
  if (groups.length < parts) {
    throw new AppError(
      'FOLDS_TOO_MANY',
      `Folds need at least one conversation each. Got ${groups.length} different conversations for ${parts} parts: ask for fewer folds (folds, innerFolds), or take more of the corpus (splits).`,
    );
  }
  const totals = [0, 1].map((c) =>
    Math.max(
      1,
      groups.reduce((sum, { counts }) => sum + (counts[c] as number), 0),
    ),
  );
  const filled = range(parts).map(() => ({ counts: [0, 0], groups: 0 }));
  const size = (i: number): number => groups[i]!.counts[0] + groups[i]!.counts[1];
  const order = shuffled(range(groups.length), random).sort((a, b) => size(b) - size(a));
  const dealt = new Array<number>(groups.length);
  for (const i of order) {
    const { counts } = groups[i]!;
    const cost = (part: number): number =>
      counts.reduce((sum, count, c) => sum + (count * filled[part]!.counts[c]!) / totals[c]! ** 2, 0);
    const best = range(parts).reduce((least, part) =>
      (cost(part) - cost(least) || filled[part]!.groups - filled[least]!.groups) < 0 ? part : least,
    );
    counts.forEach((count, c) => (filled[best]!.counts[c]! += count));
    filled[best]!.groups++;
    dealt[i] = best;
  }
  return dealt;
}

function assertBothClasses(
  members: readonly FoldMember[],
  places: readonly FoldPlace[],
  folds: number,
): void {
  const problems = range(folds).flatMap((fold) =>
    (['train', 'valid', 'test'] as const).flatMap((split) => {
      const [negative, positive] = countsOf(
        members.flatMap(({ labels }, i) => (splitInFold(places[i]!, fold) === split ? labels : [])),
      );
      return negative > 0 && positive > 0
        ? []
        : [
            `fold ${fold} has ${positive} examples with initiative and ${negative} without in its ${split === 'test' ? 'evaluation' : split === 'valid' ? 'inner validation' : 'training'} part`,
          ];
    }),
  );
  if (problems.length === 0) return;
  throw new AppError(
    'FOLDS_ONE_CLASS',
    `Every part of every fold must have examples of both classes. Got: ${problems.slice(0, 5).join('; ')}${problems.length > 5 ? `; and ${problems.length - 5} more` : ''}. Ask for fewer folds (folds, innerFolds), or give more conversations.`,
    { details: { problems } },
  );
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
