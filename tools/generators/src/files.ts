import type { Tree } from '@nx/devkit';
import { AppError } from '@overture/core';

/**
 * Writes new files and never overwrites an existing one.
 * @throws AppError `GENERATOR_EXISTS`
 */
export function writeNew(tree: Tree, files: Readonly<Record<string, string>>): void {
  const there = Object.keys(files).filter((path) => tree.exists(path));
  if (there.length > 0)
    throw new AppError(
      'GENERATOR_EXISTS',
      `There must be no such file yet: ${there.join(', ')}. Choose another name.`,
    );
  for (const [path, content] of Object.entries(files)) tree.write(path, content);
}

/**
 * Changes the text of a file.
 * @throws AppError `GENERATOR_FILE_MISSING`
 */
export function change(tree: Tree, path: string, edit: (text: string) => string): void {
  const text = tree.read(path, 'utf-8');
  if (text === null)
    throw new AppError(
      'GENERATOR_FILE_MISSING',
      `${path} must be there to be changed, and is not. Is the project's folder right?`,
    );
  tree.write(path, edit(text));
}

/** Inserts a line after the last import of a module. */
export function withImport(text: string, line: string): string {
  const lines = text.split('\n');
  lines.splice(lines.findLastIndex((each) => each.startsWith('import ')) + 1, 0, line);
  return lines.join('\n');
}

/** Adds missing dependencies to a package manifest. */
export function withDependencies(manifest: string, wanted: Readonly<Record<string, string>>): string {
  const { dependencies = {}, ...rest } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
  return `${JSON.stringify({ ...rest, dependencies: { ...wanted, ...dependencies } }, undefined, 2)}\n`;
}
