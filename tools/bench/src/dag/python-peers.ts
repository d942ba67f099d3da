import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..', '..');

/** A Python orchestrator beside ours: adding one is a row here and a program that prints seconds. */
export const pythonPeers = [
  { name: 'Prefect', requirement: 'prefect==3.*', program: 'prefect_peer.py', keeps: 'task states in its local API' },
  { name: 'Dagster', requirement: 'dagster==1.*', program: 'dagster_peer.py', keeps: 'events and outputs on disk' },
  { name: 'Kedro', requirement: 'kedro==1.*', program: 'kedro_peer.py', keeps: 'nothing' },
] as const;

export type PythonPeer = (typeof pythonPeers)[number];

/** Runs the shape with a peer, in an environment of its own that is set up at the first use; seconds. */
export async function runPythonPeer({ name, requirement, program }: PythonPeer, { wide, deep }: { wide: number; deep: number }, log: (line: string) => void): Promise<number> {
  const environment = join(folder, '.venv', name.toLowerCase());
  const python = join(environment, 'bin', 'python');
  if (!existsSync(join(environment, 'ready'))) {
    log(`Setting up ${name} under tools/bench/.venv …`);
    await run('python3', ['-m', 'venv', environment]);
    await run(python, ['-m', 'pip', 'install', '--quiet', requirement], { maxBuffer: 2 ** 26 });
    await writeFile(join(environment, 'ready'), '');
  }
  const { stdout } = await run(python, [join(import.meta.dirname, program), `${wide}`, `${deep}`], { env: { ...process.env, PREFECT_HOME: join(environment, 'home'), DAGSTER_HOME: '' }, maxBuffer: 2 ** 26 });
  return Number(stdout.trim().split('\n').at(-1));
}
