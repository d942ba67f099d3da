import { locateCorpus } from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import { baseModelPlaces } from '@overture/models';
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

/** The settings of stages from environment variables: those of a worker, and of whoever wants to know what a worker would do. */
export async function stageSettings(env: Environment, { home, cacheDir, userHome, projectRoot }: StagePlaces): Promise<Omit<StageSettings, 'threads' | 'checkpointEverySteps'>> {
  return {
    stateDir: home,
    baseModels: { cacheDir: join(cacheDir, 'models'), ...baseModelPlaces(env, userHome), env, fetch: proxyFetch(env) },
    corpora: await corpora(env, { cacheDir, projectRoot }),
  };
}

/** The default first: MSDialog when it is at hand, else the sample; the sample is always there under its name. */
async function corpora(env: Environment, { cacheDir, projectRoot }: { cacheDir: string; projectRoot: string }): Promise<StageSettings['corpora']> {
  const sample = join(projectRoot, 'data', 'sample', 'helpdesk.jsonl');
  const folders = [env['OVERTURE_MSDIALOG'], join(cacheDir, 'corpora', 'msdialog')].filter((folder) => folder !== undefined && folder !== '');
  const found = await locateCorpus({ msdialog: folders as string[], sample });
  return found.name === 'sample' ? [found] : [found, { name: 'sample', uri: sample }];
}
