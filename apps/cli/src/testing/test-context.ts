import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheFolder } from '@overture/stack';
import type { CliContext } from '../context.ts';
import { fakeTerminal, type FakeTerminal } from './fake-terminal.ts';

/** The root folder of the repository. */
export const projectRoot = resolve(import.meta.dirname, '..', '..', '..', '..');

/** A context in a folder of its own. It shares this machine's cache, which only saves downloads. */
export function testContext(
  folder: string,
  options: { readonly json?: boolean; readonly env?: Record<string, string> } = {},
): CliContext & { readonly terminal: FakeTerminal } {
  return {
    env: { PATH: process.env['PATH'], ...options.env },
    cwd: folder,
    projectRoot,
    home: join(folder, 'home'),
    cacheDir: cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }),
    userHome: folder,
    workerEntry: join(projectRoot, 'apps', 'worker', 'src', 'main.ts'),
    terminal: fakeTerminal({ json: options.json }),
    interrupt: new AbortController().signal,
    randomId: () => '12345678-0000',
  };
}
