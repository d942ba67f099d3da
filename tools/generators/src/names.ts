import { AppError } from '@overture/core';

/** `countWords` as the name of a file: `count-words`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `countWords` as the name of a type: `CountWords`. */
export function pascalCase(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** @throws AppError `GENERATOR_NAME` */
export function assertCamelCase(name: string): void {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new AppError('GENERATOR_NAME', `The name must be a camelCase identifier, such as countWords. Got ${JSON.stringify(name)} instead.`);
}

/** @throws AppError `GENERATOR_NAME` */
export function assertKebabCase(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new AppError('GENERATOR_NAME', `The name must be in kebab-case, such as word-counts. Got ${JSON.stringify(name)} instead.`);
}
