import { once } from 'node:events';
import { addAbortSignal } from 'node:stream';
import { parseConversationLine, readLines, type Conversation, type Line } from '@overture/dialogue';
import { openPredictor } from '@overture/inference';
import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { inBatches } from '../in-batches.ts';
import { withBundle } from '../model-bundle.ts';
import { streamLines } from '../stream-lines.ts';

export interface PredictCommandOptions {
  readonly model: string;
  readonly threshold?: number;
  readonly threads?: number;
}

const stdinName = 'standard input';
/** The longest line that a conversation may take. */
const lineBytes = 16_000_000;
/** So many conversations wait for each other at most, and so long: a stream that trickles is answered line by line. */
const batch = { size: 256, idleMs: 50 };

/** `overture predict`: JSON Lines in, one prediction a line out, in order and as they come. Needs no Temporal. */
export async function predict(context: CliContext, file: string, options: PredictCommandOptions): Promise<void> {
  const path = resolve(context.cwd, file);
  const lines =
    file === '-'
      ? streamLines(addAbortSignal(context.interrupt, process.stdin), { name: stdinName, lineBytes })
      : readLines(path, { lineBytes }, context.interrupt);
  await withBundle(context, options.model, async (folder) => {
    await using predictor = await openPredictor(folder, { threads: options.threads });
    for await (const conversations of inBatches(readConversations(file === '-' ? stdinName : path, lines), batch)) {
      for (const prediction of await predictor.predictNext(conversations, { threshold: options.threshold, signal: context.interrupt })) {
        await writeLine(JSON.stringify(prediction));
      }
    }
  });
}

async function* readConversations(file: string, lines: AsyncIterable<Line>): AsyncGenerator<Conversation> {
  for await (const { text, number } of lines) {
    if (text.trim() !== '') yield parseConversationLine(text, { file, line: number });
  }
}

/** Waits for a slow reader, so that memory does not grow with the input. */
async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
