import { z } from 'zod';
import { trainingAction } from './training-action.ts';

/** What every workflow's input may say about its own run. */
export const runControl = {
  /** Whether a stage that failed for good waits for a person's decision, or fails the run: for CI and schedules. */
  onStageFailure: z.enum(['park', 'fail']).default('park'),
  /** How long a stage waits for a decision before the run fails; default seven days. */
  parkTimeoutHours: z.number().gt(0).max(24 * 365).default(24 * 7),
  /** From how many events of its history on a run goes on as a new one, once what it has under way has ended. */
  continueAfterEvents: z.int().min(50).max(40_000).default(10_000),
} as const;

/** The schema of the members above, and their type. */
export const runControlSchema = z.object(runControl);
export type RunControl = z.output<typeof runControlSchema>;

const stage = z.string().min(1);

/**
 * The Updates by which a person decides about a parked stage or a gate, or asks something of a training, each with the schema of its one argument and a
 * description that the Temporal UI shows beside its name.
 */
export const runUpdates = {
  retryStage: {
    description: 'Start a parked stage again: {"stage": "ingest"}, with changes to its input if need be: {"stage": "ingest", "overrides": {"uri": "/data"}}. A null removes a key.',
    input: z.strictObject({ stage, overrides: z.record(z.string(), z.json()).optional() }),
  },
  skipStage: {
    description: 'Go on without a parked stage, where the workflow allows it: {"stage": "computeFloors"}.',
    input: z.strictObject({ stage }),
  },
  decideGate: {
    description: 'Answer a gate that asks: {"gate": "approve", "approve": true, "by": "Ada", "reason": "better on every class"}.',
    input: z.strictObject({ gate: z.string().min(1), approve: z.boolean(), by: z.string().min(1).max(200).optional(), reason: z.string().min(1).max(500).optional() }),
  },
  controlTraining: {
    description: 'Ask a training that is at work to end with its epoch: {"stage": "fineTune", "action": "stopAfterEpoch"}, to be evaluated: "evaluateNow", or to go on at a share of its learning rate: {"learningRate": 0.5}. It is kept with the run.',
    input: z.strictObject({ stage, action: trainingAction, by: z.string().min(1).max(200).optional() }),
  },
  abort: {
    description: 'Stop the run; what is finished is kept for reuse. The reason is kept with the run: {"reason": "wrong corpus"}.',
    input: z.strictObject({ reason: z.string().min(1).max(500).optional() }),
  },
} as const;

export type RunUpdateName = keyof typeof runUpdates;

export type RetryStageRequest = z.output<typeof runUpdates.retryStage.input>;
export type SkipStageRequest = z.output<typeof runUpdates.skipStage.input>;
export type DecideGateRequest = z.output<typeof runUpdates.decideGate.input>;
export type ControlTrainingRequest = z.output<typeof runUpdates.controlTraining.input>;
export type AbortRequest = z.output<typeof runUpdates.abort.input>;

/** What each of these Updates answers: what happens now, in a sentence. */
export interface RunUpdateAnswer {
  readonly message: string;
}
