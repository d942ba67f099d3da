import { AppError } from '@overture/core';
import { dialogueTags, isDialogueTag, type DialogueTag } from './dialogue-tag.ts';

/** The tags that count as taking the initiative. */
export interface TagSet {
  /** A preset's name, or the tags joined by `+`. */
  readonly name: string;
  readonly tags: readonly DialogueTag[];
}

/** The presets by name. To add one: a row here. */
export const tagSets = {
  /**
   * Meng et al., "System Initiative Prediction for Multi-turn Conversational Information Seeking", CIKM 2023,
   * section 4.
   */
  'cikm23-5': ['OQ', 'RQ', 'CQ', 'FQ', 'IR'],
  /**
   * One reading of the poster "Fine-Tuning LLMs for System Initiative Prediction", which mentions seven tags
   * without listing them: everything but answers, details, feedback and greetings (PA, FD, PF, NF, GG). Of
   * all ways to add two tags to the five, this comes closest to the poster's 72 % without initiative (68.8 %
   * under the protocol `utterance`).
   */
  'poster-7': ['OQ', 'RQ', 'CQ', 'FQ', 'IR', 'JK', 'O'],
} as const satisfies Record<string, readonly DialogueTag[]>;

/** The name of a preset. */
export type TagSetName = keyof typeof tagSets;

/** A tag set as configured: a preset's name or a list of tags. */
export type TagSetInput = string | readonly string[];

/** The preset used by default. */
export const defaultTagSet: TagSetName = 'cikm23-5';

/**
 * Resolves the tag set of a configuration.
 * @throws AppError `TAG_SET_UNKNOWN` for an unknown preset, an unknown tag or an empty list
 */
export function resolveTagSet(input: TagSetInput = defaultTagSet): TagSet {
  if (typeof input === 'string') {
    if (Object.hasOwn(tagSets, input)) return { name: input, tags: tagSets[input as TagSetName] };
    throw unknown(`Got ${JSON.stringify(input)} instead`, { received: input });
  }
  const strange = input.filter((tag) => !isDialogueTag(tag));
  if (strange.length > 0)
    throw unknown(`Got the unknown tags ${strange.map((tag) => JSON.stringify(tag)).join(', ')}`, {
      received: strange,
    });
  if (input.length === 0) throw unknown('Got an empty list instead', { received: [] });
  const tags = dialogueTags.filter((tag) => input.includes(tag));
  const preset = Object.entries(tagSets).find(
    ([, members]) =>
      members.length === tags.length && tags.every((tag) => (members as readonly string[]).includes(tag)),
  );
  return { name: preset?.[0] ?? tags.join('+'), tags };
}

function unknown(received: string, details: { received: string | readonly string[] }): AppError {
  return new AppError(
    'TAG_SET_UNKNOWN',
    `A tag set must be one of ${Object.keys(tagSets).join(', ')}, or a list of tags out of ${dialogueTags.join(', ')}. ${received}.`,
    { details },
  );
}
