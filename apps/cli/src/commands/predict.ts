import { once } from 'node:events';
import { addAbortSignal } from 'node:stream';
import { readBytes } from '@overture/dialogue';
import { openPredictor, type Precision, type PredictorOptions } from '@overture/inference';
import { resolve } from 'node:path';
import { assertCorpusExists } from '../assert-corpus-exists.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withBundle } from '../model-bundle.ts';
import { predictLines } from '../predict-lines.ts';
import { streamLines } from '../stream-lines.ts';

/** Options of `overture predict`. */
export interface PredictCommandOptions {
  readonly model: string;
  readonly threshold?: number;
  readonly threads?: number;
  readonly executionProvider: NonNullable<PredictorOptions['executionProvider']>;
  readonly batchSize: number;
  readonly precision: Precision;
  readonly dropAnswer?: boolean;
}

const stdinName = 'standard input';
/** Maximum length of an input line in bytes. */
const lineBytes = 16_000_000;
/**
 * Maximum time in milliseconds that a conversation waits for its batch to fill. A slow stream is predicted
 * line by line.
 */
const idleMs = 50;

/**
 * `overture predict`: reads JSON Lines and prints one prediction per line, in order and as soon as it is
 * ready. Needs no Temporal server.
 * @returns the exit code; it reports bad input if any line has no prediction
 */
export async function predict(
  context: CliContext,
  file: string,
  options: PredictCommandOptions,
): Promise<number> {
  const { terminal, interrupt: signal } = context;
  const name = file === '-' ? stdinName : resolve(context.cwd, file);
  if (file !== '-') assertCorpusExists(name);
  const bytes: AsyncIterable<Uint8Array> =
    file === '-' ? addAbortSignal(signal, process.stdin) : readBytes(name, signal);
  const { threads, executionProvider, precision, threshold, batchSize, dropAnswer } = options;
  let [predicted, refused, doubtful, answered] = [0, 0, 0, 0];
  await withBundle(context, options.model, async (folder) => {
    await using predictor = await openPredictor(folder, {
      threads,
      executionProvider,
      precision,
      onWarning: (message) => terminal.warn(message),
    });
    const lines = streamLines(bytes, { name, lineBytes });
    for await (const answer of predictLines(predictor, lines, {
      file: name,
      batch: { size: batchSize, idleMs },
      threshold,
      dropAnswer,
      signal,
      onNotice: (notice) => terminal.warn(notice),
    })) {
      await writeLine(JSON.stringify(answer));
      if ('error' in answer && refused++ === 0)
        terminal.warn(
          `line ${answer.line} has no prediction: ${answer.error.message} [${answer.error.code}]`,
        );
      if ('error' in answer && answer.error.code === 'CONVERSATION_NOT_WAITING') answered++;
      if (!('error' in answer)) predicted++;
      if (!('error' in answer) && answer.warnings && doubtful++ === 0)
        terminal.warn(`${answer.id}: ${answer.warnings.map(({ message }) => message).join(' ')}`);
      // On a terminal, the predictions themselves show the progress.
      if (!process.stdout.isTTY)
        terminal.progress(
          `predicted ${predicted.toLocaleString('en-US')}${refused > 0 ? `, refused ${refused.toLocaleString('en-US')}` : ''}`,
        );
    }
  });
  if (refused > 1) terminal.warn(`${refused} lines have no prediction; each has its reason in the output.`);
  if (answered > 0 && !dropAnswer)
    terminal.warn(
      'Use --drop-answer to predict at the last turn of the user in conversations that have been answered.',
    );
  if (doubtful > 1) terminal.warn(`${doubtful} predictions have warnings; each is in the output.`);
  return refused > 0 ? exitCodes.badInput : exitCodes.done;
}

/** Waits for a slow reader, so that memory does not grow with the input. */
async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
