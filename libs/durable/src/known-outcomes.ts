import type { KnownTask, StageOutcome } from '@overture/protocol';
import type { Schedule, Task } from '@overture/dag';
import type { StateBoard } from './state-board.ts';

type CallTask = Extract<Task, { kind: 'call' }>;

/** Stores looked-up outcomes until their tasks are ready. */
export interface KnownOutcomes {
  add(known: readonly KnownTask[]): void;
  /**
   * Settles the tasks whose outcomes are known, and any that become ready as a result.
   * @returns the remaining calls
   */
  settle(tasks: readonly Task[]): CallTask[];
}

/** Creates an empty store of outcomes for a schedule. */
export function knownOutcomes(schedule: Schedule, board: Pick<StateBoard, 'note'>): KnownOutcomes {
  const outcomes = new Map<string, StageOutcome>();
  return {
    add(known) {
      for (const { id, outcome } of known) outcomes.set(id, outcome);
    },
    settle(tasks) {
      const left: CallTask[] = [];
      const open = [...tasks];
      for (let i = 0; i < open.length; i++) {
        const task = open[i] as Task;
        // A gate waits for its Update.
        if (task.kind !== 'call') continue;
        // Tasks that a user started again always run.
        const outcome = task.attempt === 1 ? outcomes.get(task.id) : undefined;
        if (outcome === undefined) left.push(task);
        else {
          const { output, reused, durationMs, artifacts } = outcome;
          outcomes.delete(task.id);
          board.note(task.id, { reused, durationMs, artifacts });
          open.push(...schedule.done(task.id, output));
        }
      }
      return left;
    },
  };
}
