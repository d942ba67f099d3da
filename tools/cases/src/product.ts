import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** The output and the exit code of one command. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** Standard output, parsed as JSON. */
  json(): Record<string, unknown>;
}

/** The command line of this checkout with its own empty home. */
export interface Product extends AsyncDisposable {
  /** Runs `overture …` with additional environment variables. */
  run(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<CommandResult>;
  /** The environment of every command, for a program that a case starts itself. */
  readonly env: NodeJS.ProcessEnv;
}

const entry = resolve(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'overture.mjs');

/** Starts a stack in an empty home. Disposing of the product ends the stack and deletes the home. */
export async function openProduct(): Promise<Product> {
  const home = await mkdtemp(join(tmpdir(), 'overture-cases-'));
  const env = {
    ...process.env,
    OVERTURE_HOME: home,
    OVERTURE_MSDIALOG: undefined,
    TEMPORAL_ADDRESS: undefined,
    DATABASE_URL: undefined,
    NO_COLOR: '1',
  };
  const stack = spawn(process.execPath, [entry, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await untilUp(stack);
  return {
    env,
    run: (args, extra = {}) => runCommand(args, { ...env, ...extra }),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => stack.once('exit', done));
      if (stack.exitCode === null && stack.kill('SIGINT')) await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function untilUp(stack: ChildProcess): Promise<void> {
  const lines = createInterface({ input: stack.stdout! });
  for await (const line of lines) {
    if (!line.includes('Ctrl-C')) continue;
    stack.stdout!.resume();
    return;
  }
  throw new Error('"overture start" ended before its stack was up. Its own message is above.');
}

async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const began = performance.now();
  const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((done) => child.once('close', (code) => done(code ?? 1)));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return {
    exitCode,
    stdout,
    stderr,
    seconds: (performance.now() - began) / 1_000,
    json: () => JSON.parse(stdout) as Record<string, unknown>,
  };
}
