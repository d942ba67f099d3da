import type { ExampleInput } from '@overture/dialogue';
import type { EncodedExample, Tokenizer } from '@overture/tokenization';

/** A reason to doubt a prediction. */
export interface PredictionWarning {
  readonly code: 'TEXT_EMPTY' | 'LAST_TURN_EMPTY' | 'TEXT_UNKNOWN';
  readonly message: string;
}

/** Above this share of unknown tokens, the text is probably foreign to the model. */
const foreignShare = 0.3;

/**
 * A visible character: not white space, a control or format character, a lone mark, a replacement character
 * or a filler.
 */
const visible = /[^\s\p{C}\p{M}\ufffd\u115f\u1160\u2800\u3164]/u;

/** Warnings about the text of a prediction; usually none. */
export function textWarnings(
  { history }: Pick<ExampleInput, 'history'>,
  { ids }: EncodedExample,
  { unknownId }: Pick<Tokenizer, 'unknownId'>,
): PredictionWarning[] {
  const empty = (text = ''): boolean => !visible.test(text);
  if (history.every(({ text }) => empty(text))) {
    return [
      {
        code: 'TEXT_EMPTY',
        message: 'The conversation has no text. Its probability says nothing: leave it out.',
      },
    ];
  }
  const warnings: PredictionWarning[] = [];
  if (empty(history.at(-1)?.text)) {
    warnings.push({
      code: 'LAST_TURN_EMPTY',
      message: "The user's last turn has no text. The prediction depends on earlier turns only.",
    });
  }
  const unknown = ids.filter((id) => id === unknownId).length;
  if (unknown > foreignShare * ids.length) {
    warnings.push({
      code: 'TEXT_UNKNOWN',
      message: `The model's tokenizer does not know ${unknown} of the ${ids.length} tokens of this text. Use a model for its language.`,
    });
  }
  return warnings;
}
