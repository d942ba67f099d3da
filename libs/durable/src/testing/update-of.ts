import type { Decision } from '@overture/dag/testing';

/** Converts a decision of a conformance case to its Update: name and argument. */
export function updateOf(decision: Decision): readonly [string, unknown] {
  switch (decision.kind) {
    case 'retry':
      return [
        'retryStage',
        { stage: decision.task, ...(decision.overrides && { overrides: decision.overrides }) },
      ];
    case 'skip':
      return ['skipStage', { stage: decision.task }];
    case 'abort':
      return ['abort', { reason: decision.reason }];
    case 'gate':
      return [
        'decideGate',
        { gate: decision.task, approve: decision.approved, by: decision.by, reason: decision.reason },
      ];
  }
}
