import { trainingSettings, type TrainingSettings } from '@overture/training-settings';
import { searchSpace, type Dimension, type SearchSpace } from '@overture/contracts';
import { AppError, canonicalJson, counterRandom } from '@overture/core';
import { inputProblems } from '@overture/dag';

/** How the points of a search space are chosen. */
export interface TrialOptions {
  readonly strategy: 'grid' | 'random' | 'halving';
  /** Number of trials (maximum, for a grid). */
  readonly trials: number;
  /** Number of grid points per range. */
  readonly gridSteps: number;
  readonly seed: number;
}

/**
 * Points of a search space as complete training settings: a whole grid in order, or random draws without
 * repeats. A pure function of its arguments.
 * @throws AppError `SWEEP_GRID_TOO_LARGE`; `INPUT_INVALID` if settings that are valid by themselves do not
 * fit together
 */
export function drawnTrials(
  space: SearchSpace,
  training: TrainingSettings,
  options: TrialOptions,
): TrainingSettings[] {
  // In schema order, independent of the order in the input.
  const names = searchSpace.keyType.options.filter((name) => space[name] !== undefined);
  const settings = options.strategy === 'grid' ? grid(names, space, options) : draws(names, space, options);
  return settings.map((varied) => {
    const parsed = trainingSettings.safeParse({ ...training, ...varied }, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw new AppError(
      'INPUT_INVALID',
      `The settings of a trial must go together. Got ${JSON.stringify(varied)}: ${inputProblems(trainingSettings, parsed.error).join(' ')} Narrow the space.`,
    );
  });
}

type Settings = Readonly<Record<string, unknown>>;

function grid(
  names: readonly (keyof SearchSpace)[],
  space: SearchSpace,
  { gridSteps, trials }: TrialOptions,
): Settings[] {
  const points = names.map((name) =>
    pointsOf(space[name] as Dimension, gridSteps).map((value) => ({ [name]: value })),
  );
  const size = points.reduce((product, { length }) => product * length, 1);
  if (size > trials)
    throw new AppError(
      'SWEEP_GRID_TOO_LARGE',
      `A grid may have at most ${trials} points (trials). This one has ${points.map(({ length }) => length).join(' × ')} = ${size}: allow more trials, narrow the space, or draw at random (strategy).`,
    );
  return points.reduce<Settings[]>(
    (made, next) => made.flatMap((settings) => next.map((setting) => ({ ...settings, ...setting }))),
    [{}],
  );
}

/** Attempts per wanted trial; a small space has fewer distinct points. */
const attemptsPerTrial = 20;

function draws(
  names: readonly (keyof SearchSpace)[],
  space: SearchSpace,
  { seed, trials }: TrialOptions,
): Settings[] {
  const found = new Map<string, Settings>();
  for (let attempt = 0; attempt < trials * attemptsPerTrial && found.size < trials; attempt++) {
    const settings = Object.fromEntries(
      names.map((name) => [
        name,
        valueAt(space[name] as Dimension, counterRandom(seed, 'sweep', name).uniform(attempt)),
      ]),
    );
    found.set(canonicalJson(settings), settings);
  }
  return [...found.values()];
}

function pointsOf(range: Dimension, steps: number): unknown[] {
  if ('values' in range) return range.values;
  return [...new Set(Array.from({ length: steps }, (_, i) => valueAt(range, i / (steps - 1))))];
}

/** The value at a fraction of the range. */
function valueAt(range: Dimension, at: number): unknown {
  if ('values' in range)
    return range.values[Math.min(Math.floor(at * range.values.length), range.values.length - 1)];
  const { min, max, scale, integer } = range;
  const value = scale === 'log' ? min * (max / min) ** at : min + (max - min) * at;
  // Six digits are enough, and easier to read than sixteen.
  return integer ? Math.round(value) : Number(Math.min(max, Math.max(min, value)).toPrecision(6));
}
