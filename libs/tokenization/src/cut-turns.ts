import type { ExampleInput } from '@overture/dialogue';
import { renderLines, turnFitter, type LengthOptions } from './fit-turns.ts';
import type { RenderedTurn } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * Cuts the turns of many examples like `exampleEncoder`, for prompts that add their own wording.
 * @param options `maxLength` counts the turns and their speakers, as `exampleEncoder` writes them
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function turnCutter(
  tokenizer: Tokenizer,
  options: LengthOptions,
): (input: Pick<ExampleInput, 'history'>) => readonly RenderedTurn[] {
  const fitter = turnFitter(tokenizer, options);
  return ({ history }) =>
    fitter.fit(history, 0, (turns) => tokenizer.encode(renderLines(turns).join('\n')).length).turns;
}
