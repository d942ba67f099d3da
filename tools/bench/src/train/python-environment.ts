import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..', '..');

/**
 * The interpreter of an environment with PyTorch: the named one, or one created here with pip's own
 * configuration.
 */
export async function pythonEnvironment(
  named: string | undefined,
  log: (line: string) => void,
): Promise<string> {
  if (named !== undefined && named !== '') return named;
  const python = join(folder, '.venv', 'bin', 'python');
  const ready = join(folder, '.venv', 'ready');
  if (existsSync(ready)) return python;
  log('Setting up PyTorch under tools/bench/.venv (some GB, once) …');
  await run('python3', ['-m', 'venv', join(folder, '.venv')]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(folder, 'requirements.txt')], {
    maxBuffer: 2 ** 26,
  });
  await run('touch', [ready]);
  return python;
}
