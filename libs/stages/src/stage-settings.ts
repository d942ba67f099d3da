import { AppError } from '@overture/core';
import { locateCorpus } from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import { baseModelPlaces } from '@overture/models';
import { executionProviders, openRuntime, type ExecutionProvider } from '@overture/runtime';
import { join } from 'node:path';
import type { StageSettings } from './stage-context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a machine keeps its things, for the settings of stages. */
export interface StagePlaces {
  /** State of the project, absolute. */
  readonly home: string;
  /** Downloads that all clones share. */
  readonly cacheDir: string;
  readonly userHome: string;
  /** The folder of the project, for the sample corpus. */
  readonly projectRoot: string;
}

/**
 * The settings of stages from environment variables: those of a worker, and of whoever wants to know what a worker would do.
 * @throws AppError `WORKER_SETTINGS_INVALID`
 */
export async function stageSettings(env: Environment, { home, cacheDir, userHome, projectRoot }: StagePlaces): Promise<Omit<StageSettings, 'threads' | 'checkpointEverySteps'>> {
  return {
    stateDir: home,
    baseModels: { cacheDir: join(cacheDir, 'models'), ...baseModelPlaces(env, userHome), env, fetch: proxyFetch(env) },
    executionProvider: provider(env['OVERTURE_EXECUTION_PROVIDER'] || 'cpu'),
    corpora: await corpora(env, { cacheDir, projectRoot }),
  };
}

/**
 * What a worker should say before it computes with these settings; undefined where there is nothing to say.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` where onnxruntime does not bring the execution provider
 */
export function settingsWarning({ executionProvider }: Pick<StageSettings, 'executionProvider'>): string | undefined {
  let warning: string | undefined;
  openRuntime({ executionProvider, onWarning: (message) => (warning = message) });
  return warning;
}

/** @throws AppError `WORKER_SETTINGS_INVALID` */
function provider(name: string): ExecutionProvider {
  const known = executionProviders.find((each) => each === name);
  if (known !== undefined) return known;
  throw new AppError('WORKER_SETTINGS_INVALID', `OVERTURE_EXECUTION_PROVIDER must be one of ${executionProviders.join(', ')}. Got ${JSON.stringify(name)} instead.`);
}

/** The default first: MSDialog when it is at hand, else the sample; the sample is always there under its name. */
async function corpora(env: Environment, { cacheDir, projectRoot }: { cacheDir: string; projectRoot: string }): Promise<StageSettings['corpora']> {
  const sample = join(projectRoot, 'data', 'sample', 'helpdesk.jsonl');
  const folders = [env['OVERTURE_MSDIALOG'], join(cacheDir, 'corpora', 'msdialog')].filter((folder) => folder !== undefined && folder !== '');
  const found = await locateCorpus({ msdialog: folders as string[], sample });
  return found.name === 'sample' ? [found] : [found, { name: 'sample', uri: sample }];
}
