/** The twelve intents of MSDialog (Qu et al., SIGIR 2018, table 2), by the codes in its files. */
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

/** A dialogue act of an utterance. An utterance may have several. */
export type DialogueTag = keyof typeof dialogueTagTitles;

/** All tags, in the order of the table. */
export const dialogueTags: readonly DialogueTag[] = Object.keys(dialogueTagTitles) as DialogueTag[];

/** Whether a text is the code of a dialogue tag. */
export function isDialogueTag(text: string): text is DialogueTag {
  return Object.hasOwn(dialogueTagTitles, text);
}
