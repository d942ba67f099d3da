import { isAbsolute } from 'node:path';
import { inputLimitProblem, inputLimits } from '@overture/contracts';
import { AppError } from '@overture/core';
import { openCorpus, type CorpusFormatName } from '@overture/dialogue';
import { pipelines } from '@overture/workflows';
import { assertCorpusExists } from './assert-corpus-exists.ts';
import type { CliContext } from './context.ts';

/**
 * Checks what can be known of a run before any server starts: the input, the stages that it names, and that its corpus exists, has a known format and begins
 * with a conversation.
 * @param input as the workflow will receive it
 * @throws AppError `INPUT_INVALID`, `CORPUS_…`
 */
export async function checkRequest({ env, interrupt }: Pick<CliContext, 'env' | 'interrupt'>, workflow: string, input: Readonly<Record<string, unknown>>): Promise<void> {
  const outside = inputLimitProblem(`The input of ${workflow}`, input, inputLimits.run);
  if (outside !== undefined) throw new AppError('INPUT_INVALID', outside);
  if (Object.hasOwn(pipelines, workflow)) pipelines[workflow as keyof typeof pipelines].plan(input);
  const { uri, format } = (input['corpus'] ?? {}) as { readonly uri?: unknown; readonly format?: CorpusFormatName | 'auto' };
  // The worker of a server elsewhere has other files.
  if (typeof uri !== 'string' || env['TEMPORAL_ADDRESS']) return;
  assertCorpusExists(uri);
  // Any other name is a corpus that the worker knows.
  if (!uri.startsWith('file:') && !isAbsolute(uri)) return;
  const corpus = await openCorpus(uri, { format });
  // A file of another kind shows at its first line; the rest is for ingestion.
  for await (const _ of corpus.conversations({ signal: interrupt })) break;
}
