import { AppError } from '@overture/core';
import { corpusError } from '../reading/problem-log.ts';
import type { FileHead } from '../reading/read-head.ts';
import { exportAdvice } from '../convert/export-converters.ts';
import { clariq } from './clariq.ts';
import { conversationLines } from './conversation-lines.ts';
import type { CorpusFormat } from './corpus-format.ts';
import { msdialogJson } from './msdialog-json.ts';
import { msdialogTsv } from './msdialog-tsv.ts';

/** The supported formats, most specific first: the first match is used. */
export const corpusFormats = {
  clariq,
  'msdialog-json': msdialogJson,
  jsonl: conversationLines,
  'msdialog-tsv': msdialogTsv,
} as const satisfies Record<string, CorpusFormat>;

/** The name of a corpus format. */
export type CorpusFormatName = keyof typeof corpusFormats;

/**
 * Recognizes the format of a file from its beginning.
 * @throws AppError `CORPUS_FORMAT_UNKNOWN`
 */
export function recognizeFormat(head: FileHead): CorpusFormatName {
  for (const [name, format] of Object.entries(corpusFormats))
    if (format.recognizes(head)) return name as CorpusFormatName;
  const advice = exportAdvice(head);
  if (advice !== '')
    throw corpusError({ code: 'CORPUS_FORMAT_UNKNOWN', file: head.file, line: 1, message: advice });
  throw corpusError({
    code: 'CORPUS_FORMAT_UNKNOWN',
    file: head.file,
    line: 1,
    message: `The format could not be recognized. Expected ${Object.entries(corpusFormats)
      .map(([name, format]) => `${format.title} (${name})`)
      .join(', ')}: see docs/corpora.md, or name the format.`,
  });
}

/**
 * Parses the name of a corpus format.
 * @throws AppError `CORPUS_FORMAT_UNKNOWN`
 */
export function parseFormatName(name: string): CorpusFormatName | 'auto' {
  if (name === 'auto' || Object.hasOwn(corpusFormats, name)) return name as CorpusFormatName | 'auto';
  throw new AppError(
    'CORPUS_FORMAT_UNKNOWN',
    `A corpus format must be auto, ${Object.keys(corpusFormats).join(', ')}. Got ${JSON.stringify(name)} instead.`,
    {
      details: { key: 'format', received: name },
    },
  );
}
