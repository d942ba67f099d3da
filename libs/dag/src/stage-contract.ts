import { AppError } from '@overture/core';
import type { z } from 'zod';
import { notJson } from './not-json.ts';

/** How long one attempt may take, in seconds. A stage that heartbeats is declared dead after `heartbeat` of silence. */
export interface StageTimeouts {
  readonly startToClose: number;
  readonly heartbeat?: number;
}

/** How often a stage is tried again after a failure that trying again can help; intervals in seconds. */
export interface StageRetry {
  readonly maximumAttempts: number;
  readonly initialInterval: number;
  readonly backoff: number;
}

/**
 * What a stage takes and gives, said once; plain data beside two schemas. Its implementation is bound to it elsewhere,
 * so that a pipeline, a plan and a workflow know the contract without loading the code.
 */
export interface StageContract<Name extends string = string, Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: Name;
  /** Raised whenever the same input would give another output; part of the cache key. */
  readonly version: number;
  /** One sentence for people: what the stage does. */
  readonly summary: string;
  /** Which kind of worker runs it; the names are the application's own. */
  readonly queue: string;
  readonly timeouts: StageTimeouts;
  readonly retry: StageRetry;
  /** Names of facts about the machine and its programs on which the output depends, such as a runtime's version; part of the cache key. */
  readonly environment?: readonly string[];
  /** False for a stage that changes or asks what lies outside its input, such as a registry: it runs each time. Default true. */
  readonly reusable?: boolean;
  /** True for a stage that people may ask for something while it is at work; what it was asked and changes its output is part of the cache key. Default false. */
  readonly controllable?: boolean;
  readonly input: Input;
  readonly output: Output;
}

/** A contract as it is written: what is left out has a default. */
export interface StageDefinition<Name extends string, Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: Name;
  readonly version: number;
  readonly summary: string;
  readonly queue: string;
  readonly timeouts?: StageTimeouts;
  readonly retry?: Partial<StageRetry>;
  readonly environment?: readonly string[];
  readonly reusable?: boolean;
  readonly controllable?: boolean;
  readonly input: Input;
  readonly output: Output;
}

const defaultTimeouts: StageTimeouts = { startToClose: 30 * 60, heartbeat: 60 };
const defaultRetry: StageRetry = { maximumAttempts: 4, initialInterval: 1, backoff: 2 };

/**
 * Says a stage once: name, version, queue, timeouts, retry, input and output.
 * @throws AppError `STAGE_INVALID` when the name is no identifier, the version no positive integer, or the input or the output is not JSON.
 */
export function defineStage<Name extends string, Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: StageDefinition<Name, Input, Output>,
): StageContract<Name, Input, Output> {
  if (!/^[a-z][A-Za-z0-9]*$/.test(definition.name)) {
    throw new AppError('STAGE_INVALID', `A stage's name must be a camelCase identifier, since it names an activity. Got ${JSON.stringify(definition.name)} instead.`);
  }
  if (!Number.isInteger(definition.version) || definition.version < 1) {
    throw new AppError('STAGE_INVALID', `The version of stage ${definition.name} must be an integer from 1. Got ${definition.version} instead.`);
  }
  for (const side of ['input', 'output'] as const) {
    const problems = notJson(definition[side], side);
    if (problems.length > 0) throw new AppError('STAGE_INVALID', `The ${side} of stage ${definition.name} must be JSON: ${problems.join(' ')}`);
  }
  return { ...definition, timeouts: definition.timeouts ?? defaultTimeouts, retry: { ...defaultRetry, ...definition.retry } };
}
