import type { ExampleInput } from '@overture/dialogue';
import { checkLength, fitTurns, turnEncoder, type EncodedTurn, type LengthOptions } from './fit-turns.ts';
import type { RenderedTurn } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The turns of many examples as texts, cut like `exampleEncoder` cuts ids, for prompts with a wording of their own around them.
 * @param options `maxLength` counts the turns and their speakers, as `renderExample` has them
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function turnCutter(tokenizer: Tokenizer, options: LengthOptions): (input: Pick<ExampleInput, 'history'>) => RenderedTurn[] {
  const { maxLength: room, openingShare: share } = checkLength(options);
  const encodeTurn = turnEncoder(tokenizer, room);
  return ({ history }) => {
    const turns = history.map(encodeTurn);
    return fitTurns(turns, { room, share }).map((turn) => (isWhole(turn, turns) ? turn.rendered : { ...turn.rendered, text: textOf(tokenizer, turn.text) }));
  };
}

function isWhole({ rendered, text }: EncodedTurn, turns: readonly EncodedTurn[]): boolean {
  return turns.some((turn) => turn.rendered === rendered && turn.text.length === text.length);
}

/** A cut may go through a character: what is left of it is dropped. */
function textOf(tokenizer: Tokenizer, ids: readonly number[]): string {
  return tokenizer.decode(ids).replace(/^\uFFFD+|\uFFFD+$/gu, '').trim();
}
