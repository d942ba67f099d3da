/**
 * A control of a running training: stop after the current epoch, evaluate now, or multiply the scheduled
 * learning rate by a factor over 0 and under 1.
 */
export type TrainingAction = 'stopAfterEpoch' | 'evaluateNow' | { readonly learningRate: number };

/** A request to apply an action. */
export interface ControlRequest {
  readonly id: string;
  readonly action: TrainingAction;
}

/** A control request and the number of steps done when it was applied. */
export interface AppliedControl extends ControlRequest {
  readonly step: number;
  /** Whether the control changes the trained weights. */
  readonly changesResult: boolean;
}

/** Source of control requests for a training, and the record of those it applied. */
export interface TrainingControls {
  /** Controls applied by earlier attempts at the same training. They are applied again at the same steps. */
  readonly applied: readonly AppliedControl[];
  /** Takes the requests received since the last call. */
  take(): readonly ControlRequest[];
  /** Records the step at which a control is applied. The control is applied after the promise resolves. */
  record(control: AppliedControl): Promise<void>;
}

/**
 * Combines controls into their effect on a schedule: the factor of the learning rate and the last epoch,
 * counted from 1.
 */
export function controlled(
  controls: readonly AppliedControl[],
  stepsPerEpoch: number,
): { readonly rate: number; readonly lastEpoch: number } {
  let [rate, lastEpoch] = [1, Infinity];
  for (const { action, step } of controls) {
    if (action === 'stopAfterEpoch') lastEpoch = Math.min(lastEpoch, Math.floor(step / stepsPerEpoch) + 1);
    else if (action !== 'evaluateNow') rate *= action.learningRate;
  }
  return { rate, lastEpoch };
}

/**
 * Whether a training with these controls passes through a position that was reached with other controls. That
 * is so if both have the same result-changing controls at the same steps before the position. A control at
 * the position's own step may still be added.
 */
export function passesThrough(
  controls: readonly AppliedControl[],
  { step, controls: others }: { readonly step: number; readonly controls: readonly AppliedControl[] },
): boolean {
  const decisiveOf = (of: readonly AppliedControl[]): AppliedControl[] =>
    of.filter(({ changesResult }) => changesResult);
  const [decisive, there] = [decisiveOf(controls), decisiveOf(others)];
  const among = (of: readonly AppliedControl[], sought: AppliedControl): boolean =>
    of.some((each) => each.id === sought.id && each.step === sought.step);
  return (
    there.every((control) => among(decisive, control)) &&
    decisive.every((control) => control.step >= step || among(there, control))
  );
}
