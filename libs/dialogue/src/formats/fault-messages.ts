import { dialogueTags } from '../dialogue-tag.ts';
import { shown } from '../reading/problem-log.ts';
import { roleWords } from './speaker-roles.ts';

/** The message for an unknown dialogue tag. */
export function unknownTag(received: unknown): string {
  return `A tag must be one of ${dialogueTags.join(', ')}. Got ${shown(received)} instead: correct it, or label the system's utterances directly (docs/corpora.md).`;
}

/** The message for an unknown role. */
export function unknownRole(received: unknown): string {
  return `A role must be one of ${roleWords.join(', ')}. Got ${shown(received)} instead.`;
}

/** The message for a conversation that contains only system prompts. */
export const onlyPrompts =
  'A conversation must have an utterance of a user or an agent. This one has system prompts only: leave it out.';

/** The message for a conversation with more utterances than the limit. */
export function tooManyUtterances(limit: number): string {
  return `A conversation may have up to ${limit.toLocaleString('en-US')} utterances, and this one has more. A blank line (TSV) or a new line (JSON Lines) ends a conversation.`;
}
