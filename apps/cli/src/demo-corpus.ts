import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { locateCorpus, pullCorpus, type LocatedCorpus } from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import type { CliContext } from './context.ts';

/** The folder into which `corpus pull` puts a corpus, and where the demo and the worker look for it. */
export function corpusFolder(cacheDir: string, name: string): string {
  return join(cacheDir, 'corpora', name);
}

/** How long a demo waits for a better corpus than the one available, in milliseconds. */
const pullMs = 8_000;

/**
 * MSDialog if it is available or can be downloaded within seconds, or else the sample shipped with the
 * project.
 */
export async function demoCorpus(context: CliContext): Promise<LocatedCorpus> {
  const { env, cacheDir, terminal, interrupt } = context;
  const found = await demoCorpusAtHand(context);
  if (found.name === 'msdialog') return found;
  try {
    const dir = corpusFolder(cacheDir, 'msdialog');
    const signal = AbortSignal.any([interrupt, AbortSignal.timeout(pullMs)]);
    await pullCorpus('msdialog', {
      dir,
      signal,
      fetch: proxyFetch(env),
      patience: { attempts: 1, stallTimeoutMs: 4_000, timeoutMs: pullMs },
    });
  } catch (error) {
    interrupt.throwIfAborted();
    const reason =
      toAppError(error).code === 'CORPUS_PULL_UNREACHABLE'
        ? 'its host is out of reach'
        : toAppError(error).message.split('\n')[0];
    terminal.note(
      `MSDialog is not at hand and could not be fetched in ${pullMs / 1_000} s (${reason}). "overture corpus pull msdialog" tries longer.`,
    );
  }
  return demoCorpusAtHand(context);
}

/** MSDialog from one of its usual places, or else the sample. Downloads nothing. */
export function demoCorpusAtHand({ env, cacheDir, projectRoot }: CliContext): Promise<LocatedCorpus> {
  const own = env['OVERTURE_MSDIALOG'];
  return locateCorpus({
    msdialog: [...(own ? [own] : []), corpusFolder(cacheDir, 'msdialog')],
    sample: join(projectRoot, 'data', 'sample', 'helpdesk.jsonl'),
  });
}
