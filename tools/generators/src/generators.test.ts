import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { flushChanges, FsTree } from 'nx/src/generators/tree';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import generateLib from './generate-lib.ts';
import generateStage from './generate-stage.ts';
import generateWorkflow from './generate-workflow.ts';

const workspace = resolve(import.meta.dirname, '..', '..', '..');
const bin = (name: string): string => join(workspace, 'node_modules', '.bin', name);
const made = ['libs/seasons', 'workflows/src/nightly-report.ts', 'workflows/src/nightly-report.test.ts'];
let copy: string;

/**
 * The parts of the workspace that generated code needs: the installed packages, whose own libs are links to
 * the real ones, and the settings.
 */
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'overture-generators-'));
  symlinkSync(join(workspace, 'node_modules'), join(copy, 'node_modules'));
  for (const path of [
    'package.json',
    'tsconfig.base.json',
    'eslint.config.js',
    '.prettierrc.json',
    'tools/test/vitest.ts',
    'workflows/package.json',
    'workflows/src',
  ]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(workspace, path), join(copy, path), { recursive: true });
  }
  const tree = new FsTree(copy, false);
  await generateLib(tree, { name: 'seasons', summary: 'Seasons of the year' });
  await generateStage(tree, { name: 'countLetters', project: 'libs/seasons' });
  await generateWorkflow(tree, { name: 'nightlyReport' });
  flushChanges(copy, tree.listChanges());
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(bin(program), args, { cwd: copy, maxBuffer: 2 ** 24 }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${program} refuses what was generated:\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}

describe('what the generators write', () => {
  it('typechecks', async () => {
    // Types of the libs come from their sources here, so there is nothing to build first.
    const settings = {
      extends: './tsconfig.base.json',
      compilerOptions: {
        composite: false,
        declaration: false,
        declarationMap: false,
        emitDeclarationOnly: false,
        noEmit: true,
      },
      include: [
        'libs/*/src/**/*.ts',
        'workflows/src/workflows.ts',
        'workflows/src/index.ts',
        'workflows/src/nightly-report*.ts',
      ],
    };
    writeFileSync(join(copy, 'tsconfig.generated.json'), JSON.stringify(settings));
    // This file must be reported. Findings in the libs' own sources do not count, because those have their
    // own settings.
    writeFileSync(
      join(copy, 'libs', 'seasons', 'src', 'mistake.ts'),
      "export const mistake: number = 'a text';\n",
    );
    const said = await run('tsc', ['-p', 'tsconfig.generated.json', '--pretty', 'false']).catch(
      (error: Error) => error.message,
    );
    rmSync(join(copy, 'libs', 'seasons', 'src', 'mistake.ts'));
    expect(said.split('\n').filter((line) => /^(libs|workflows)\//.test(line))).toEqual([
      "libs/seasons/src/mistake.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.",
    ]);
  });

  it('lints', async () => {
    // The rule on module boundaries needs Nx's graph of a real workspace.
    await run('eslint', ['--rule', '@nx/enforce-module-boundaries: off', ...made]);
    await run('prettier', ['--check', ...made, 'workflows/src/pipelines.ts', 'workflows/src/workflows.ts']);
  });

  it('passes its first tests', async () => {
    writeFileSync(join(copy, 'vitest.config.mjs'), 'export default {};\n');
    const report = JSON.parse(await run('vitest', ['run', '--reporter=json', ...made])) as {
      numPassedTests: number;
      numTotalTests: number;
    };
    expect(report).toMatchObject({ numTotalTests: 6, numPassedTests: 6 });
  });

  it('is a row where there are tables', () => {
    const text = (path: string): string => readFileSync(join(copy, path), 'utf8');
    expect(text('workflows/src/pipelines.ts')).toMatch(
      /,\n  nightlyReport: nightlyReportPipeline,\n\} as const;\n$/,
    );
    expect(text('workflows/src/workflows.ts')).toContain(
      'export const nightlyReport = durable(nightlyReportPipeline, { application });',
    );
    expect(text('libs/seasons/src/index.ts')).toBe(
      "export { seasons } from './seasons.ts';\nexport { countLetters, countLettersStage } from './count-letters.ts';\n",
    );
    expect(JSON.parse(text('libs/seasons/package.json'))).toMatchObject({
      nx: { tags: ['layer:5', 'runtime:node'] },
      dependencies: { '@overture/core': '*', '@overture/dag': '*', '@overture/execution': '*' },
    });
  });

  it('overwrites nothing, and says which names it takes', async () => {
    const tree = new FsTree(copy, false);
    await expect(generateStage(tree, { name: 'countLetters', project: 'libs/seasons' })).rejects.toThrow(
      'There must be no such file yet: libs/seasons/src/count-letters.ts',
    );
    await expect(generateStage(tree, { name: 'count-letters', project: 'libs/seasons' })).rejects.toThrow(
      'The name must be a camelCase identifier, such as countWords. Got "count-letters" instead.',
    );
    await expect(generateStage(tree, { name: 'countDays', project: 'libs/nowhere' })).rejects.toThrow(
      'libs/nowhere/package.json must be there to be changed, and is not.',
    );
    await expect(generateLib(tree, { name: 'Seasons' })).rejects.toThrow(
      'The name must be in kebab-case, such as word-counts. Got "Seasons" instead.',
    );
  });
});
