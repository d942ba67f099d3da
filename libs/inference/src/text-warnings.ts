import type { ExampleInput } from '@overture/dialogue';
import { cleanText, type EncodedExample, type Tokenizer } from '@overture/tokenization';

/** Why a prediction may mean little. */
export interface PredictionWarning {
  readonly code: 'TEXT_EMPTY' | 'LAST_TURN_EMPTY' | 'TEXT_UNKNOWN';
  readonly message: string;
}

/** From this share of unknown tokens on, a text is foreign to the model. */
const foreignShare = 0.3;

/** What is wrong with the text behind a prediction; mostly nothing. */
export function textWarnings({ history }: Pick<ExampleInput, 'history'>, { ids }: EncodedExample, tokenizer: Tokenizer): PredictionWarning[] {
  // mostly its beginning tells, and texts may be long
  const empty = (text: string | undefined): boolean => text === undefined || [text.slice(0, 100), text].every((part) => cleanText(part, tokenizer) === '');
  if (history.every(({ text }) => empty(text))) {
    return [{ code: 'TEXT_EMPTY', message: 'The conversation has no text. Its probability says nothing: leave it out.' }];
  }
  const warnings: PredictionWarning[] = [];
  if (empty(history.at(-1)?.text)) {
    warnings.push({ code: 'LAST_TURN_EMPTY', message: "The user's last turn has no text. The prediction depends on earlier turns only." });
  }
  const unknown = ids.filter((id) => id === tokenizer.unknownId).length;
  if (unknown > foreignShare * ids.length) {
    warnings.push({ code: 'TEXT_UNKNOWN', message: `The model's tokenizer does not know ${unknown} of the ${ids.length} tokens of this text. Use a model for its language.` });
  }
  return warnings;
}
