import { trainingAction, type TrainingAction } from '@overture/contracts';
import type { StageControls } from '@overture/execution';
import type { ControlSource } from '@overture/training';

/** The control requests sent to a stage, as input for the training that it runs. */
export function trainingControls({ applied, onWish, record }: StageControls): ControlSource {
  return {
    applied: applied.map(parsed),
    onWish: (listener) => onWish((wish) => listener(parsed(wish))),
    record,
  };
}

function parsed<Wish extends { readonly action: unknown }>(
  wish: Wish,
): Wish & { readonly action: TrainingAction } {
  return { ...wish, action: trainingAction.parse(wish.action) };
}
