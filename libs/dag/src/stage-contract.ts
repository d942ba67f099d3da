import { AppError, type JsonValue } from '@overture/core';
import type { z } from 'zod';
import { notJson } from './not-json.ts';

/**
 * The maximum duration of one attempt, in seconds. A stage with `heartbeat` fails its attempt if it sends no
 * heartbeat for that many seconds.
 */
export interface StageTimeouts {
  readonly startToClose: number;
  readonly heartbeat?: number;
}

/** The retry policy of a stage for retryable failures. Intervals are in seconds. */
export interface StageRetry {
  readonly maximumAttempts: number;
  readonly initialInterval: number;
  readonly backoff: number;
}

/** The control requests that a stage accepts while it runs. */
export interface StageControlContract {
  /** The schema of a request's action. */
  readonly action: z.ZodType;
  /** At least one valid action, for users to copy. */
  readonly examples: readonly JsonValue[];
}

/**
 * The definition of a stage: two schemas and plain data. The implementation is bound to it elsewhere, so that
 * pipelines, plans and workflows can use the contract without loading the implementation.
 */
export interface StageContract<
  Name extends string = string,
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  readonly name: Name;
  /** Must be increased whenever the same input would produce a different output. Part of the cache key. */
  readonly version: number;
  /** One sentence, for display, that describes the stage. */
  readonly summary: string;
  /** The task queue of the workers that run it. The application defines the names. */
  readonly queue: string;
  readonly timeouts: StageTimeouts;
  readonly retry: StageRetry;
  /**
   * Names of facts about the machine and its software that affect the output, such as a runtime's version.
   * Part of the cache key.
   */
  readonly environment?: readonly string[];
  /**
   * False for a stage that changes or reads anything besides its input, such as a registry. Such a stage runs
   * every time. Default: true.
   */
  readonly reusable?: boolean;
  /**
   * For a stage that accepts control requests while it runs. Requests that change its output are part of the
   * cache key.
   */
  readonly control?: StageControlContract;
  readonly input: Input;
  readonly output: Output;
}

/** The argument of `defineStage`: a contract whose optional fields have defaults. */
export interface StageDefinition<Name extends string, Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: Name;
  readonly version: number;
  readonly summary: string;
  readonly queue: string;
  readonly timeouts?: StageTimeouts;
  readonly retry?: Partial<StageRetry>;
  readonly environment?: readonly string[];
  readonly reusable?: boolean;
  readonly control?: StageControlContract;
  readonly input: Input;
  readonly output: Output;
}

const defaultTimeouts: StageTimeouts = { startToClose: 30 * 60, heartbeat: 60 };
const defaultRetry: StageRetry = { maximumAttempts: 4, initialInterval: 1, backoff: 2 };

/**
 * Defines a stage and fills in the default timeouts and retry policy.
 * @throws AppError `STAGE_INVALID` if the name is not a camelCase identifier, the version is not a positive
 * integer, or JSON cannot represent the input or the output.
 */
export function defineStage<Name extends string, Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: StageDefinition<Name, Input, Output>,
): StageContract<Name, Input, Output> {
  if (!/^[a-z][A-Za-z0-9]*$/.test(definition.name)) {
    throw new AppError(
      'STAGE_INVALID',
      `A stage's name must be a camelCase identifier, since it names an activity. Got ${JSON.stringify(definition.name)} instead.`,
    );
  }
  if (!Number.isInteger(definition.version) || definition.version < 1) {
    throw new AppError(
      'STAGE_INVALID',
      `The version of stage ${definition.name} must be an integer from 1. Got ${definition.version} instead.`,
    );
  }
  for (const side of ['input', 'output'] as const) {
    const problems = notJson(definition[side], side);
    if (problems.length > 0)
      throw new AppError(
        'STAGE_INVALID',
        `The ${side} of stage ${definition.name} must be JSON: ${problems.join(' ')}`,
      );
  }
  return {
    ...definition,
    timeouts: definition.timeouts ?? defaultTimeouts,
    retry: { ...defaultRetry, ...definition.retry },
  };
}
