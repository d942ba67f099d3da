import { ingest } from '@overture/contracts';
import { AppError } from '@overture/core';
import {
  assertTrainable,
  CorpusInspection,
  formatConversationLine,
  openCorpus,
  planSplits,
  resolveTagSet,
  weakLabelsText,
  withSplits,
  type Conversation,
  type SplitName,
} from '@overture/dialogue';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { implement } from '../implement.ts';
import type { StageContext, StageSettings } from '../stage-context.ts';

const problemsShown = 20;

/** Reads dialogues in any known format into one normalized corpus, checks it and assigns the splits. */
export async function readCorpus(
  { uri, format, protocol, tagSet, split }: z.output<typeof ingest.input>,
  { artifacts, settings, signal, heartbeat, logger }: ComputeContext,
): Promise<z.output<typeof ingest.output>> {
  const { name, uri: path, chosenBy } = chosenCorpus(uri, settings);
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  const corpus = await openCorpus(path, { format });
  const plan = await planSplits(corpus, {
    seed: split.seed,
    fractions: { train: 1 - split.valid - split.test, valid: split.valid, test: split.test },
    signal,
  });
  const inspection = new CorpusInspection(corpus, rule, plan);
  const ref = await artifacts.put(
    'corpus',
    lines(withSplits(corpus.conversations({ signal }), plan), { inspection, heartbeat }),
  );
  const summary = inspection.summary();
  assertTrainable(summary);
  const problems = summary.problems
    .map(({ severity, message }) => `${severity}: ${message}`)
    .slice(0, problemsShown);
  logger.info(
    { corpus: path, conversations: summary.total.conversations, examples: summary.total.examples, problems },
    'The corpus is read.',
  );
  const labels = weakLabelsText(summary.total.labelSources, summary.total.examples);
  return {
    corpus: ref,
    source: {
      name,
      uri: path,
      format: corpus.format,
      chosenBy,
      splitBy: plan.kind,
      protocol,
      tagSet: rule.tagSet.name,
      ...(labels !== undefined && { labels }),
      problems,
    },
    summary: {
      splits: Object.fromEntries(
        summary.splits.map(({ name: part, conversations, examples, initiative }) => [
          part,
          { conversations, examples, initiative },
        ]),
      ),
    },
  };
}

/** `readCorpus` in a child process. */
export const ingestStage = implement(
  ingest,
  inChild(import.meta.url, readCorpus, { stage: ingest.name, work: corpusBytes }),
  {
    // The file at a path may change.
    async fingerprint({ uri, format }, { settings, signal }) {
      const { uri: path } = chosenCorpus(uri, settings);
      const { files } = await openCorpus(path, { format });
      return {
        uri: path,
        files: await Promise.all(
          files.map(async ({ path: file, split }) => ({
            split: split ?? null,
            sha256: await sha256Of(file, signal),
          })),
        ),
      };
    },
  },
);

/**
 * The total bytes of the corpus files.
 * @throws AppError the errors of reading the corpus
 */
async function corpusBytes(
  { uri, format }: z.output<typeof ingest.input>,
  { settings }: Pick<StageContext, 'settings'>,
): Promise<number> {
  const { files } = await openCorpus(chosenCorpus(uri, settings).uri, { format });
  const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function* lines(
  conversations: AsyncIterable<Conversation & { readonly split: SplitName }>,
  { inspection, heartbeat }: { inspection: CorpusInspection; heartbeat: StageContext['heartbeat'] },
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let read = 0;
  for await (const conversation of conversations) {
    inspection.add(conversation);
    if (++read % 500 === 0) heartbeat({ message: `${read} conversations read`, done: read });
    yield encoder.encode(`${formatConversationLine(conversation)}\n`);
  }
}

/**
 * The corpus that the input names: a path, or a corpus registered with the worker. Default: the worker's
 * first corpus.
 */
export function chosenCorpus(
  uri: string | undefined,
  { corpora }: Pick<StageSettings, 'corpora'>,
): { name: string; uri: string; chosenBy: 'input' | 'worker' } {
  const known = uri === undefined ? corpora[0] : corpora.find(({ name }) => name === uri);
  if (known !== undefined) return { ...known, chosenBy: uri === undefined ? 'worker' : 'input' };
  if (uri !== undefined) return { name: basename(uri), uri, chosenBy: 'input' };
  throw new AppError(
    'CORPUS_NOT_CHOSEN',
    'corpus.uri must name a file or a folder of dialogues, since this worker knows no corpus of its own. Add {"corpus": {"uri": "/path"}} to the input.',
  );
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
