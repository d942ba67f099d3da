import { AppError, didYouMean } from '@overture/core';
import type { FileHead } from '../reading/read-head.ts';
import { csv } from './converters/csv.ts';
import { fields } from './converters/fields.ts';
import { intercom } from './converters/intercom.ts';
import { openai } from './converters/openai.ts';
import { sharegpt } from './converters/sharegpt.ts';
import { zendesk } from './converters/zendesk.ts';
import type { ExportConverter } from './export-converter.ts';

/** The exports that can be converted, most particular first: recognition takes the first that fits. */
export const exportConverters = { intercom, zendesk, sharegpt, openai, csv, json: fields } as const satisfies Record<
  string,
  ExportConverter
>;

export type ExportName = keyof typeof exportConverters;

/** @throws AppError `EXPORT_UNKNOWN` */
export function parseExportName(name: string): ExportName | 'auto' {
  if (name === 'auto' || Object.hasOwn(exportConverters, name)) return name as ExportName | 'auto';
  throw new AppError(
    'EXPORT_UNKNOWN',
    `--from must be one of auto, ${Object.keys(exportConverters).join(', ')}. Got ${JSON.stringify(name)} instead.${didYouMean(name, Object.keys(exportConverters))}`,
  );
}

/** The export that a file looks like, from its beginning. */
export function recognizeExport(head: FileHead): ExportName | undefined {
  return (Object.keys(exportConverters) as ExportName[]).find((name) => exportConverters[name].recognizes(head));
}

/** What a file looks like and how to convert it, as sentences for an error; empty when it looks like no export. */
export function exportAdvice(head: FileHead): string {
  const name = recognizeExport(head);
  if (name === undefined) return '';
  return `It looks like an export: ${exportConverters[name].title}. Convert it: overture corpus convert ${quoted(head.file)} --from ${name} --to corpus.jsonl`;
}

/** A path or an argument as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./@:+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
