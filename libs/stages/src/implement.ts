import type { JsonValue } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { z } from 'zod';
import type { StageContext } from './stage-context.ts';

/** A contract bound to the code that fulfils it. */
export interface StageImplementation<Contract extends StageContract = StageContract> {
  readonly contract: Contract;
  run(input: z.output<Contract['input']>, context: StageContext): Promise<z.output<Contract['output']>>;
  /** What the output depends on beside the input, such as the bytes of an outside file; part of the cache key. */
  fingerprint?(input: z.output<Contract['input']>, context: Pick<StageContext, 'settings' | 'signal'>): Promise<JsonValue>;
}

/** Binds a contract to its implementation; the contract types both input and output. */
export function implement<Contract extends StageContract>(
  contract: Contract,
  run: StageImplementation<Contract>['run'],
  options: Pick<StageImplementation<Contract>, 'fingerprint'> = {},
): StageImplementation<Contract> {
  return { contract, run, ...options };
}
