import type { JsonValue } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { z } from 'zod';
import type { StageContext } from './stage-context.ts';

/** A contract with its implementation. */
export interface StageImplementation<
  Contract extends StageContract = StageContract,
  Settings = unknown,
  AppRegistry = unknown,
> {
  readonly contract: Contract;
  run(
    input: z.output<Contract['input']>,
    context: StageContext<Settings, AppRegistry>,
  ): Promise<z.output<Contract['output']>>;
  /**
   * Returns dependencies of the output that are not in the input, such as the digest of an external file.
   * Part of the cache key.
   */
  fingerprint?(
    input: z.output<Contract['input']>,
    context: Pick<StageContext<Settings>, 'settings' | 'signal'>,
  ): Promise<JsonValue>;
}

/**
 * The type of a function that binds a contract to its implementation. The contract determines the input and
 * output types.
 */
export type Implement<Settings, AppRegistry = unknown> = <Contract extends StageContract>(
  contract: Contract,
  run: StageImplementation<Contract, Settings, AppRegistry>['run'],
  options?: Pick<StageImplementation<Contract, Settings>, 'fingerprint'>,
) => StageImplementation<Contract, Settings, AppRegistry>;

/**
 * Returns an `implement` function for an application whose stages share `Settings`, and use `AppRegistry` as
 * their registry.
 */
export function implementing<Settings, AppRegistry = unknown>(): Implement<Settings, AppRegistry> {
  return (contract, run, options = {}) => ({ contract, run, ...options });
}

/** Binds a contract to its implementation, for applications without settings. */
export const implement: Implement<unknown> = implementing<unknown>();
