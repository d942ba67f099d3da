import { AppError, didYouMean } from '@overture/core';
import type { FileHead } from '../reading/read-head.ts';
import { csv } from './converters/csv.ts';
import { fields } from './converters/fields.ts';
import { intercom } from './converters/intercom.ts';
import { openai } from './converters/openai.ts';
import { sharegpt } from './converters/sharegpt.ts';
import { zendesk } from './converters/zendesk.ts';
import type { ExportConverter } from './export-converter.ts';

/** The supported exports, most specific first: the first match is used. */
export const exportConverters = {
  intercom,
  zendesk,
  sharegpt,
  openai,
  csv,
  json: fields,
} as const satisfies Record<string, ExportConverter>;

/** The name of an export format. */
export type ExportName = keyof typeof exportConverters;

/**
 * Parses the name of an export format.
 * @throws AppError `EXPORT_UNKNOWN`
 */
export function parseExportName(name: string): ExportName | 'auto' {
  if (name === 'auto' || Object.hasOwn(exportConverters, name)) return name as ExportName | 'auto';
  throw new AppError(
    'EXPORT_UNKNOWN',
    `--from must be one of auto, ${Object.keys(exportConverters).join(', ')}. Got ${JSON.stringify(name)} instead.${didYouMean(name, Object.keys(exportConverters))}`,
  );
}

/** Recognizes an export format from the beginning of a file. */
export function recognizeExport(head: FileHead): ExportName | undefined {
  return (Object.keys(exportConverters) as ExportName[]).find((name) =>
    exportConverters[name].recognizes(head),
  );
}

/**
 * Names the recognized export and the command to convert it, as sentences for an error. Empty if none is
 * recognized.
 */
export function exportAdvice(head: FileHead): string {
  const name = recognizeExport(head);
  if (name === undefined) return '';
  return `It looks like an export: ${exportConverters[name].title}. Convert it: overture corpus convert ${quoted(head.file)} --from ${name} --to corpus.jsonl`;
}

/** A path or an argument, quoted for a shell. */
export function quoted(path: string): string {
  return /^[\w./@:+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
