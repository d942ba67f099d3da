import { AppError } from '@overture/core';
import { locateCorpus } from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import { baseModelPlaces } from '@overture/models';
import { executionProviders, openRuntime, type ExecutionProvider } from '@overture/runtime';
import { join } from 'node:path';
import type { StageSettings } from './stage-context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folders of a machine that the stage settings are derived from. */
export interface StagePlaces {
  /** State of the project; an absolute path. */
  readonly home: string;
  /** Downloads shared by all clones. */
  readonly cacheDir: string;
  readonly userHome: string;
  /** The project folder, for the sample corpus. */
  readonly projectRoot: string;
}

/**
 * Stage settings from environment variables, for a worker or for a command that predicts what a worker would
 * do.
 * @throws AppError `WORKER_SETTINGS_INVALID`
 */
export async function stageSettings(
  env: Environment,
  { home, cacheDir, userHome, projectRoot }: StagePlaces,
): Promise<Omit<StageSettings, 'threads' | 'checkpointEverySteps'>> {
  return {
    stateDir: home,
    baseModels: {
      cacheDir: join(cacheDir, 'models'),
      ...baseModelPlaces(env, userHome),
      env,
      fetch: proxyFetch(env),
    },
    executionProvider: provider(env['OVERTURE_EXECUTION_PROVIDER'] || 'cpu'),
    corpora: await corpora(env, { cacheDir, projectRoot }),
  };
}

/**
 * The warning to print before computing with these settings; undefined if there is none.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` if onnxruntime does not include the execution provider
 */
export function settingsWarning({
  executionProvider,
}: Pick<StageSettings, 'executionProvider'>): string | undefined {
  let warning: string | undefined;
  openRuntime({ executionProvider, onWarning: (message) => (warning = message) });
  return warning;
}

/**
 * Parses the name of an execution provider.
 * @throws AppError `WORKER_SETTINGS_INVALID`
 */
function provider(name: string): ExecutionProvider {
  const known = executionProviders.find((each) => each === name);
  if (known !== undefined) return known;
  throw new AppError(
    'WORKER_SETTINGS_INVALID',
    `OVERTURE_EXECUTION_PROVIDER must be one of ${executionProviders.join(', ')}. Got ${JSON.stringify(name)} instead.`,
  );
}

/**
 * The default first: MSDialog if available, or else the sample. The sample is always available by its name.
 */
async function corpora(
  env: Environment,
  { cacheDir, projectRoot }: { cacheDir: string; projectRoot: string },
): Promise<StageSettings['corpora']> {
  const sample = join(projectRoot, 'data', 'sample', 'helpdesk.jsonl');
  const folders = [env['OVERTURE_MSDIALOG'], join(cacheDir, 'corpora', 'msdialog')].filter(
    (folder) => folder !== undefined && folder !== '',
  );
  const found = await locateCorpus({ msdialog: folders as string[], sample });
  return found.name === 'sample' ? [found] : [found, { name: 'sample', uri: sample }];
}
