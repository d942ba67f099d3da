import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks, findings, workspace } from './checks.ts';

const clean = '/** Twice a number. */\nexport const twice = (x: number): number => x * 2;\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(workspace, 'tools', 'lint', 'src', 'violations-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Checks files with these contents as the whole workspace is checked. */
async function checked(
  name: keyof typeof checks,
  files: Record<string, string>,
): Promise<string | undefined> {
  const paths = Object.entries(files).map(([file, content]) => {
    const path = join(folder, file);
    writeFileSync(path, content);
    return path;
  });
  const { program, some } = checks[name];
  const found = await findings(program, some(paths));
  for (const path of paths) rmSync(path);
  return found;
}

/** Messages of ESLint for a file with this path and content, with the settings of the workspace. */
async function linted(path: string, content: string): Promise<string[]> {
  const eslint = join(workspace, 'node_modules', '.bin', 'eslint');
  const child = promisify(execFile)(eslint, ['--format', 'json', '--stdin', '--stdin-filename', path], {
    cwd: workspace,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  child.child.stdin!.end(content);
  const { stdout } = await child.catch((error: { stdout: string }) => error);
  const [{ messages }] = JSON.parse(stdout) as [{ messages: { ruleId: string; message: string }[] }];
  return messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

describe('lint accepts a file without faults', () => {
  it.each(['formatting', 'spelling', 'circles'] as const)('in its check of %s', async (name) => {
    expect(await checked(name, { 'clean.ts': clean })).toBeUndefined();
  });

  it('in ESLint', async () => {
    expect(await linted('libs/core/src/twice.ts', clean)).toEqual([]);
  });
});

describe('lint refuses', () => {
  it.each([
    ['a misspelled word', 'tokenizatoin'], // cspell:disable-line
    ['a British spelling', 'behaviour'], // cspell:disable-line
    ['a British verb', 'normalise'], // cspell:disable-line
  ])('%s', async (_, word) => {
    expect(await checked('spelling', { 'words.ts': `/** The ${word} of the model. */\n${clean}` })).toContain(
      word,
    );
  });

  it('a file that is not formatted', async () => {
    const name = 'unformatted.ts';
    expect(await checked('formatting', { [name]: clean.replace(' => ', '=>') })).toContain(name);
  });

  it('code over 110 columns', async () => {
    const long = `export const sum = (${'abcdefghij'
      .split('')
      .map((name) => `first${name}: number`)
      .join(', ')}): number => 0;\n`;
    expect(await checked('formatting', { 'long.ts': long })).toContain('long.ts');
  });

  it('a comment over 110 columns', async () => {
    expect(await linted('libs/core/src/twice.ts', `// ${'word '.repeat(25)}\n${clean}`)).toEqual([
      'max-len: This line has a length of 128. Maximum allowed is 110.',
    ]);
  });

  it.each([
    ['function', 'export function twice(x: number): number {\n  return x * 2;\n}\n'],
    ['constant', 'export const two = 2;\n'],
    ['interface', 'export interface Pair {\n  readonly a: number;\n}\n'],
    ['type', 'export type Pair = readonly [number, number];\n'],
    ['class', 'export class Pair {}\n'],
  ])('an exported %s without TSDoc', async (_, content) => {
    expect(await linted('libs/core/src/twice.ts', content)).toEqual([
      'jsdoc/require-jsdoc: Missing JSDoc comment.',
    ]);
  });

  it('an import from a higher layer', async () => {
    const upward =
      "import { caveats } from '@overture/report';\n\n/** Warns. */\nexport const warn = caveats;\n";
    expect(await linted('libs/graph/src/warn.ts', upward)).toEqual([
      expect.stringContaining('@nx/enforce-module-boundaries: A project tagged with "layer:2"'),
    ]);
  });

  it.each([
    ['values', "import { b } from './b.ts';\n\n/** A. */\nexport const a = (): number => b();\n"],
    ['types', "import type { b } from './b.ts';\n\n/** A. */\nexport type A = typeof b;\n"],
  ])('a circle of %s', async (_, content) => {
    const back =
      "import * as a from './a.ts';\n\n/** B. */\nexport const b = (): number => Object.keys(a).length;\n";
    expect(await checked('circles', { 'a.ts': content, 'b.ts': back })).toMatch(
      /error no-circular: .*\/[ab]\.ts/,
    );
  });
});
