import * as z from 'zod';
import { splitNames, type Conversation } from '../conversation.ts';
import { dialogueTags } from '../dialogue-tag.ts';
import { jsonFault, notJsonLines, shownKeys } from '../reading/json-fault.ts';
import { corpusError, ProblemLog, shown } from '../reading/problem-log.ts';
import type { FileHead } from '../reading/read-head.ts';
import { readLines } from '../reading/read-lines.ts';
import { defaultReadLimits } from '../reading/read-limits.ts';
import type { CorpusFormat } from './corpus-format.ts';
import { onlyPrompts, tooManyUtterances, unknownRole, unknownTag } from './fault-messages.ts';
import { addSchemaFaults } from './schema-faults.ts';
import { exportAdvice } from '../convert/export-converters.ts';
import { isRoleWord, readSpeakers } from './speaker-roles.ts';

/**
 * Unknown keys are errors, so that a misspelled key is not ignored silently. `meta` may contain any other
 * data.
 */
const onlyKeys = (keys: string) => ({
  error: (issue: { readonly code: string; readonly keys?: unknown }) =>
    issue.code === 'unrecognized_keys'
      ? `The keys must be ${keys}. Got ${shown(issue.keys)} besides: correct the spelling, or put it under meta.`
      : undefined,
});

// Exporters write every key, with null for missing values: for optional keys, null means absent.
const UtteranceLine = z.strictObject(
  {
    role: z
      .string({ error: ({ input }) => unknownRole(input) })
      .refine(isRoleWord, { error: ({ input }) => unknownRole(input) }),
    text: z.string({ error: ({ input }) => `The text must be a string. Got ${shown(input)} instead.` }),
    tags: z.array(z.enum(dialogueTags, { error: ({ input }) => unknownTag(input) })).nullish(),
    initiative: z
      .boolean({ error: ({ input }) => `initiative must be true or false. Got ${shown(input)} instead.` })
      .nullish(),
    labelSource: z.string().min(1).max(200).nullish(),
    meta: z.unknown().optional(),
  },
  onlyKeys('role, text, tags, initiative, labelSource, meta'),
);

/** Whether the first line is a conversation in our format, whatever other keys it has. */
function isConversation({ firstLine }: FileHead): boolean {
  return /^\s*\{/.test(firstLine) && /"utterances"\s*:/.test(firstLine);
}

/** Exporters also write numbers as ids. */
function isId(value: unknown): boolean {
  return typeof value === 'string' ? value.length >= 1 && value.length <= 500 : Number.isSafeInteger(value);
}

const wrongId =
  'id must be text of 1 to 500 characters, or a whole number that JSON keeps exactly (up to 9,007,199,254,740,991).';

const ConversationLine = z.strictObject(
  {
    id: z
      .custom<string | number>(isId, { error: ({ input }) => `${wrongId} Got ${shown(input)} instead.` })
      .nullish(),
    split: z
      .enum([...splitNames, 'dev', 'validation'], {
        error: ({ input }) =>
          `split must be one of train, valid (or dev, validation), test. Got ${shown(input)} instead.`,
      })
      .nullish(),
    title: z.string().nullish(),
    utterances: z
      .array(UtteranceLine, {
        error: ({ input }) => `utterances must be a list. Got ${shown(input)} instead.`,
      })
      .min(1, 'utterances must be a list with at least one utterance. Got [] instead.'),
    meta: z.unknown().optional(),
  },
  onlyKeys('id, split, title, utterances, meta'),
);

/**
 * Our own JSON Lines, documented in docs/corpora.md: one conversation per line. Also the form of an ingested
 * corpus.
 */
export const conversationLines: CorpusFormat = {
  title: 'JSON Lines of conversations',
  recognizes: ({ text, file }) => /^\s*[{[]/.test(text) || /\.(jsonl|ndjson)$/i.test(file),
  refusal: (head) => {
    const advice = isConversation(head) ? '' : exportAdvice(head);
    return advice === '' ? notJsonLines(head) : advice;
  },
  async *read({ file, name, limits, problems, signal }) {
    for await (const { text, number } of readLines(file, limits, signal)) {
      if (text.trim() === '') continue;
      problems.record();
      const conversation = parse(text, { file, line: number, name, problems, utterances: limits.utterances });
      if (conversation) yield conversation;
    }
  },
};

/** The position of a line. `name` is the prefix of generated conversation ids. */
export interface LineSource {
  readonly file: string;
  readonly line: number;
  readonly name?: string;
}

/**
 * Parses one line of our JSON Lines.
 * @throws AppError `CORPUS_JSON`, `CORPUS_FIELD`, `CORPUS_TAG_UNKNOWN`, `CORPUS_ROLE_UNKNOWN`, or
 * `CORPUS_INVALID` for several
 */
export function parseConversationLine(text: string, where: LineSource): Conversation {
  const problems = new ProblemLog(defaultReadLimits.problems);
  const conversation = parse(text, {
    name: 'line',
    ...where,
    problems,
    utterances: defaultReadLimits.utterances,
  });
  if (conversation?.utterances.length === 0)
    problems.add({ code: 'CORPUS_FIELD', file: where.file, line: where.line, message: onlyPrompts });
  problems.throwIfAny();
  if (conversation) return conversation;
  throw corpusError({
    code: 'CORPUS_EMPTY',
    file: where.file,
    line: where.line,
    message: 'A line must hold a conversation, and this one holds nothing.',
  });
}

/**
 * The inverse of `parseConversationLine`, without the source position. Has no trailing newline, and its keys
 * are in a fixed order.
 */
export function formatConversationLine({ id, split, title, utterances, meta }: Conversation): string {
  const lines = utterances.map(({ role, text, tags, initiative, labelSource, meta: about }) => ({
    role,
    text,
    tags,
    initiative,
    labelSource,
    meta: about,
  }));
  return JSON.stringify({ id, split, title, utterances: lines, meta });
}

interface LinePosition {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly problems: ProblemLog;
  readonly utterances: number;
}

function parse(
  text: string,
  { file, line, name, problems, utterances: limit }: LinePosition,
): Conversation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    problems.add({
      code: 'CORPUS_JSON',
      file,
      line,
      kind: 'not JSON',
      message: jsonFault(text, error as Error),
    });
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add({
      code: 'CORPUS_JSON',
      file,
      line,
      message: `A line must be one JSON object with "utterances". Got ${shown(value)} instead.`,
    });
    return undefined;
  }
  if (!Object.hasOwn(value, 'utterances')) {
    const message = `A line must be a conversation, with the key "utterances". This one has ${shownKeys(value)}.`;
    problems.add({ code: 'CORPUS_FIELD', file, line, key: 'utterances', kind: 'no utterances', message });
    return undefined;
  }
  const count = (value as { utterances?: unknown }).utterances;
  if (Array.isArray(count) && count.length > limit) {
    problems.add({
      code: 'CORPUS_CONVERSATION_TOO_LONG',
      file,
      line,
      key: 'utterances',
      message: tooManyUtterances(limit),
    });
    return undefined;
  }
  const parsed = ConversationLine.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    addSchemaFaults(problems, parsed.error, { file, line, path: [] });
    return undefined;
  }
  const { id, split, title } = parsed.data;
  // Empty only if all utterances are system prompts.
  const read = readSpeakers(
    parsed.data.utterances.map(({ role: word, text: said, tags, initiative, labelSource }) => ({
      word,
      text: said,
      ...(tags != null && { tags }),
      ...(initiative != null && { initiative, ...(labelSource != null && { labelSource }) }),
    })),
  );
  return {
    id: id == null ? `${name}-${line}` : String(id),
    ...(split != null && { split: split === 'dev' || split === 'validation' ? 'valid' : split }),
    ...(title != null && { title }),
    ...read,
    source: { file, line },
  };
}
