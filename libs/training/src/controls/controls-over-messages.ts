import type { ChildContext } from '@overture/runtime';
import type { AppliedControl, ControlWish, TrainingControls } from './training-controls.ts';

/** Where a process learns what is asked of the training in its child, and keeps where it did so. */
export interface ControlSource extends Pick<TrainingControls, 'applied' | 'record'> {
  /** Calls the listener with every wish that has not taken effect: those that are there, and those to come. */
  onWish(listener: (wish: ControlWish) => void): void;
}

/** What the parent says of controls. */
export type ToTraining = { readonly kind: 'wish'; readonly wish: ControlWish } | { readonly kind: 'recorded'; readonly id: string };

/** What the child says of them. */
export interface RecordControl {
  readonly kind: 'record';
  readonly control: AppliedControl;
}

/** The child's end: wishes come as messages, and what takes effect waits until the parent has put it on record. */
export function controlsFromParent(applied: readonly AppliedControl[], { send, receive, signal }: ChildContext): TrainingControls {
  const wishes: ControlWish[] = [];
  const recorded = new Map<string, () => void>();
  receive((message) => {
    const told = message as ToTraining;
    if (told.kind === 'wish') wishes.push(told.wish);
    else recorded.get(told.id)?.();
  });
  return {
    applied,
    take: () => wishes.splice(0),
    record: (control) =>
      new Promise((resolve, reject) => {
        recorded.set(control.id, resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        send({ kind: 'record', control } satisfies RecordControl).catch(reject);
      }),
  };
}
