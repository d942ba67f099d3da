import type { KnownTask, StageOutcome } from '@overture/contracts';
import type { Schedule, Task } from '@overture/dag';
import type { StateBoard } from './state-board.ts';

type CallTask = Extract<Task, { kind: 'call' }>;

/** Outcomes that were looked up, until their tasks are ready. */
export interface KnownOutcomes {
  add(known: readonly KnownTask[]): void;
  /** Settles the tasks whose outcomes are known, and those that become ready by that. @returns the calls that are left */
  settle(tasks: readonly Task[]): CallTask[];
}

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
        // A gate that asks waits for its Update.
        if (task.kind !== 'call') continue;
        // What a person started again runs.
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
