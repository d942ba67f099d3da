import { z } from 'zod';

/** The settings for controlling a run, part of every workflow's input. */
export const runControl = {
  /**
   * Whether a stage that has failed after all retries waits for a decision (`park`) or fails the run (`fail`,
   * for CI and schedules).
   */
  onStageFailure: z.enum(['park', 'fail']).default('park'),
  /** How long a parked stage waits for a decision before the run fails. Default: seven days. */
  parkTimeoutHours: z
    .number()
    .gt(0)
    .max(24 * 365)
    .default(24 * 7),
  /** The number of history events after which a run continues as new, once its running tasks have ended. */
  continueAfterEvents: z.int().min(50).max(40_000).default(10_000),
} as const;

/** The schema of these settings. */
export const runControlSchema = z.object(runControl);
/** The parsed settings for controlling a run. */
export type RunControl = z.output<typeof runControlSchema>;

const stage = z.string().min(1);

/**
 * The Updates for decisions about a parked stage or a gate and for controlling a running stage. Each has the
 * schema of its argument and a description that the Temporal UI shows next to its name.
 */
export const runUpdates = {
  retryStage: {
    description:
      'Start a parked stage again: {"stage": "ingest"}, with changes to its input if need be: {"stage": "ingest", "overrides": {"uri": "/data"}}. A null removes a key.',
    input: z.strictObject({ stage, overrides: z.record(z.string(), z.json()).optional() }),
  },
  skipStage: {
    description: 'Go on without a parked stage, where the workflow allows it: {"stage": "computeFloors"}.',
    input: z.strictObject({ stage }),
  },
  decideGate: {
    description:
      'Answer a gate that asks: {"gate": "approve", "approve": true, "by": "Ada", "reason": "better on every class"}.',
    input: z.strictObject({
      gate: z.string().min(1),
      approve: z.boolean(),
      by: z.string().min(1).max(200).optional(),
      reason: z.string().min(1).max(500).optional(),
    }),
  },
  /** An application may give this Update another name; see `Application`. */
  controlStage: {
    description:
      "Send a request to a running stage that accepts requests. It is stored with the run. The run's details show what its stages accept.",
    input: z.strictObject({ stage, action: z.json(), by: z.string().min(1).max(200).optional() }),
  },
  abort: {
    description:
      'Stop the run; what is finished is kept for reuse. The reason is kept with the run: {"reason": "wrong corpus"}.',
    input: z.strictObject({ reason: z.string().min(1).max(500).optional() }),
  },
} as const;

/** The name of an Update of a run. */
export type RunUpdateName = keyof typeof runUpdates;

/** The parsed argument of `retryStage`. */
export type RetryStageRequest = z.output<typeof runUpdates.retryStage.input>;
/** The parsed argument of `skipStage`. */
export type SkipStageRequest = z.output<typeof runUpdates.skipStage.input>;
/** The parsed argument of `decideGate`. */
export type DecideGateRequest = z.output<typeof runUpdates.decideGate.input>;
/** The parsed argument of `controlStage`. */
export type ControlStageRequest = z.output<typeof runUpdates.controlStage.input>;
/** The parsed argument of `abort`. */
export type AbortRequest = z.output<typeof runUpdates.abort.input>;

/** The result of an Update: one sentence about what happens now. */
export interface RunUpdateAnswer {
  readonly message: string;
}
