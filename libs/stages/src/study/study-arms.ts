import type { ArtifactStore } from '@overture/artifacts';
import type { reportStudy } from '@overture/contracts';
import { AppError, counterRandom } from '@overture/core';
import { ensembleProbabilities, type StudyArm, type EnsembleMember } from '@overture/metrics';
import type { z } from 'zod';
import {
  assertWhole,
  trainingsOf,
  type ExpectedExample,
  type TrainingLines,
} from '../complete-predictions.ts';
import { baselinesOfFolds } from '../baselines-artifact.ts';

type Input = z.output<typeof reportStudy.input>;

/**
 * Drawn here rather than read from the baselines: its prediction depends only on the labels of other
 * examples.
 */
const randomName = 'random';

/** An arm before it is measured: the predictions of each of its trainings for every expected example. */
export interface StudiedArm extends Omit<StudyArm, 'trainings'> {
  readonly trainings: readonly TrainingLines[];
}

/**
 * All arms of a study with their predictions for every expected example, ensembles last. Nothing is fitted.
 * @throws AppError `FOLD_MISSING`, `PREDICTIONS_INCOMPLETE`, `FLOORS_MISFIT`, `STUDY_INVALID`
 */
export async function studyArms(
  artifacts: ArtifactStore,
  input: Input,
  { expected, folds }: { readonly expected: readonly ExpectedExample[]; readonly folds: number },
): Promise<StudiedArm[]> {
  const parts = input.parts.flat();
  assertWholeStudy(input, folds);
  const baselines = await baselinesOfFolds(artifacts, input.floors, expected);
  const arms: StudiedArm[] = [];
  for (const { seeds, ...arm } of input.arms) {
    if (arm.family !== 'floor') {
      arms.push({
        ...arm,
        trainings: await trainingsOf(
          artifacts,
          { seeds, parts: parts.filter((part) => part.arm === arm.name), of: arm.name },
          expected,
        ),
      });
    } else if (arm.name === randomName) {
      arms.push({
        ...arm,
        hard: true,
        trainings: (seeds.length > 0 ? seeds : [0]).map((seed) =>
          atHalf(seed, randomAtPrior(expected, seed), expected),
        ),
      });
    } else {
      const baseline = baselines.find(({ name }) => name === arm.name);
      if (baseline === undefined)
        throw new AppError(
          'FLOORS_MISFIT',
          `The arm ${arm.name} must be among the floors of the folds. Got ${baselines.map(({ name }) => name).join(', ') || 'none'} instead.`,
        );
      arms.push({ ...arm, trainings: [atHalf(0, baseline.probabilities, expected)] });
    }
  }
  return [
    ...arms,
    ...input.ensembles.flatMap(
      (ensemble) => ensembleArm(ensemble, arms, { dropped: input.dropped, expected }) ?? [],
    ),
  ];
}

/** Checks that every fold of every planned training is present exactly once. */
function assertWholeStudy({ arms, parts }: Input, folds: number): void {
  const name = (arm: string, fold: number, seed: number): string => `fold ${fold} of seed ${seed} of ${arm}`;
  const trained = arms.filter(({ family }) => family !== 'floor');
  const seedless = trained.filter(({ seeds }) => seeds.length === 0);
  if (seedless.length > 0)
    throw new AppError(
      'STUDY_INVALID',
      `An arm that is no floor must have at least one seed. Got none for ${seedless.map((arm) => arm.name).join(', ')}.`,
    );
  assertWhole(
    'study',
    trained.flatMap((arm) =>
      arm.seeds.flatMap((seed) => Array.from({ length: folds }, (_, fold) => name(arm.name, fold, seed))),
    ),
    parts.flat().map(({ arm, fold, seed }) => name(arm, fold, seed)),
  );
}

/** An arm in the form that the statistics expect. */
export function measurable({ trainings, ...arm }: StudiedArm): StudyArm {
  return {
    ...arm,
    trainings: trainings.map((training) => ({
      seed: training.seed,
      ...voiceOf(training),
      unparsable: training.lines.filter(({ unparsable }) => unparsable).length,
    })),
  };
}

function voiceOf({ lines }: TrainingLines): EnsembleMember {
  return {
    probabilities: lines.map(({ probability }) => probability),
    thresholds: lines.map(({ threshold }) => threshold),
  };
}

/** The predictions of an arm without tuned thresholds, at 0.5. */
function atHalf(
  seed: number,
  probabilities: ArrayLike<number>,
  expected: readonly ExpectedExample[],
): TrainingLines {
  return {
    seed,
    lines: expected.map(({ id, conversationId, systemTurn, label, fold }, i) => ({
      id,
      conversation: conversationId,
      turn: systemTurn,
      label,
      probability: probabilities[i]!,
      threshold: 0.5,
      fold,
      seed,
    })),
  };
}

/** Predicts initiative at random with the rate of the other folds: 0 or 1. */
function randomAtPrior(expected: readonly ExpectedExample[], seed: number): number[] {
  const priors = new Map(
    [...new Set(expected.map(({ fold }) => fold))].map((fold) => {
      const others = expected.filter((example) => example.fold !== fold);
      return [fold, others.filter(({ label }) => label === 1).length / others.length];
    }),
  );
  const random = counterRandom(seed, 'random at prior');
  return expected.map(({ fold }, i) => (random.uniform(i) < (priors.get(fold) as number) ? 1 : 0));
}

/** Null if a member was dropped. */
function ensembleArm(
  { name, title, of }: Input['ensembles'][number],
  arms: readonly StudiedArm[],
  { dropped, expected }: Pick<Input, 'dropped'> & { readonly expected: readonly ExpectedExample[] },
): StudiedArm | null {
  if (of.some((member) => dropped.some(({ arm }) => arm === member))) return null;
  const members = of.map((member) => arms.find((arm) => arm.name === member));
  const missing = of.filter((_, i) => members[i] === undefined);
  const hard = members.flatMap((member) => (member?.hard === true ? [member.name] : []));
  if (missing.length + hard.length > 0) {
    throw new AppError(
      'STUDY_INVALID',
      `The members of the ensemble ${name} must be arms of the study that give probabilities. ${missing.length > 0 ? `Not in it: ${missing.join(', ')}.` : ''}${hard.length > 0 ? ` Only decide: ${hard.join(', ')}.` : ''}`,
    );
  }
  const probabilities = ensembleProbabilities(
    members.map((member) => (member as StudiedArm).trainings.map(voiceOf)),
  );
  return { name, title, family: 'ensemble', hard: false, trainings: [atHalf(0, probabilities, expected)] };
}

/** Everything that was left out: dropped arms, and the ensembles that contain them. */
export function droppedArms({
  dropped,
  ensembles,
}: Input): { readonly arm: string; readonly reason: string }[] {
  return [
    ...dropped,
    ...ensembles.flatMap(({ name, of }) => {
      const gone = dropped.filter(({ arm }) => of.includes(arm));
      return gone.length === 0
        ? []
        : [
            {
              arm: name,
              reason: `its ${gone.length > 1 ? 'members' : 'member'} ${gone.map(({ arm }) => arm).join(', ')} ${gone.length > 1 ? 'were' : 'was'} left out`,
            },
          ];
    }),
  ];
}
