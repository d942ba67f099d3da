/**
 * What people may ask of a training at work: to end with the epoch that it is in; to be validated now; to go on at a share, over 0 and
 * under 1, of the learning rate that the schedule gives.
 */
export type TrainingAction = 'stopAfterEpoch' | 'evaluateNow' | { readonly learningRate: number };

/** An action that somebody asked for. */
export interface ControlWish {
  readonly id: string;
  readonly action: TrainingAction;
}

/** A wish, and after how many steps it took effect. */
export interface AppliedControl extends ControlWish {
  readonly step: number;
  /** Whether something else is learnt than without it. */
  readonly changesResult: boolean;
}

/** Where a training learns what is asked of it, and keeps where it did so. */
export interface TrainingControls {
  /** By earlier attempts at the same training: they take effect at the very same steps again. */
  readonly applied: readonly AppliedControl[];
  /** The wishes that have come since this was last called. */
  take(): readonly ControlWish[];
  /** Puts on record after which step a wish takes effect; it does once this has resolved. */
  record(control: AppliedControl): Promise<void>;
}

/** What controls make of a schedule: a factor of the learning rate, and after which epoch it ends, counted from 1. */
export function controlled(controls: readonly AppliedControl[], stepsPerEpoch: number): { readonly rate: number; readonly lastEpoch: number } {
  let [rate, lastEpoch] = [1, Infinity];
  for (const { action, step } of controls) {
    if (action === 'stopAfterEpoch') lastEpoch = Math.min(lastEpoch, Math.floor(step / stepsPerEpoch) + 1);
    else if (action !== 'evaluateNow') rate *= action.learningRate;
  }
  return { rate, lastEpoch };
}

/**
 * Whether a training with these controls passes through a place that was reached with others: up to there, those that change the result are the
 * same at the same steps. A control of the place's own step may still come.
 */
export function passesThrough(controls: readonly AppliedControl[], { step, controls: others }: { readonly step: number; readonly controls: readonly AppliedControl[] }): boolean {
  const decisiveOf = (of: readonly AppliedControl[]): AppliedControl[] => of.filter(({ changesResult }) => changesResult);
  const [decisive, there] = [decisiveOf(controls), decisiveOf(others)];
  const among = (of: readonly AppliedControl[], sought: AppliedControl): boolean => of.some((each) => each.id === sought.id && each.step === sought.step);
  return there.every((control) => among(decisive, control)) && decisive.every((control) => control.step >= step || among(there, control));
}
