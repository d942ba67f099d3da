import type { Conversation } from '../conversation.ts';
import { corpusError, shown } from '../reading/problem-log.ts';
import { readLines } from '../reading/read-lines.ts';
import type { CorpusFormat, ReadContext } from './corpus-format.ts';
import { quotedRows, type Row } from './quoted-rows.ts';

/**
 * ClariQ (Aliannejadi et al., EMNLP 2021): one row per topic, facet and question; one conversation per topic.
 * The system should ask if the clarification need is 2, 3 or 4 (1 = the request is clear).
 */
export const clariq: CorpusFormat = {
  title: 'ClariQ TSV',
  recognizes: ({ firstLine }) =>
    columnsOf(firstLine).some((column) => column === 'initial_request' || column === 'clarification_need'),
  unlabeled: ({ firstLine }) =>
    columnsOf(firstLine).includes('clarification_need')
      ? undefined
      : 'it has no column clarification_need; ClariQ publishes the labels of test.tsv in test_with_labels.tsv',
  async *read(context) {
    const { file, limits, problems, signal } = context;
    const seen = new Map<string, string>();
    let header: Row | undefined;
    for await (const row of quotedRows(readLines(file, limits, signal), file)) {
      if (header === undefined) {
        header = { ...row, fields: row.fields.map(columnName) };
        assertColumns(header, file);
        continue;
      }
      problems.record();
      if (row.fields.length !== header.fields.length) {
        const message = `A row must have ${header.fields.length} columns, like the header. Got ${row.fields.length} instead.`;
        problems.add({ code: 'CORPUS_COLUMNS', file, line: row.line, message });
        continue;
      }
      const conversation = firstOfTopic(topicOf(header, row), seen, { ...context, line: row.line });
      if (conversation) yield conversation;
    }
  },
};

/** The official test.tsv writes `initial request` with a space. */
function columnName(written: string): string {
  return written.trim().toLowerCase().replaceAll(' ', '_');
}

function columnsOf(firstLine: string): string[] {
  return firstLine.split('\t').map((column) => columnName(column.replace(/^"(.*)"$/, '$1')));
}

interface Topic {
  readonly id: string;
  readonly request: string;
  readonly need: string;
  readonly question: string;
}

const needed = ['topic_id', 'initial_request', 'clarification_need'];

function assertColumns({ fields, line }: Row, file: string): void {
  const missing = needed.filter((column) => !fields.includes(column));
  if (missing.length === 0) return;
  const official =
    missing.length === 1 && missing[0] === 'clarification_need'
      ? ' ClariQ publishes the labels of test.tsv in test_with_labels.tsv.'
      : '';
  throw corpusError({
    code: 'CORPUS_COLUMNS',
    file,
    line,
    message: `The header must name the columns ${needed.join(', ')}. ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; it has ${fields.map(shown).join(', ')}.${official}`,
  });
}

function topicOf(header: Row, { fields }: Row): Topic {
  const field = (column: string): string => fields[header.fields.indexOf(column)] ?? '';
  return {
    id: field('topic_id').trim(),
    request: field('initial_request').trim(),
    need: field('clarification_need').trim(),
    question: field('question').trim(),
  };
}

function firstOfTopic(
  topic: Topic,
  seen: Map<string, string>,
  { file, line, name, problems }: ReadContext & { line: number },
): Conversation | undefined {
  const before = seen.get(topic.id);
  if (before !== undefined) {
    if (before === topic.need) return undefined;
    const message = `All rows of a topic must have one clarification need. Topic ${topic.id} has ${before} before and ${shown(topic.need)} here.`;
    problems.add({ code: 'CORPUS_FIELD', file, line, key: 'clarification_need', message });
    return undefined;
  }
  if (!/^[1-4]$/.test(topic.need)) {
    const message = `A clarification need must be 1, 2, 3 or 4. Got ${shown(topic.need)} instead.`;
    problems.add({ code: 'CORPUS_FIELD', file, line, key: 'clarification_need', message });
    return undefined;
  }
  seen.set(topic.id, topic.need);
  const initiative = topic.need !== '1';
  return {
    id: `${name}-${topic.id}`,
    utterances: [
      { role: 'user', text: topic.request },
      { role: 'system', text: initiative ? topic.question : '', initiative },
    ],
    source: { file, line },
  };
}
