import type { ExampleInput } from '@overture/dialogue';
import { checkLength, fitTurns, lengthOf, turnEncoder, type LengthOptions } from './fit-turns.ts';
import { renderPosition } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/** `maxLength` counts special tokens too. */
export type EncodeOptions = LengthOptions;

export interface EncodedExample {
  readonly ids: number[];
  /** Whether something was left out. */
  readonly truncated: boolean;
}

/**
 * The ids of one example.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function encodeExample(
  tokenizer: Tokenizer,
  input: Pick<ExampleInput, 'history' | 'systemTurn'>,
  options: EncodeOptions,
): EncodedExample {
  return exampleEncoder(tokenizer, options)(input);
}

/**
 * Encodes many examples; remembers the turns that a conversation's examples share.
 * When not everything fits, the position and the special tokens stay; the turns are cut as `fitTurns` does.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function exampleEncoder(
  tokenizer: Tokenizer,
  options: EncodeOptions,
): (input: Pick<ExampleInput, 'history' | 'systemTurn'>) => EncodedExample {
  const { maxLength, openingShare } = checkLength(options);
  const encodeTurn = turnEncoder(tokenizer, maxLength);
  return (input) => {
    const before = [...tokenizer.prefix, ...tokenizer.encode(renderPosition(input))];
    const room = maxLength - before.length - tokenizer.suffix.length;
    const turns = input.history.map(encodeTurn);
    const ids = [...before];
    for (const { speaker, text } of fitTurns(turns, { room, share: openingShare })) ids.push(...speaker, ...text);
    ids.push(...tokenizer.suffix);
    return { ids, truncated: lengthOf(turns) > room };
  };
}
