import { AppError, counterRandom, shuffled } from '@overture/core';
import type { Example } from '@overture/dialogue';

/**
 * Examples to show in a prompt, each from a different conversation. The classes alternate while both last,
 * and the order is random.
 * @param train examples of the training split, the only ones that may be shown
 * @throws AppError `DEMONSTRATIONS_TOO_FEW`
 */
export function chooseDemonstrations(
  train: readonly Example[],
  { shots, seed }: { readonly shots: number; readonly seed: number },
): Example[] {
  const left = shuffled(train, counterRandom(seed, 'demonstrations'));
  const chosen: Example[] = [];
  const isNew = ({ conversationId }: Example): boolean =>
    chosen.every((other) => other.conversationId !== conversationId);
  while (chosen.length < shots) {
    const wanted = chosen.length % 2 === 0 ? 1 : 0;
    const next = left.find((example) => example.label === wanted && isNew(example)) ?? left.find(isNew);
    if (next === undefined)
      throw new AppError(
        'DEMONSTRATIONS_TOO_FEW',
        `A prompt with ${shots} demonstrations must have as many conversations to take them from. The training split has ${chosen.length}: use fewer (shots).`,
        { details: { shots, conversations: chosen.length } },
      );
    chosen.push(next);
  }
  return shuffled(chosen, counterRandom(seed, 'demonstrations', 'order'));
}
