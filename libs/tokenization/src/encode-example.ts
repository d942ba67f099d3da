import type { ExampleInput } from '@overture/dialogue';
import { renderLines, turnFitter, type LengthOptions } from './fit-turns.ts';
import { renderPosition } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/** `maxLength` counts special tokens too. */
export type EncodeOptions = LengthOptions;

export interface EncodedExample {
  /** The text that the model reads. */
  readonly text: string;
  /** The tokenizer's ids of `text`, with the special tokens that frame it. */
  readonly ids: readonly number[];
  /** Whether something was left out. */
  readonly truncated: boolean;
}

/**
 * The text of one example and its ids.
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
 * Encodes many examples. Caches the turns that a conversation's examples share.
 * The final text is encoded once, as a whole: any reader of that text gets the same ids. If not everything fits, the position
 * stays and `turnFitter` cuts the turns.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function exampleEncoder(
  tokenizer: Tokenizer,
  options: EncodeOptions,
): (input: Pick<ExampleInput, 'history' | 'systemTurn'>) => EncodedExample {
  const fitter = turnFitter(tokenizer, options);
  return (input) => {
    const position = renderPosition(input);
    let [text, ids]: [string, readonly number[]] = [position, tokenizer.encode(position, { frame: true })];
    const { truncated } = fitter.fit(input.history, ids.length, (turns) => {
      text = [position, ...renderLines(turns)].join('\n');
      ids = tokenizer.encode(text, { frame: true });
      return ids.length;
    });
    return { text, ids, truncated };
  };
}

/** Encodes single texts of which only the beginning counts: whole words, as many as fit. @throws AppError `MAX_LENGTH_INVALID` */
export function textEncoder(tokenizer: Tokenizer, { maxLength }: Pick<LengthOptions, 'maxLength'>): (text: string) => EncodedExample {
  const fitter = turnFitter(tokenizer, { maxLength, openingShare: 1 });
  const reserved = tokenizer.encode('', { frame: true }).length;
  return (said) => {
    let [text, ids]: [string, readonly number[]] = ['', []];
    const { truncated } = fitter.fit([{ role: 'user', text: said, tags: [], labelled: false }], reserved, (turns) => {
      text = turns[0]?.text ?? '';
      ids = tokenizer.encode(text, { frame: true });
      return ids.length;
    });
    return { text, ids, truncated };
  };
}
