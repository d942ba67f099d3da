import { protocols, type Protocol } from '@overture/dialogue';
import { z } from 'zod';
import { defaultOpeningShare, wholeSlack } from './fit-turns.ts';
import { carrier, leastCost } from './measured-turn.ts';
import { positionPrefix, spacePattern, speakers, templateVersion } from './render-example.ts';
import { unitPattern } from './text-units.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The rules that turn a conversation into the text that a model reads, as data. Any reader of a bundle can
 * apply them exactly. Regular expressions have the flags `gu`; `control` has `giu`.
 */
export const textTemplateSchema = z.strictObject({
  version: z.int(),
  turns: z.strictObject({
    /**
     * The separator that joins consecutive utterances of one speaker into a turn. Null: every utterance is a
     * turn.
     */
    merge: z.string().nullable(),
    /** The text of a turn is made well-formed, `space` → " ", normalized, `control` → " ", and trimmed. */
    space: z.string(),
    normalize: z.literal('NFKC').nullable(),
    control: z.string(),
    /** Each turn is a line: this prefix, a space and the text, trimmed at its end. */
    speakers: z.strictObject({ user: z.string(), system: z.string() }),
  }),
  /**
   * The first line: this prefix and the number of the system turn to predict, counted from 1 among the system
   * turns after the first user turn. A system prompt is not a turn: drop it first.
   */
  position: z.string(),
  /** The separator between lines. */
  separator: z.string(),
  truncation: z.strictObject({
    /** Maximum tokens of the whole text, including special tokens. */
    maxLength: z.int(),
    /** Texts are cut between matches. The group is the character before a match without a preceding space. */
    unit: z.string(),
    /**
     * The cost of a unit is the number of tokens it adds after the preceding character. If there is none, it
     * is the number that " " and the unit add after this word. The cost of a line's beginning is the number
     * that the separator and the speaker add after this word.
     */
    carrier: z.string(),
    /** The minimum cost of a unit or of a line's beginning. */
    leastCost: z.number(),
    /** The whole text is tried if its units cost at most this multiple of the budget. */
    wholeSlack: z.number(),
    /** Share of the budget for the first user turn. */
    openingShare: z.number(),
  }),
});

/** The content of a bundle's `text.template`. */
export type TextTemplate = z.output<typeof textTemplateSchema>;

/** This version's template for a tokenizer. */
export function textTemplate(
  { plainTextRule }: Pick<Tokenizer, 'plainTextRule'>,
  { protocol, maxLength }: { readonly protocol: Protocol; readonly maxLength: number },
): TextTemplate {
  return {
    version: templateVersion,
    turns: {
      merge: protocols[protocol].mergesUtterances ? ' ' : null,
      space: spacePattern,
      normalize: plainTextRule.normalize ?? null,
      control: plainTextRule.control,
      speakers: { user: speakers.user, system: speakers.system },
    },
    position: positionPrefix,
    separator: '\n',
    truncation: {
      maxLength,
      unit: unitPattern,
      carrier,
      leastCost,
      wholeSlack,
      openingShare: defaultOpeningShare,
    },
  };
}
