import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { locateCorpus, pullCorpus, type LocatedCorpus } from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import type { CliContext } from './context.ts';

/** Where `corpus pull` puts a corpus, and where demo and worker look for it. */
export function corpusFolder(cacheDir: string, name: string): string {
  return join(cacheDir, 'corpora', name);
}

/** How long a demo may wait for a corpus that is better than the one it has. */
const pullMs = 8_000;

/** MSDialog when it is at hand or comes within seconds, else the sample that ships with the project. */
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
      toAppError(error).code === 'CORPUS_PULL_UNREACHABLE' ? 'its host is out of reach' : toAppError(error).message.split('\n')[0];
    terminal.note(
      `MSDialog is not at hand and could not be fetched in ${pullMs / 1_000} s (${reason}). "overture corpus pull msdialog" tries longer.`,
    );
  }
  return demoCorpusAtHand(context);
}

/** MSDialog in one of its usual places, else the sample; fetches nothing. */
export function demoCorpusAtHand({ env, cacheDir, projectRoot }: CliContext): Promise<LocatedCorpus> {
  const own = env['OVERTURE_MSDIALOG'];
  return locateCorpus({
    msdialog: [...(own ? [own] : []), corpusFolder(cacheDir, 'msdialog')],
    sample: join(projectRoot, 'data', 'sample', 'helpdesk.jsonl'),
  });
}
