import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { thisMachine } from '../machine.ts';
import { median } from '../train/summarise.ts';
import { dagReport, type PeerSeconds } from './dag-report.ts';
import { measureOverture } from './measure-overture.ts';
import { measureRerun } from './measure-rerun.ts';
import { pythonPeers, runPythonPeer } from './python-peers.ts';

export interface BenchDagOptions {
  readonly stages: number;
  readonly rounds: number;
  /** Whether the Python orchestrators run as well. */
  readonly peers: boolean;
  readonly out: string;
}

const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const width = 10;

/** Measures what a stage costs when it does nothing, beside bare Temporal and other orchestrators, and an unchanged run of the main job. */
export async function benchDag({ stages, rounds, peers, out }: BenchDagOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const loadBefore = loadavg()[0] as number;
  const shapes = [{ wide: width, deep: Math.max(2, Math.round(stages / width)) }, { wide: stages, deep: 1 }];
  const overture = await measureOverture(shapes, rounds, log);
  const seconds: PeerSeconds[] = [];
  for (const peer of peers ? pythonPeers : []) {
    const byShape: number[] = [];
    for (const shape of shapes) {
      const measured: number[] = [];
      for (let round = 0; round < rounds; round++) measured.push(await runPythonPeer(peer, shape, log));
      byShape.push(median(measured));
      log(`${peer.name}, ${shape.wide} wide, ${shape.deep} deep: ${byShape.at(-1)?.toFixed(2)} s`);
    }
    seconds.push({ name: peer.name, keeps: peer.keeps, seconds: byShape });
  }
  const rerun = await measureRerun(root, rounds);
  const report = dagReport({ rounds, overture, peers: seconds, rerun, machine: { ...thisMachine(), loadBefore, loadAfter: loadavg()[0] as number } });
  await mkdir(dirname(join(root, out)), { recursive: true });
  await writeFile(join(root, out), report);
  process.stdout.write(report);
}
