/** The twelve intents of MSDialog (Qu et al., SIGIR 2018, table 2), by the codes its files use. */
export const dialogueTagTitles = {
  OQ: 'original question',
  RQ: 'repeat question',
  CQ: 'clarifying question',
  FD: 'further details',
  FQ: 'follow-up question',
  IR: 'information request',
  PA: 'potential answer',
  PF: 'positive feedback',
  NF: 'negative feedback',
  GG: 'greetings or gratitude',
  JK: 'junk',
  O: 'other',
} as const;

/** What an utterance does; an utterance may do several things. */
export type DialogueTag = keyof typeof dialogueTagTitles;

/** All tags, in the order of the table. */
export const dialogueTags: readonly DialogueTag[] = Object.keys(dialogueTagTitles) as DialogueTag[];

export function isDialogueTag(text: string): text is DialogueTag {
  return Object.hasOwn(dialogueTagTitles, text);
}
