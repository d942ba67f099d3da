import { readFile, writeFile } from 'node:fs/promises';
import type { BaselineComparison } from './compare-baselines.ts';
import type { CancelLatency } from './measure-cancels.ts';
import type { MeasuredCommand } from './measure-command.ts';
import type { MeasuredWorkflow } from './measure-workflow.ts';

/** The measurements of each phase. */
export interface PhaseResults {
  readonly train: MeasuredWorkflow;
  readonly evaluate: MeasuredCommand;
  readonly predict: MeasuredCommand;
  readonly cancel: readonly CancelLatency[];
  readonly crossvalidate: MeasuredWorkflow;
  readonly baselines: BaselineComparison;
}

/** The name of a phase. */
export type PhaseName = keyof PhaseResults;

/** A phase's result, and the machine's one-minute load when it began. */
export type Phased<Result> = Result extends unknown
  ? { readonly load: number; readonly result: Result }
  : never;

/** All measurements on one corpus. */
export type MeasuredSize = { readonly bytes: number } & {
  readonly [Name in PhaseName]?: Phased<PhaseResults[Name]>;
};

/** The content of the results file: measurements by number of conversations. */
export interface ScaleResults {
  readonly seed: number;
  readonly sizes: Readonly<Record<string, MeasuredSize>>;
}

/** The results of earlier invocations with this seed; empty without a file. */
export async function readResults(path: string, seed: number): Promise<ScaleResults> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const known = text === undefined ? undefined : (JSON.parse(text) as ScaleResults);
  return known?.seed === seed ? known : { seed, sizes: {} };
}

/**
 * Adds a phase's result to the file and replaces an earlier one.
 * @returns all results
 */
export async function addResult<Name extends PhaseName>(
  path: string,
  results: ScaleResults,
  added: {
    readonly conversations: number;
    readonly bytes: number;
    readonly phase: Name;
    readonly load: number;
    readonly result: PhaseResults[Name];
  },
): Promise<ScaleResults> {
  const { conversations, bytes, phase, load, result } = added;
  const changed = {
    ...results,
    sizes: {
      ...results.sizes,
      [conversations]: { ...results.sizes[conversations], bytes, [phase]: { load, result } },
    },
  };
  await writeFile(path, `${JSON.stringify(changed, undefined, 1)}\n`);
  return changed;
}
