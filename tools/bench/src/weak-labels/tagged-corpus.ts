import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatConversationLine,
  labeledByRule,
  openCorpus,
  type Conversation,
  type LabelingRuleName,
} from '@overture/dialogue';

/** A corpus with human tags, in memory. */
export interface TaggedCorpus {
  readonly train: readonly Conversation[];
  readonly valid: readonly Conversation[];
}

/** Reads the splits train and valid of a corpus, but not the test split. */
export async function readTagged(path: string): Promise<TaggedCorpus> {
  const splits = { train: [] as Conversation[], valid: [] as Conversation[] };
  for await (const conversation of (await openCorpus(path)).conversations()) {
    if (conversation.split === 'train' || conversation.split === 'valid')
      splits[conversation.split].push(conversation);
  }
  if (splits.train.length === 0 || splits.valid.length === 0)
    throw new Error(`${path} must have conversations in the splits train and valid.`);
  return splits;
}

/** The conversations as in a log: without tags, and labeled by a rule. */
export function relabeled(conversations: readonly Conversation[], rule: LabelingRuleName): Conversation[] {
  return conversations.map((conversation) => ({
    ...conversation,
    utterances: labeledByRule(
      conversation.utterances.map(({ role, text }) => ({ role, text })),
      rule,
    ),
  }));
}

/**
 * Writes a corpus folder for training on `train` and scoring on `test`. Training takes its validation split
 * from `train`.
 */
export async function writeCorpus(
  folder: string,
  { train, test }: { readonly train: readonly Conversation[]; readonly test: readonly Conversation[] },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const lines = (conversations: readonly Conversation[]): string =>
    conversations.map((each) => `${formatConversationLine({ ...each, split: undefined })}\n`).join('');
  await writeFile(join(folder, 'train.jsonl'), lines(train));
  await writeFile(join(folder, 'test.jsonl'), lines(test));
  return folder;
}
