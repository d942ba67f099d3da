import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..', '..');

/** Python orchestrators for comparison. To add one: a row here and a program that prints seconds. */
export const pythonPeers = [
  {
    name: 'Prefect',
    requirement: 'prefect==3.*',
    program: 'prefect_peer.py',
    keeps: 'task states in its local API',
  },
  {
    name: 'Dagster',
    requirement: 'dagster==1.*',
    program: 'dagster_peer.py',
    keeps: 'events and outputs on disk',
  },
  { name: 'Kedro', requirement: 'kedro==1.*', program: 'kedro_peer.py', keeps: 'nothing' },
] as const;

/** A Python orchestrator for comparison. */
export type PythonPeer = (typeof pythonPeers)[number];

/** The environment's name for messages and folders, and the packages for pip, separated by spaces. */
export interface PythonEnvironment {
  readonly name: string;
  readonly requirement: string;
}

const environmentOf = ({ name }: Pick<PythonEnvironment, 'name'>): string =>
  join(folder, '.venv', name.toLowerCase());

/**
 * Creates the peer's environment with pip's own configuration, unless it exists.
 * @returns its interpreter
 */
export async function setUpPythonPeer(peer: PythonEnvironment, log: (line: string) => void): Promise<string> {
  const environment = environmentOf(peer);
  const interpreter = join(environment, 'bin', 'python');
  if (existsSync(join(environment, 'ready'))) return interpreter;
  log(`Setting up ${peer.name} under tools/bench/.venv …`);
  await run('python3', ['-m', 'venv', environment]);
  await run(interpreter, ['-m', 'pip', 'install', '--quiet', ...peer.requirement.split(' ')], {
    maxBuffer: 2 ** 26,
  });
  await writeFile(join(environment, 'ready'), '');
  return interpreter;
}

/**
 * Runs the shape with an installed peer.
 * @returns seconds
 */
export async function runPythonPeer(
  peer: PythonPeer,
  { wide, deep }: { wide: number; deep: number },
): Promise<number> {
  const environment = environmentOf(peer);
  const env = { ...process.env, PREFECT_HOME: join(environment, 'home'), DAGSTER_HOME: '' };
  const { stdout } = await run(
    join(environment, 'bin', 'python'),
    [join(import.meta.dirname, peer.program), `${wide}`, `${deep}`],
    { env, maxBuffer: 2 ** 26 },
  );
  return Number(stdout.trim().split('\n').at(-1));
}
