import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The folder of the workspace. */
export const workspace = resolve(import.meta.dirname, '..', '..', '..');

/** One check of many files by an installed program, whose exit code says whether they pass. */
export interface Check {
  /** What it finds, for the output. */
  readonly finds: string;
  readonly program: string;
  /** Its arguments for the whole workspace, relative to the workspace's folder. */
  readonly everything: readonly string[];
  /** Its arguments for some files. */
  readonly some: (files: readonly string[]) => readonly string[];
}

const cspell = ['lint', '--no-progress', '--no-summary', '--show-suggestions'];
const circles = ['--config', 'tools/lint/circles.config.cjs', '--output-type', 'err-long'];

/** The checks of the whole workspace, by name. */
export const checks = {
  formatting: {
    finds: 'files that Prettier would format differently; `npx prettier --write FILE` formats them',
    program: 'prettier',
    everything: ['--check', '--log-level', 'warn', '**/*.{ts,mts,mjs,js}'],
    some: (files) => ['--check', '--log-level', 'warn', ...files],
  },
  spelling: {
    finds: 'words that are misspelled, not American, or not in tools/lint/words.txt',
    program: 'cspell',
    everything: [...cspell, '**/*.{ts,mts,mjs,js,md}', '**/package.json'],
    some: (files) => [...cspell, ...files],
  },
  circles: {
    finds: 'files that import each other in a circle',
    program: 'depcruise',
    everything: [...circles, 'libs', 'workflows', 'apps', 'tools', 'examples'],
    some: (files) => [...circles, ...files],
  },
} as const satisfies Record<string, Check>;

/** Runs an installed program in the workspace. Returns its output if it refuses something. */
export async function findings(program: string, args: readonly string[]): Promise<string | undefined> {
  const file = join(workspace, 'node_modules', '.bin', program);
  try {
    await promisify(execFile)(file, args, {
      cwd: workspace,
      maxBuffer: 2 ** 26,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    return undefined;
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout?: string; stderr?: string };
    // A program that could not start has no output.
    if (stdout === undefined) throw thrown;
    return `${stdout}${stderr}`.trim();
  }
}
