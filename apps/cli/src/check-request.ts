import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputLimitProblem, inputLimits } from '@overture/contracts';
import { AppError, didYouMean } from '@overture/core';
import { pipelines } from '@overture/workflows';
import type { CliContext } from './context.ts';

/**
 * Checks what can be known of a run before any server starts: the input, the stages that it names, and that its corpus exists.
 * @param input as the workflow will receive it
 * @throws AppError `INPUT_INVALID`, `CORPUS_NOT_FOUND`
 */
export function checkRequest({ env }: Pick<CliContext, 'env'>, workflow: string, input: Readonly<Record<string, unknown>>): void {
  const outside = inputLimitProblem(`The input of ${workflow}`, input, inputLimits.run);
  if (outside !== undefined) throw new AppError('INPUT_INVALID', outside);
  if (Object.hasOwn(pipelines, workflow)) pipelines[workflow as keyof typeof pipelines].plan(input);
  const { uri } = (input['corpus'] ?? {}) as { readonly uri?: unknown };
  // The worker of a server elsewhere has other files.
  if (typeof uri === 'string' && !env['TEMPORAL_ADDRESS']) assertCorpusExists(uri);
}

/** @throws AppError `CORPUS_NOT_FOUND` where a path leads to nothing */
export function assertCorpusExists(uri: string): void {
  const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  if (!isAbsolute(path) || statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new AppError('CORPUS_NOT_FOUND', `The corpus ${path} does not exist. Check the path: it must be a file or a folder with dialogues.${didYouMean(basename(path), siblings(path))}`, { details: { file: path } });
}

function siblings(path: string): string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}
