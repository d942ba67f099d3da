import { corpusError } from '../reading/problem-log.ts';
import type { Line } from '../reading/read-lines.ts';

/** The fields of one record of a quoted TSV file. */
export interface Row {
  readonly fields: readonly string[];
  /** 1-based line on which the record begins. */
  readonly line: number;
}

/** Maximum characters of a record that spans several lines: it is rescanned at each of its lines. */
const longestRecord = 64 * 1024;

/**
 * Records of a tab-separated file with quotes as in RFC 4180. A field that begins with `"` ends at the next
 * lone `"` and may contain tabs, doubled quotes and line breaks. Blank lines between records are skipped.
 * @throws AppError `CORPUS_COLUMNS` for a quote that is not closed within 64 KiB
 */
export async function* quotedRows(lines: AsyncIterable<Line>, file: string): AsyncGenerator<Row> {
  let held: Line | undefined;
  for await (const line of lines) {
    const record: Line = held ? { text: `${held.text}\n${line.text}`, number: held.number } : line;
    if (record.text.trim() === '') continue;
    const fields = splitFields(record.text);
    if (fields) yield { fields, line: record.number };
    else if (record.text.length > longestRecord) throw unclosed(file, record.number);
    held = fields ? undefined : record;
  }
  if (held) throw unclosed(file, held.number);
}

/** The fields of a record, or undefined while a quote is open. */
function splitFields(text: string): string[] | undefined {
  const fields: string[] = [];
  let start = 0;
  while (start <= text.length) {
    if (text[start] !== '"') {
      const end = text.indexOf('\t', start);
      fields.push(end < 0 ? text.slice(start) : text.slice(start, end));
      if (end < 0) return fields;
      start = end + 1;
      continue;
    }
    const close = closingQuote(text, start + 1);
    if (close < 0) return undefined;
    // Text between the closing quote and the next tab also belongs to the field, as in Python's csv.
    const end = text.indexOf('\t', close);
    fields.push(
      text.slice(start + 1, close).replaceAll('""', '"') +
        (end < 0 ? text.slice(close + 1) : text.slice(close + 1, end)),
    );
    if (end < 0) return fields;
    start = end + 1;
  }
  return fields;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function unclosed(file: string, line: number): Error {
  return corpusError({
    code: 'CORPUS_COLUMNS',
    file,
    line,
    message: 'A quote that opens in this row is never closed. Double the quotes inside quoted fields ("").',
  });
}
