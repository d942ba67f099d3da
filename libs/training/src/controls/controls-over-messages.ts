import type { ChildContext } from '@overture/runtime';
import type { AppliedControl, ControlRequest, TrainingControls } from './training-controls.ts';

/** Source of control requests for the training in a child process, and the record of those it applied. */
export interface ControlSource extends Pick<TrainingControls, 'applied' | 'record'> {
  /** Calls the listener with every request that is not applied yet, pending and future. */
  onRequest(listener: (request: ControlRequest) => void): void;
}

/** Messages about controls from the parent to the child. */
export type ToTraining =
  | { readonly kind: 'request'; readonly request: ControlRequest }
  | { readonly kind: 'recorded'; readonly id: string };

/** The message with which the child asks the parent to record a control. */
export interface RecordControl {
  readonly kind: 'record';
  readonly control: AppliedControl;
}

/**
 * Creates the child's side of the controls. Requests arrive as messages, and a control is applied only after
 * the parent has recorded it.
 */
export function controlsFromParent(
  applied: readonly AppliedControl[],
  { send, receive, signal }: ChildContext,
): TrainingControls {
  const requests: ControlRequest[] = [];
  const recorded = new Map<string, () => void>();
  receive((message) => {
    const told = message as ToTraining;
    if (told.kind === 'request') requests.push(told.request);
    else recorded.get(told.id)?.();
  });
  return {
    applied,
    take: () => requests.splice(0),
    record: (control) =>
      new Promise((resolve, reject) => {
        recorded.set(control.id, resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        send({ kind: 'record', control } satisfies RecordControl).catch(reject);
      }),
  };
}
