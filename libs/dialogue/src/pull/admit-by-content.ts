import { rm } from 'node:fs/promises';
import { AppError } from '@overture/core';
import { installFile } from '@overture/downloads';
import { examplesOf } from '../example.ts';
import type { CorpusFormatName } from '../formats/corpus-formats.ts';
import { openCorpus } from '../open-corpus.ts';
import { resolveTagSet } from '../tag-set.ts';
import type { CatalogueFile } from './corpus-catalogue.ts';

/**
 * Renames a file without a known hash to its final name, if it can be read as a corpus with the counts in the
 * catalog.
 * @throws AppError `CORPUS_PULL_MISMATCH`; the file is then removed
 */
export async function admitByContent(
  unverified: string,
  to: string,
  expected: Pick<CatalogueFile, 'holds'> & {
    readonly format: CorpusFormatName;
    readonly url: string;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  try {
    const held = await contentOf(unverified, expected);
    if (worded(held) !== worded(expected.holds))
      throw mismatch(expected.url, worded(expected.holds), worded(held));
  } catch (error) {
    await rm(unverified, { force: true });
    if (!(error instanceof AppError) || error.code === 'CORPUS_PULL_MISMATCH') throw error;
    throw mismatch(
      expected.url,
      worded(expected.holds),
      `a file that cannot be read: ${error.message}`,
      error,
    );
  }
  await installFile(unverified, to);
}

async function contentOf(
  path: string,
  { format, signal }: { readonly format: CorpusFormatName; readonly signal?: AbortSignal },
): Promise<CatalogueFile['holds']> {
  const corpus = await openCorpus(path, { format });
  const rule = { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') } as const;
  let [conversations, examples, initiative] = [0, 0, 0];
  for await (const conversation of corpus.conversations({ signal })) {
    conversations++;
    for (const { label } of examplesOf(conversation, rule)) {
      examples++;
      initiative += label;
    }
  }
  return { conversations, examples, initiative };
}

function worded({ conversations, examples, initiative }: CatalogueFile['holds']): string {
  return `${conversations} conversations with ${examples} examples, ${initiative} of them with initiative`;
}

function mismatch(url: string, expected: string, came: string, cause?: unknown): AppError {
  return new AppError(
    'CORPUS_PULL_MISMATCH',
    `${url} should hold ${expected}. Got ${came}. Nothing was installed: the file changed at its source, or a proxy answered in its place.`,
    {
      details: { url, expected, came },
      cause,
    },
  );
}
