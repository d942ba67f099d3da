import type { JsonValue } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { z } from 'zod';
import type { StageContext } from './stage-context.ts';

/** A contract bound to the code that fulfils it. */
export interface StageImplementation<Contract extends StageContract = StageContract, Settings = unknown> {
  readonly contract: Contract;
  run(input: z.output<Contract['input']>, context: StageContext<Settings>): Promise<z.output<Contract['output']>>;
  /** What the output depends on beside the input, such as the bytes of an outside file; part of the cache key. */
  fingerprint?(input: z.output<Contract['input']>, context: Pick<StageContext<Settings>, 'settings' | 'signal'>): Promise<JsonValue>;
}

/** Binds a contract to its implementation; the contract types both input and output. */
export type Implement<Settings> = <Contract extends StageContract>(
  contract: Contract,
  run: StageImplementation<Contract, Settings>['run'],
  options?: Pick<StageImplementation<Contract, Settings>, 'fingerprint'>,
) => StageImplementation<Contract, Settings>;

/** An `implement` for stages of an application with settings of its own. */
export function implementing<Settings>(): Implement<Settings> {
  return (contract, run, options = {}) => ({ contract, run, ...options });
}

/** Binds a contract to its implementation, for applications without settings. */
export const implement: Implement<unknown> = implementing<unknown>();
