import { AppError } from '@overture/core';
import { nextSystemTurn, parseConversationLine, type ExampleInput, type Line } from '@overture/dialogue';
import type { Prediction, Predictor } from '@overture/inference';
import { inBatches, type BatchOptions } from './in-batches.ts';
import type { BadLine } from './stream-lines.ts';

/** What came of one line: a prediction, or why there is none. */
export type LineAnswer = Prediction | { readonly line: number; readonly error: { readonly code: string; readonly message: string } };

export interface PredictLinesOptions {
  /** Where the lines come from, for messages. */
  readonly file: string;
  readonly batch: BatchOptions;
  readonly threshold?: number;
  readonly signal: AbortSignal;
}

type Asked = { readonly example: ExampleInput } | Exclude<LineAnswer, Prediction>;

/** An answer for every line that is not blank, in order and as they come; a bad line costs itself only. */
export async function* predictLines(
  predictor: Pick<Predictor, 'predict' | 'manifest'>,
  lines: AsyncIterable<Line | BadLine>,
  { file, batch, threshold, signal }: PredictLinesOptions,
): AsyncGenerator<LineAnswer> {
  for await (const asked of inBatches(read(lines, file, predictor), batch)) {
    const examples = asked.flatMap((each) => ('example' in each ? [each.example] : []));
    const predictions = await again(() => predictor.predict(examples, { threshold, signal }));
    let next = 0;
    for (const each of asked) yield 'error' in each ? each : (predictions[next++] as Prediction);
  }
}

async function* read(lines: AsyncIterable<Line | BadLine>, file: string, { manifest }: Pick<Predictor, 'manifest'>): AsyncGenerator<Asked> {
  for await (const line of lines) {
    if ('error' in line) yield refused(line.number, line.error);
    else if (line.text.trim() !== '') yield understood(line, file, manifest);
  }
}

function understood({ text, number }: Line, file: string, { text: { protocol } }: Predictor['manifest']): Asked {
  try {
    const conversation = parseConversationLine(text, { file, line: number });
    return { example: { ...nextSystemTurn(conversation, protocol), id: conversation.id } };
  } catch (error) {
    if (error instanceof AppError) return refused(number, error);
    throw error;
  }
}

function refused(line: number, { code, message }: AppError): Exclude<LineAnswer, Prediction> {
  return { line, error: { code, message } };
}

/** Once more after a failure that can pass, such as a process that died. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.retryable) return work();
    throw error;
  }
}
