import { AppError } from '@overture/core';
import type { Conversation, Utterance } from '../conversation.ts';
import { formatConversationLine } from '../formats/conversation-lines.ts';
import { labeledByRule, type LabelingRuleName } from '../labeling/labeling-rules.ts';
import { corpusError, ProblemLog, shown } from '../reading/problem-log.ts';
import { readHead } from '../reading/read-head.ts';
import { defaultReadLimits } from '../reading/read-limits.ts';
import type { ExportConverter } from './export-converter.ts';
import { exportConverters, quoted, recognizeExport, type ExportName } from './export-converters.ts';
import { emptyFieldMap, mapKeys, type FieldMap } from './field-map.ts';
import { jsonRecords } from './json-records.ts';
import { hasHtml, plainTextOfHtml } from './plain-text.ts';
import { noSpeaker, type RawConversation, type RawMessage } from './raw-conversation.ts';

/** Options for converting an export. */
export interface ConvertOptions {
  /** Default: recognized from the beginning of the file, or `json` with a map. */
  readonly from?: ExportName | 'auto';
  readonly map?: FieldMap;
  /** Which texts are HTML. Default: that of the export format. */
  readonly html?: ExportConverter['html'];
  /** The rule for weak labels on system turns. */
  readonly rule?: LabelingRuleName;
  readonly signal?: AbortSignal;
  readonly onProgress?: (conversations: number) => void;
}

/** Counts of converted and dropped items. Plain data, complete when the conversion has ended. */
export interface ConvertSummary {
  readonly from: ExportName;
  conversations: number;
  messages: number;
  /** Weak labels. */
  labels: { initiative: number; noInitiative: number };
  /** Dropped messages by reason, and dropped conversations. */
  readonly leftOut: {
    prompts: number;
    notes: number;
    events: number;
    emptyMessages: number;
    emptyConversations: number;
    repeatedIds: number;
    tooLong: number;
  };
}

/**
 * Converts an export to our JSON Lines, one conversation at a time. Consecutive messages are not merged; ids
 * and times are kept as metadata.
 * @throws AppError `EXPORT_UNKNOWN` if no format is recognized; `CORPUS_…`, naming the record, if it cannot
 * be read
 */
export async function convertExport(
  file: string,
  options: ConvertOptions = {},
): Promise<{ readonly lines: AsyncIterable<string>; readonly summary: ConvertSummary }> {
  const { from = 'auto', map = emptyFieldMap } = options;
  const name = from === 'auto' ? await recognized(file, map) : from;
  const summary: ConvertSummary = {
    from: name,
    conversations: 0,
    messages: 0,
    labels: { initiative: 0, noInitiative: 0 },
    leftOut: {
      prompts: 0,
      notes: 0,
      events: 0,
      emptyMessages: 0,
      emptyConversations: 0,
      repeatedIds: 0,
      tooLong: 0,
    },
  };
  return { lines: convertedLines(file, { ...options, name, map }, summary), summary };
}

async function recognized(file: string, map: FieldMap): Promise<ExportName> {
  const found = recognizeExport(await readHead(file));
  if (found !== undefined) return found;
  if (Object.keys(map.paths).length > 0) return 'json';
  throw new AppError(
    'EXPORT_UNKNOWN',
    `${file} looks like none of the exports that can be converted (${Object.values(exportConverters)
      .map(({ title }) => title)
      .join(
        '; ',
      )}). Name it with --from, or say where the messages are: --map messages=PATH --map role=PATH --map text=PATH.`,
  );
}

interface Converting extends ConvertOptions {
  readonly name: ExportName;
  readonly map: FieldMap;
}

async function* convertedLines(
  file: string,
  { name, map, html, rule, signal, onProgress }: Converting,
  summary: ConvertSummary,
): AsyncGenerator<string> {
  const converter: ExportConverter = exportConverters[name];
  const { conversations: list } = map.paths;
  const records =
    converter.records?.(file, { map, signal }) ??
    jsonRecords(file, list === undefined ? converter.lists : [list], signal);
  const problems = new ProblemLog(defaultReadLimits.problems);
  const ids = new Set<string>();
  for await (const { value, number } of records) {
    problems.record();
    const raw = converter.convert(value, map);
    if (raw === undefined) {
      const message = `This record is not a conversation as in ${converter.title}. Check --from, or name the fields with --map (${mapKeys.join(', ')}).`;
      problems.add({ code: 'CORPUS_FIELD', file, line: number, message });
      continue;
    }
    for (const word of unknownSpeakers(raw)) {
      const [user, system, skip] = ['user', 'system', 'skip'].map(
        (key) => `--map ${quoted(`${key}=${word}`)}`,
      );
      const advice = `Say what it means: ${user}, ${system} or ${skip}.`;
      const message =
        word === noSpeaker
          ? `A message has no speaker${name === 'json' ? ' at the path of role (--map role=PATH)' : ''}. ${advice}`
          : `The speaker ${shown(word)} is unknown. ${advice}`;
      problems.add({ code: 'CORPUS_ROLE_UNKNOWN', file, line: number, message });
    }
    if (typeof raw.id === 'number' && Number.isInteger(raw.id) && !Number.isSafeInteger(raw.id)) {
      const message = `The id is a number with more digits than JSON readers keep (about ${raw.id}), so that different ids would become one. Export ids as text.`;
      problems.add({ code: 'CORPUS_FIELD', file, line: number, key: 'id', kind: 'id too large', message });
      continue;
    }
    const id = raw.id === undefined ? `${name}-${number}` : String(raw.id);
    if (ids.has(id)) {
      summary.leftOut.repeatedIds++;
      continue;
    }
    const conversation = converted(raw, { id, html: html ?? converter.html }, summary);
    if (conversation === undefined) continue;
    ids.add(id);
    const utterances =
      rule === undefined ? conversation.utterances : labeledByRule(conversation.utterances, rule);
    const line = formatConversationLine({ ...conversation, utterances });
    if (
      Buffer.byteLength(line) > defaultReadLimits.lineBytes ||
      utterances.length > defaultReadLimits.utterances
    ) {
      summary.leftOut.tooLong++;
      continue;
    }
    if (!problems.empty) continue;
    summary.conversations++;
    summary.messages += utterances.length;
    for (const { initiative } of utterances)
      if (initiative !== undefined) summary.labels[initiative ? 'initiative' : 'noInitiative']++;
    onProgress?.(summary.conversations);
    yield line;
  }
  problems.throwIfAny();
  if (summary.conversations === 0)
    throw corpusError({
      code: 'CORPUS_EMPTY',
      file,
      message:
        summary.leftOut.tooLong > 0
          ? `A conversation of a corpus may have up to ${defaultReadLimits.lineBytes.toLocaleString('en-US')} bytes and ${defaultReadLimits.utterances.toLocaleString('en-US')} messages. All ${summary.leftOut.tooLong} in this export are longer. Split them.`
          : 'An export must have conversations, and this one has none with a message of a user or an agent.',
    });
}

function unknownSpeakers({ messages }: RawConversation): Set<string> {
  return new Set(messages.flatMap(({ speaker }) => (typeof speaker === 'object' ? [speaker.unknown] : [])));
}

const reasons = { prompt: 'prompts', note: 'notes', event: 'events' } as const;

function converted(
  raw: RawConversation,
  { id, html }: { readonly id: string; readonly html: ExportConverter['html'] },
  { leftOut }: ConvertSummary,
): Conversation | undefined {
  const utterances: Utterance[] = [];
  for (const message of raw.messages) {
    const { speaker } = message;
    if (typeof speaker === 'object') continue;
    if (speaker !== 'user' && speaker !== 'system') {
      leftOut[reasons[speaker]]++;
      continue;
    }
    const text = (
      html === 'always' || (html === 'detect' && hasHtml(message.text))
        ? plainTextOfHtml(message.text)
        : message.text
    ).trim();
    if (text === '') leftOut.emptyMessages++;
    else utterances.push({ role: speaker, text: text.toWellFormed(), ...metaOf(message) });
  }
  if (utterances.length === 0) {
    leftOut.emptyConversations++;
    return undefined;
  }
  return {
    id: id.slice(0, 500),
    ...(raw.title !== undefined && raw.title !== '' && { title: raw.title }),
    utterances,
    ...(raw.time !== undefined && { meta: { time: raw.time } }),
  };
}

function metaOf({ id, time, author }: RawMessage): Pick<Utterance, 'meta'> {
  const meta = {
    ...(id !== undefined && { id }),
    ...(time !== undefined && { time }),
    ...(author !== undefined && { author }),
  };
  return Object.keys(meta).length === 0 ? {} : { meta };
}
