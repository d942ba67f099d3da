import { workflowInfo } from '@temporalio/workflow';

/** The size of a history. */
export interface HistorySize {
  readonly events: number;
  readonly bytes: number;
}

/** Measures the history so that a replay measures the same. */
export interface HistoryMeter {
  /**
   * Measures it. Call it where an activity, a child workflow, a timer or an Update is delivered, and never
   * where a local activity is.
   */
  measure(): void;
  /** The size at the last measurement. */
  now(): HistorySize;
}

/**
 * Creates a meter. If a local activity ends just when its workflow task is extended, its result is delivered
 * with the next workflow task, and a replay delivers it with the earlier one: the history has another length
 * there.
 * @param atTask false for runs that started before this was known; they read the current size
 */
export function historyMeter(atTask: boolean): HistoryMeter {
  let last = current();
  return {
    measure: () => void (last = current()),
    now: () => (atTask ? last : current()),
  };
}

function current(): HistorySize {
  const { historyLength: events, historySize: bytes } = workflowInfo();
  return { events, bytes };
}
