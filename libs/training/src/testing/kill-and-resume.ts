import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, counterRandom, digestOf, type Digest } from '@overture/core';
import { bertConfigJson, encodeWeights } from '@overture/models';
import { inChildProcess } from '@overture/runtime';
import { encodeTokenSet } from '@overture/tokenization';
import { fineTuneInChild, fineTuneOutputs, type FineTuneFiles } from '../fine-tune-in-child.ts';
import type { KilledJob, UnkilledResult } from './killed-child.ts';
import { tinyJob } from './tiny-job.ts';

/** Options of `killAndResume`. */
export interface KillAndResumeOptions {
  /** An empty working folder. */
  readonly folder: string;
  /** Number of kills at random steps, and at random moments while a checkpoint is written. */
  readonly atSteps: number;
  readonly whileWriting: number;
  /** Seed of the random moments. */
  readonly seed: number;
  readonly onKilled?: (result: KilledAndResumed) => void;
}

/** A run that was killed with SIGKILL and resumed. */
export interface KilledAndResumed {
  readonly moment: string;
  /** Step from which the second attempt resumed; 0: from the start. */
  readonly resumedAt: number;
  /** Whether the resumed run produced exactly the weights of an uninterrupted run. */
  readonly same: boolean;
}

const killedChild = new URL('./killed-child.ts', import.meta.url).href;

/**
 * Fine-tunes a tiny model repeatedly, kills each run once, resumes it, and compares the result with that of
 * an uninterrupted run.
 */
export async function killAndResume({
  folder,
  atSteps,
  whileWriting,
  seed,
  onKilled,
}: KillAndResumeOptions): Promise<readonly KilledAndResumed[]> {
  const filesOf = await writeJob(folder);
  const undisturbed = filesOf('undisturbed');
  const { summary, operations } = await inChildProcess<UnkilledResult>(killedChild, {
    files: undisturbed,
    operation: Infinity,
  } satisfies KilledJob);
  const expected = await resultIn(undisturbed);
  const random = counterRandom(seed, 'kills');
  const results: KilledAndResumed[] = [];
  const killed = async (moment: string, files: FineTuneFiles, run: () => Promise<unknown>): Promise<void> => {
    await mustBeKilled(run);
    let resumedAt = 0;
    await fineTuneInChild(files, {
      onProgress: (event) => {
        if (event.kind === 'resumed') resumedAt = event.step;
      },
    });
    const result = { moment, resumedAt, same: (await resultIn(files)) === expected };
    results.push(result);
    onKilled?.(result);
    await rm(join(files.output, '..'), { recursive: true });
  };
  for (let i = 0; i < atSteps; i++) {
    const [files, step] = [filesOf(`step-${i}`), 1 + random.below(i, summary.steps)];
    await killed(`at step ${step} of ${summary.steps}`, files, () =>
      fineTuneInChild(files, {
        onProgress: (event) => {
          if (event.kind === 'step' && event.step === step) throw kill;
        },
      }),
    );
  }
  for (let i = 0; i < whileWriting; i++) {
    const [files, operation] = [filesOf(`write-${i}`), 1 + random.below(atSteps + i, operations)];
    await killed(`at operation ${operation} of ${operations} on checkpoints`, files, () =>
      inChildProcess(killedChild, { files, operation } satisfies KilledJob),
    );
  }
  return results;
}

/** Thrown by a listener, which makes the parent kill the child with SIGKILL. */
const kill = new Error('killed');

async function mustBeKilled(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error === kill || (error instanceof AppError && error.details['signal'] === 'SIGKILL')) return;
    throw error;
  }
  throw new Error('A run that was to be killed came to its end.');
}

/** Writes the tiny job's files. Returns a function that creates the inputs of a named run. */
async function writeJob(folder: string): Promise<(name: string) => FineTuneFiles> {
  const { config, modelConfig, tokens, weights } = tinyJob({ checkpointEverySteps: 2 });
  const path = (name: string): string => join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(path('tokens'), encodeTokenSet(tokens));
  await writeFile(path('weights'), encodeWeights(weights));
  await writeFile(path('config.json'), JSON.stringify(bertConfigJson(modelConfig)));
  const base = { tokens: path('tokens'), weights: path('weights'), modelConfig: path('config.json'), config };
  return (name) => ({
    ...base,
    checkpoints: join(folder, name, 'checkpoints'),
    output: join(folder, name, 'output'),
  });
}

async function resultIn({ output }: FineTuneFiles): Promise<Digest> {
  return digestOf(await readFile(join(output, fineTuneOutputs.weights)));
}
