import type { ExampleInput } from '@overture/dialogue';
import { renderLines, turnFitter, type LengthOptions } from './fit-turns.ts';
import { renderPosition } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Length options; `maxLength` includes special tokens. */
export type EncodeOptions = LengthOptions;

/** An example as text and token ids. */
export interface EncodedExample {
  /** The text that the model reads. */
  readonly text: string;
  /** The tokenizer's ids of `text`, including the special tokens around it. */
  readonly ids: readonly number[];
  /** Whether part of the conversation was cut. */
  readonly truncated: boolean;
}

/**
 * Encodes one example.
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
 * Encodes many examples. Caches the turns shared by a conversation's examples. The final text is encoded as a
 * whole, so any reader of that text gets the same ids. If the text is too long, the position stays and
 * `turnFitter` cuts the turns.
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

/**
 * Encodes the beginning of single texts: as many whole words as fit.
 * @throws AppError `MAX_LENGTH_INVALID`
 */
export function textEncoder(
  tokenizer: Tokenizer,
  { maxLength }: Pick<LengthOptions, 'maxLength'>,
): (text: string) => EncodedExample {
  const fitter = turnFitter(tokenizer, { maxLength, openingShare: 1 });
  const reserved = tokenizer.encode('', { frame: true }).length;
  return (said) => {
    let [text, ids]: [string, readonly number[]] = ['', []];
    const { truncated } = fitter.fit(
      [{ role: 'user', text: said, tags: [], labeled: false }],
      reserved,
      (turns) => {
        text = turns[0]?.text ?? '';
        ids = tokenizer.encode(text, { frame: true });
        return ids.length;
      },
    );
    return { text, ids, truncated };
  };
}
