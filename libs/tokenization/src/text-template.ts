import { protocols, type Protocol } from '@overture/dialogue';
import { z } from 'zod';
import { defaultOpeningShare, wholeSlack } from './fit-turns.ts';
import { carrier, leastCost } from './measured-turn.ts';
import { positionPrefix, spacePattern, speakers, templateVersion } from './render-example.ts';
import { unitPattern } from './text-units.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The rules that turn a conversation into the text that a model reads, as data. Any reader of a bundle can apply them exactly.
 * Regular expressions have the flags `gu`, `control` has `giu`.
 */
export const textTemplateSchema = z.strictObject({
  version: z.int(),
  turns: z.strictObject({
    /** Consecutive utterances of one speaker are one turn, joined by this; null: every utterance is a turn. */
    merge: z.string().nullable(),
    /** The text of a turn: well-formed, `space` → " ", normalized, `control` → " ", trimmed. */
    space: z.string(),
    normalize: z.literal('NFKC').nullable(),
    control: z.string(),
    /** A line per turn: this, a space, the text; trimmed at its end. */
    speakers: z.strictObject({ user: z.string(), system: z.string() }),
  }),
  /**
   * The first line: this and the number of the system turn to predict, counted from 1 among the system turns after the first user turn.
   * A system prompt is not a turn: leave it out first.
   */
  position: z.string(),
  /** Between lines. */
  separator: z.string(),
  truncation: z.strictObject({
    /** Tokens of the whole text at most, special tokens included. */
    maxLength: z.int(),
    /** Texts are cut between matches; the group is the character before one that no space precedes. */
    unit: z.string(),
    /**
     * A unit costs the tokens that it adds behind the character before it; where there is none, those that " " and it add behind this word. A line's
     * beginning costs those that the separator and the speaker add behind this word.
     */
    carrier: z.string(),
    /** The least that a unit or a line's beginning costs. */
    leastCost: z.number(),
    /** The whole text is tried if its units cost at most this multiple of the room. */
    wholeSlack: z.number(),
    /** Share of the room for the first user turn. */
    openingShare: z.number(),
  }),
});

/** The content of a bundle's `text.template`. */
export type TextTemplate = z.output<typeof textTemplateSchema>;

/** The template of this version of Overture for a tokenizer. */
export function textTemplate({ plainTextRule }: Pick<Tokenizer, 'plainTextRule'>, { protocol, maxLength }: { readonly protocol: Protocol; readonly maxLength: number }): TextTemplate {
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
    truncation: { maxLength, unit: unitPattern, carrier, leastCost, wholeSlack, openingShare: defaultOpeningShare },
  };
}
