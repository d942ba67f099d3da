import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { AppError } from '@overture/core';
import { corpusError, shown } from '../../reading/problem-log.ts';
import { readUtf8 } from '../../reading/read-bytes.ts';
import { readHead, type FileHead } from '../../reading/read-head.ts';
import type { ExportConverter, ExportRecord, ReadRecordsOptions } from '../export-converter.ts';
import type { FieldMap } from '../field-map.ts';
import { fields } from './fields.ts';

/** Column names that are recognized without `--map`, most specific first. */
const names = {
  id: [
    'conversation_id',
    'conversationid',
    'chat_id',
    'ticket_id',
    'thread_id',
    'dialogue_id',
    'dialog_id',
    'session_id',
    'conversation',
    'ticket',
    'chat',
    'thread',
    'session',
  ],
  role: ['role', 'sender_type', 'author_type', 'speaker', 'sender', 'author', 'from', 'actor'],
  text: ['text', 'message', 'body', 'content', 'utterance', 'msg', 'value'],
  time: ['time', 'timestamp', 'created_at', 'createdat', 'date', 'sent_at'],
  'message-id': ['message_id', 'messageid', 'utterance_id'],
} as const;

/**
 * Comma-separated values (also with semicolons or tabs): one message per row, with the rows of a conversation
 * together.
 */
export const csv: ExportConverter = {
  title: 'CSV, one message per row',
  recognizes: (head) => {
    const firstLine = headerOf(head);
    const separator = separatorOf(firstLine);
    if (separator === undefined || /^[[{]/.test(firstLine)) return false;
    const columns = firstLine.split(separator).map(columnName);
    return (['id', 'role', 'text'] as const).every((key) =>
      names[key].some((name) => columns.includes(name)),
    );
  },
  lists: [],
  html: 'detect',
  // Rows already have the field names of the map.
  convert: (record, { words }) => fields.convert(record, { paths: {}, words }),
  records: rowsTogether,
};

async function* rowsTogether(
  file: string,
  { map, signal }: ReadRecordsOptions,
): AsyncGenerator<ExportRecord> {
  const head = await readHead(file);
  const parser = parse({
    delimiter: separatorOf(headerOf(head)) ?? ',',
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
  });
  // An error in either stream ends the iteration below.
  pipeline(Readable.from(readUtf8(file, signal)), parser, () => undefined);
  let columns: Record<keyof typeof names, number> | undefined;
  let held: { id: string; messages: Record<string, string>[] } | undefined;
  const closed = new Set<string>();
  let header: readonly string[] = [];
  let number = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (columns === undefined) {
        if (isSeparatorLine(record.join(''))) continue;
        columns = columnsOf(record, map, file);
        header = record;
        continue;
      }
      if (record.slice(header.length).some((each) => each.trim() !== '')) {
        throw corpusError({
          code: 'CORPUS_COLUMNS',
          file,
          line: info.lines,
          message: `A row must have as many columns as the header (${header.length}), and this one has ${record.length}. Quote texts that have the separator in them.`,
        });
      }
      const cell = (key: keyof typeof names): string => record[columns![key]] ?? '';
      const id = cell('id');
      if (id === '') {
        const message = `Each row must name its conversation in the column ${shown(header[columns.id])}. This one is empty there.`;
        throw corpusError({ code: 'CORPUS_FIELD', file, line: info.lines, message });
      }
      if (held !== undefined && held.id !== id) {
        closed.add(held.id);
        yield { value: held, number: ++number };
        held = undefined;
      }
      if (closed.has(id)) {
        throw corpusError({
          code: 'CORPUS_FIELD',
          file,
          line: info.lines,
          message: `The rows of a conversation must be together, and those of ${shown(id)} are not. Sort the file by conversation and time.`,
        });
      }
      held ??= { id, messages: [] };
      held.messages.push({
        role: cell('role'),
        text: cell('text'),
        time: cell('time'),
        id: cell('message-id'),
      });
    }
    if (held !== undefined) yield { value: held, number: ++number };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw quoteError(error as Error & { readonly code?: string; readonly lines?: number }, file);
  }
}

/** The parser's errors concern quotes: with its options, nothing else can be wrong. */
function quoteError(error: Error & { readonly code?: string; readonly lines?: number }, file: string): Error {
  const message =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'A text opens a quote that the file never closes. Close it, or double the quote if it is part of the text.'
      : 'A text has quotes of its own that are not doubled. Put the text in quotes and double those in it, such as "she said ""hi"" to me".';
  return corpusError({ code: 'CORPUS_COLUMNS', file, line: error.lines, message }, error);
}

function columnsOf(
  header: readonly string[],
  { paths }: FieldMap,
  file: string,
): Record<keyof typeof names, number> {
  const plain = header.map(columnName);
  const find = (key: keyof typeof names): number => {
    const own = paths[key];
    return own === undefined
      ? plain.indexOf(names[key].find((name) => plain.includes(name)) ?? '\0')
      : header.findIndex((column) => column.trim() === own);
  };
  const columns = Object.fromEntries(
    (Object.keys(names) as (keyof typeof names)[]).map((key) => [key, find(key)]),
  ) as Record<keyof typeof names, number>;
  const missing = (['id', 'role', 'text'] as const).filter((key) => columns[key] < 0);
  if (missing.length === 0) return columns;
  throw corpusError({
    code: 'CORPUS_COLUMNS',
    file,
    line: 1,
    message: `The columns for ${missing.join(', ')} could not be found among ${header.map(shown).join(', ')}. Name them: ${missing.map((key) => `--map ${key}=COLUMN`).join(' ')}.`,
  });
}

/** Excel writes `sep=;` before the header. */
function isSeparatorLine(line: string): boolean {
  return /^\uFEFF?sep=.?$/i.test(line.trim());
}

function headerOf({ text, firstLine }: FileHead): string {
  return isSeparatorLine(firstLine) ? (text.trimStart().split(/\r?\n/, 2)[1] ?? '') : firstLine;
}

function separatorOf(firstLine: string): string | undefined {
  return [',', ';', '\t']
    .map((each) => ({ each, count: firstLine.split(each).length - 1 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)[0]?.each;
}

function columnName(written: string): string {
  return written
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}
