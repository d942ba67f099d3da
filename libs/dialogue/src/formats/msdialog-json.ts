import * as z from 'zod';
import type { Conversation } from '../conversation.ts';
import { isDialogueTag, type DialogueTag } from '../dialogue-tag.ts';
import { readObjectEntries, type ObjectEntry } from '../reading/read-object-entries.ts';
import type { CorpusFormat, ReadContext } from './corpus-format.ts';
import { tooManyUtterances, unknownRole, unknownTag } from './fault-messages.ts';
import { addSchemaFaults } from './schema-faults.ts';
import { isRoleWord, readSpeakers, type WordedUtterance } from './speaker-roles.ts';

const Dialogue = z.looseObject({
  title: z.string().nullish(),
  utterances: z
    .array(z.looseObject({ actor_type: z.string(), utterance: z.string(), tags: z.string().nullish() }))
    .min(1),
});

/**
 * The official files of the University of Massachusetts: one JSON object of dialogue id → dialogue.
 * MSDialog-Intent has tags ("OQ GG"). MSDialog-Complete has the same shape without tags.
 */
export const msdialogJson: CorpusFormat = {
  title: 'MSDialog, official JSON',
  recognizes: ({ text }) => /^\s*\{\s*("(?!meta")(?:[^"\\]|\\.)*"\s*:\s*\{|\})/.test(text),
  async *read(context) {
    for await (const entry of readObjectEntries(context.file, context.limits, context.signal)) {
      context.problems.record();
      const conversation = parseDialogue(entry, context);
      if (conversation) yield conversation;
    }
  },
};

function parseDialogue(
  { key, value, line }: ObjectEntry,
  { file, limits, problems }: ReadContext,
): Conversation | undefined {
  const parsed = Dialogue.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    addSchemaFaults(problems, parsed.error, { file, line, path: [key] });
    return undefined;
  }
  const { title, utterances } = parsed.data;
  if (utterances.length > limits.utterances) {
    problems.add({
      code: 'CORPUS_CONVERSATION_TOO_LONG',
      file,
      line,
      key,
      message: tooManyUtterances(limits.utterances),
    });
    return undefined;
  }
  const at = (i: number, member: string): string => `${key}.utterances[${i}].${member}`;
  const read: WordedUtterance[] = [];
  utterances.forEach(({ actor_type: speaker, utterance, tags }, i) => {
    const words = (tags ?? '').split(/[\s_]+/).filter((word) => word !== '');
    for (const word of words) {
      if (!isDialogueTag(word))
        problems.add({
          code: 'CORPUS_TAG_UNKNOWN',
          file,
          line,
          key: at(i, 'tags'),
          message: unknownTag(word),
        });
    }
    if (!isRoleWord(speaker))
      problems.add({
        code: 'CORPUS_ROLE_UNKNOWN',
        file,
        line,
        key: at(i, 'actor_type'),
        message: unknownRole(speaker),
      });
    else
      read.push({
        word: speaker,
        text: utterance.trim(),
        ...(words.length > 0 && { tags: words as DialogueTag[] }),
      });
  });
  return { id: key, ...(title ? { title } : {}), ...readSpeakers(read), source: { file, line } };
}
