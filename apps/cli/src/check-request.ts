import { isAbsolute } from 'node:path';
import { inputLimitProblem, inputLimits } from '@overture/protocol';
import { AppError } from '@overture/core';
import { openCorpus, type CorpusFormatName } from '@overture/dialogue';
import { pipelines } from '@overture/workflows';
import { assertCorpusExists } from './assert-corpus-exists.ts';
import type { CliContext } from './context.ts';

/**
 * Checks a run's request before any server starts: the input, the stages that it names, and its corpus. The
 * corpus must exist, have a known format and start with a conversation.
 * @param input the workflow's input
 * @throws AppError `INPUT_INVALID`, `CORPUS_…`
 */
export async function checkRequest(
  { env, interrupt }: Pick<CliContext, 'env' | 'interrupt'>,
  workflow: string,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const outside = inputLimitProblem(`The input of ${workflow}`, input, inputLimits.run);
  if (outside !== undefined) throw new AppError('INPUT_INVALID', outside);
  if (Object.hasOwn(pipelines, workflow)) pipelines[workflow as keyof typeof pipelines].plan(input);
  const { uri, format } = (input['corpus'] ?? {}) as {
    readonly uri?: unknown;
    readonly format?: CorpusFormatName | 'auto';
  };
  // With a remote server, the files are on the worker's machine.
  if (typeof uri !== 'string' || env['TEMPORAL_ADDRESS']) return;
  assertCorpusExists(uri);
  // Any other name is a corpus registered with the worker.
  if (!uri.startsWith('file:') && !isAbsolute(uri)) return;
  const corpus = await openCorpus(uri, { format });
  // Reading the first conversation detects a wrong format; ingestion checks the rest.
  for await (const _ of corpus.conversations({ signal: interrupt })) break;
}
