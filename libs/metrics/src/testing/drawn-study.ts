import { counterRandom } from '@overture/core';
import type { StudyArm, StudyExample, StudyInput } from '../study/study-input.ts';

/** A simulated arm. The larger its signal, the better it separates the classes. */
export interface DrawnArm extends Partial<Omit<StudyArm, 'trainings'>> {
  readonly name: string;
  readonly signal: number;
  /** Default: 0. */
  readonly seeds?: readonly number[];
}

/** A simulated study: conversations of one to three turns, some of them hard for every arm. */
export function drawnStudy(
  drawnArms: readonly DrawnArm[],
  {
    conversations,
    seed,
    ...changes
  }: Partial<StudyInput> & { readonly conversations: number; readonly seed: number },
): StudyInput {
  const random = counterRandom(seed, 'drawn study');
  const examples = Array.from({ length: conversations }, (_, c) =>
    Array.from({ length: 1 + random.below(c, 3) }, (_turn, turn): StudyExample => ({
      id: `c${c}#${turn}`,
      conversation: `c${c}`,
      label: random.uniform(conversations * (turn + 1) + c) < 0.4 ? 1 : 0,
      fold: c % 4,
    })),
  ).flat();
  const hardness = Array.from(
    { length: conversations },
    (_, c) => 0.7 * random.normal(5 * conversations + c),
  );
  const arms = drawnArms.map(({ signal, seeds = [0], ...arm }): StudyArm => ({
    title: `The arm ${arm.name}`,
    family: 'encoder',
    hard: false,
    ...arm,
    trainings: seeds.map((training) => {
      const noise = counterRandom(seed, arm.name, training);
      return {
        seed: training,
        probabilities: examples.map(
          ({ label, conversation }, i) =>
            1 /
            (1 +
              Math.exp(
                -(signal * (label - 0.45) + hardness[Number(conversation.slice(1))] + noise.normal(i)),
              )),
        ),
        thresholds: examples.map(({ fold }) => (arm.hard === true ? 0.5 : 0.46 + 0.03 * fold)),
      };
    }),
  }));
  return {
    corpus: 'drawn',
    protocol: 'cikm23',
    tagSet: 'cikm23-5',
    examples,
    arms,
    contrasts: [],
    ...changes,
  };
}
