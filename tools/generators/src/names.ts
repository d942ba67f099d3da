import { AppError } from '@overture/core';

/** `countWords` as a file name: `count-words`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `countWords` as a type name: `CountWords`. */
export function pascalCase(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/**
 * Checks that a name is in camelCase.
 * @throws AppError `GENERATOR_NAME`
 */
export function assertCamelCase(name: string): void {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name))
    throw new AppError(
      'GENERATOR_NAME',
      `The name must be a camelCase identifier, such as countWords. Got ${JSON.stringify(name)} instead.`,
    );
}

/**
 * Checks that a name is in kebab-case.
 * @throws AppError `GENERATOR_NAME`
 */
export function assertKebabCase(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new AppError(
      'GENERATOR_NAME',
      `The name must be in kebab-case, such as word-counts. Got ${JSON.stringify(name)} instead.`,
    );
}
