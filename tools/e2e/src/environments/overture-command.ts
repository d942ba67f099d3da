import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The project folder. */
export const projectRoot = resolve(import.meta.dirname, '..', '..', '..', '..');

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of a command. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the project folder. */
  readonly cwd?: string;
  /** The path of the project, for a process with its own file system. */
  readonly root?: string;
  /** A program and arguments before Node, such as `setpriv`. */
  readonly prefix?: readonly string[];
}

const timeoutMs = 240_000;

/** Runs a command to its end. Of this process's environment, it gets only PATH. */
export function run(
  command: readonly string[],
  { env = {}, cwd = projectRoot }: Pick<CommandOptions, 'env' | 'cwd'> = {},
): Promise<Ended> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGTERM',
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolveEnded, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolveEnded({ code, out, err }));
  });
}

/** Runs the command line under the project's own Node. */
export function overture(
  args: readonly string[],
  { env, cwd = projectRoot, root = projectRoot, prefix = [] }: CommandOptions = {},
): Promise<Ended> {
  return run(
    [...prefix, `${root}/node_modules/node/bin/node`, `${root}/apps/cli/bin/overture.mjs`, ...args],
    { env, cwd },
  );
}

/** The main job in a small version: on the sample with a tiny base. */
export function smallTraining(root = projectRoot): string[] {
  return [
    'train',
    '--base',
    'tiny',
    '--corpus',
    `${root}/data/sample/helpdesk.jsonl`,
    '--set',
    'training.epochs=1',
    '--set',
    'training.maxLength=32',
    '--set',
    'evaluation.bootstrapSamples=100',
    '--json',
  ];
}
