import { AppError } from '@overture/core';
import { inspectModel, parseNetwork, resolveBaseModel, tinyBaseName } from '@overture/models';
import { temporalSettings } from '@overture/stack';
import { checkInspected, checkTrainable, type TrainableBase } from '@overture/stages';
import { neededBases, pipelines, type NeededBase } from '@overture/workflows';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from './context.ts';
import { baseModelOptions } from './demo-base.ts';
import { assign } from './settings.ts';

/**
 * Checks a run's base models against its settings before anything starts, as far as their files are on this
 * machine. If a default length exceeds a model's positions, the input gets the model's own number, and the
 * terminal prints a note.
 * @param input checked by the workflow's own schema
 * @throws AppError for problems with a model's files; `BASE_MODEL_UNFIT` if explicit settings do not fit it
 */
export async function fitBases(
  context: CliContext,
  workflow: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  let fitted = withAbsolutePaths(input, context.cwd);
  for (const needed of neededBases(workflow, parsed(workflow, fitted))) {
    const base = await openedBase(context, needed);
    if (base === undefined) continue;
    fitted = withLengths(context, fitted, { needed, base });
    const { uses = [] } =
      neededBases(workflow, parsed(workflow, fitted)).find(({ key }) => key === needed.key) ?? {};
    checkTrainable(base, uses);
  }
  return fitted;
}

function parsed(workflow: string, input: Record<string, unknown>): unknown {
  return pipelines[workflow as keyof typeof pipelines].input.parse(input);
}

/** The model as described by its files. Undefined if they are not on this machine. */
async function openedBase(context: CliContext, { name }: NeededBase): Promise<TrainableBase | undefined> {
  if (!isPath(name)) return pinnedBase(context, name);
  if (!(await isThere(name))) {
    // It may be on the worker's machine.
    if (temporalSettings(context.env).address !== undefined) return undefined;
    await resolveBaseModel(name, baseModelOptions(context)); // throws an error that names the missing files
  }
  const inspection = await inspectModel(name);
  checkInspected(inspection, []);
  for (const notice of inspection.notices) context.terminal.note(`${inspection.name}: ${notice}`);
  return { name, network: inspection.network!, languageModelProblems: inspection.languageModelProblems };
}

/** Resolves paths here because the worker has another current folder. */
function withAbsolutePaths(input: Record<string, unknown>, cwd: string): Record<string, unknown> {
  const named = (['base', 'encoder', 'languageModel'] as const).flatMap((key) =>
    typeof input[key] === 'string' && isPath(input[key]) ? [[key, resolve(cwd, input[key])] as const] : [],
  );
  return { ...input, ...Object.fromEntries(named) };
}

function isPath(name: string): boolean {
  return /^(\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(name);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function pinnedBase(context: CliContext, name: string): Promise<TrainableBase | undefined> {
  const nowhere = { ...baseModelOptions(context), hubUrl: false, packageMirror: false } as const;
  const base = await resolveBaseModel(name, nowhere).catch((error: unknown) => {
    // A worker can download or create every base model with a known name. Refuse an unknown name at once.
    if (name !== tinyBaseName && error instanceof AppError && error.code === 'BASE_MODEL_UNKNOWN')
      throw error;
    return undefined;
  });
  return (
    base && { name, network: parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config) }
  );
}

/** Reduces default lengths to the model's number of positions if it has fewer. */
function withLengths(
  { terminal }: CliContext,
  input: Record<string, unknown>,
  { needed: { uses, name }, base }: { readonly needed: NeededBase; readonly base: TrainableBase },
): Record<string, unknown> {
  const { maxPositions } = base.network.size;
  let fitted = input;
  for (const { key, task, maxLength = 0 } of uses) {
    const path = task === 'encoder' ? [key] : [key, 'maxLength'];
    if (maxLength <= maxPositions || isGiven(input, path) || key.startsWith('space.')) continue;
    fitted = { ...fitted };
    assign(fitted, path, maxPositions);
    terminal.note(
      `${path.join('.')} is ${maxPositions} instead of the default ${maxLength}: the base model ${name} has ${maxPositions} positions.`,
    );
  }
  return fitted;
}

function isGiven(input: unknown, [key = '', ...rest]: readonly string[]): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const value = (input as Record<string, unknown>)[key];
  return rest.length === 0 ? value !== undefined : isGiven(value, rest);
}
