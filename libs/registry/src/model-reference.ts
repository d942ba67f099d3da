import { AppError } from '@overture/core';

/** A parsed model reference: `name`, `name@3` or `name@champion`. */
export interface ModelReference {
  readonly name: string;
  readonly version?: number;
  readonly alias?: string;
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const aliasPattern = /^[a-z][a-z0-9-]{0,49}$/;

/**
 * Parses a model reference.
 * @throws AppError `MODEL_NAME` if it is not allowed.
 */
export function parseModelReference(reference: string): ModelReference {
  const at = reference.indexOf('@');
  const name = checkModelName(at === -1 ? reference : reference.slice(0, at));
  if (at === -1) return { name };
  const which = reference.slice(at + 1);
  return /^[1-9]\d{0,8}$/.test(which) ? { name, version: Number(which) } : { name, alias: checkAlias(which) };
}

/**
 * Validates a model's name and returns it.
 * @throws AppError `MODEL_NAME` if it is not allowed.
 */
export function checkModelName(name: string): string {
  if (namePattern.test(name)) return name;
  throw new AppError(
    'MODEL_NAME',
    `A model's name must be 1 to 100 lower-case letters, digits, dots, dashes or underscores, the first a letter or digit. Got ${quote(name)} instead.`,
    { details: { name } },
  );
}

/**
 * Validates an alias and returns it.
 * @throws AppError `MODEL_NAME` if it is not allowed.
 */
export function checkAlias(alias: string): string {
  if (aliasPattern.test(alias)) return alias;
  throw new AppError(
    'MODEL_NAME',
    `What follows the @ of a model must be a version (1, 2, …) or an alias: lower-case letters, digits and dashes, the first a letter. Got ${quote(alias)} instead.`,
    { details: { alias } },
  );
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
