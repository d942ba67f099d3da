import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { TrainInput } from '@overture/contracts';
import { AppError } from '@overture/core';
import { parseInput } from '@overture/dag';
import type { z } from 'zod';
import { applySetting, assign } from './settings.ts';

/**
 * Command-line options that set the workflow's input. Later members override `input`, and `set` overrides all
 * others.
 */
export interface TrainInputOptions {
  /** JSON, a JSON file, or `-` for standard input. */
  readonly input?: string;
  readonly corpus?: string;
  readonly base?: string;
  readonly name?: string;
  /** `key.path=value`. The value is parsed as JSON if possible; otherwise it is text. */
  readonly set?: readonly string[];
  /** Stages to run again. */
  readonly force?: readonly string[];
  /** False: reuse no results of earlier runs. */
  readonly cache?: boolean;
  /** The run whose results serve as the inputs of `fromStage`. */
  readonly fromRun?: string;
  readonly fromStage?: string;
  /** Whether a failed stage waits for a decision. By default the command fails at once. */
  readonly park?: boolean;
}

/**
 * The workflow's input, checked with the workflow's own schema so that mistakes are reported before anything
 * starts.
 * @throws AppError `INPUT_INVALID` naming every invalid key, `INPUT_UNREADABLE`
 */
export async function trainInput(options: TrainInputOptions, cwd: string): Promise<Record<string, unknown>> {
  return checkedInput(await workflowInput(options, cwd), options, {
    workflow: 'trainInitiativeModel',
    schema: TrainInput,
  });
}

/**
 * Checks an input from the command line. It is returned in the form that the workflow will parse again.
 * @throws AppError `INPUT_INVALID` naming every invalid key
 */
export function checkedInput(
  input: Record<string, unknown>,
  { park }: Pick<TrainInputOptions, 'park'>,
  { workflow, schema }: { workflow: string; schema: z.ZodType },
): Record<string, unknown> {
  if (park) input['onStageFailure'] = 'park';
  else input['onStageFailure'] ??= 'fail';
  parseInput(schema, input, workflow);
  return input;
}

/**
 * A workflow's input from the command line, not checked yet.
 * @throws AppError `INPUT_INVALID`, `INPUT_UNREADABLE`, `USAGE`
 */
export async function workflowInput(
  options: TrainInputOptions,
  cwd: string,
): Promise<Record<string, unknown>> {
  const input = await readInput(options.input, cwd);
  if (options.corpus !== undefined) assign(input, ['corpus', 'uri'], options.corpus);
  if (options.base !== undefined) assign(input, ['base'], options.base);
  if (options.name !== undefined) assign(input, ['name'], options.name);
  for (const setting of options.set ?? []) applySetting(input, setting);
  assignReuse(input, options);
  resolvePaths(input, cwd);
  return input;
}

/** Resolves all paths against the caller's folder, because the worker has another one. */
function resolvePaths(input: Record<string, unknown>, cwd: string): void {
  const corpus = input['corpus'];
  if (typeof corpus === 'object' && corpus !== null && 'uri' in corpus && typeof corpus.uri === 'string')
    assign(input, ['corpus', 'uri'], absolute(corpus.uri, cwd));
  for (const key of ['base', 'encoder', 'languageModel'])
    if (typeof input[key] === 'string') input[key] = baseModel(input[key], cwd);
}

function assignReuse(
  input: Record<string, unknown>,
  { force = [], cache, fromRun, fromStage }: TrainInputOptions,
): void {
  if ((fromRun === undefined) !== (fromStage === undefined)) {
    throw new AppError(
      'USAGE',
      `--from-run and --from-stage go together: the outputs of a run, up to a stage. Got ${fromRun === undefined ? `--from-stage ${fromStage} alone; overture runs ls lists runs` : `--from-run ${fromRun} alone; overture runs show ${fromRun} lists its stages`}.`,
    );
  }
  if (force.length > 0) assign(input, ['reuse', 'force'], force);
  if (cache === false) assign(input, ['reuse', 'cache'], false);
  if (fromRun !== undefined) assign(input, ['reuse', 'from'], { run: fromRun, stage: fromStage });
}

async function readInput(input: string | undefined, cwd: string): Promise<Record<string, unknown>> {
  if (input === undefined) return {};
  const inline = isJson(input);
  const source = inline ? '--input' : input === '-' ? 'standard input' : resolve(cwd, input);
  try {
    const content = inline
      ? input
      : input === '-'
        ? await text(process.stdin)
        : await readFile(source, 'utf8');
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    throw new Error('that is not an object');
  } catch (error) {
    throw new AppError(
      'INPUT_UNREADABLE',
      `--input must be a JSON object, or a file with one. ${inline ? `Got ${JSON.stringify(input.slice(0, 80))}` : source}: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/** Text that looks like JSON, such as `[1]` or `null`, is not a file name. */
function isJson(text: string): boolean {
  if (/^\s*[{["]/.test(text)) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function absolute(corpus: string, cwd: string): string {
  return corpus === '' || corpus.startsWith('file:') ? corpus : resolve(cwd, corpus);
}

/** A base model's name, or the absolute path of its folder for the worker. */
export function baseModel(base: string, cwd: string): string {
  return base.startsWith('.') || base.startsWith('/') ? resolve(cwd, base) : base;
}
