import { loadavg } from 'node:os';
import { thisMachine } from '../machine.ts';
import { dagReport, type PeerSeconds } from './dag-report.ts';
import { measureOverture } from './measure-overture.ts';
import { measureRerun } from './measure-rerun.ts';
import { pythonPeers, runPythonPeer, setUpPythonPeer } from './python-peers.ts';
import { root, writeReport } from '../write-report.ts';

/** Options of the orchestration benchmark. */
export interface BenchDagOptions {
  readonly stages: number;
  readonly rounds: number;
  /** Whether to run the Python orchestrators as well. */
  readonly peers: boolean;
  readonly out: string;
}

const width = 10;

/**
 * Measures the overhead of a no-op stage, compared with bare Temporal and other orchestrators, and an
 * unchanged rerun of the main job.
 */
export async function benchDag({ stages, rounds, peers, out }: BenchDagOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const others = peers ? pythonPeers : [];
  // Before any measurement: pip is busy for minutes.
  for (const peer of others) await setUpPythonPeer(peer, log);
  const loadBefore = loadavg()[0] as number;
  const shapes = [
    { wide: width, deep: Math.max(2, Math.round(stages / width)) },
    { wide: stages, deep: 1 },
  ];
  const overture = await measureOverture(shapes, rounds, log);
  const seconds: PeerSeconds[] = [];
  for (const peer of others) {
    const byShape: number[] = [];
    for (const shape of shapes) {
      // Once each: the differences are large, and some take a minute.
      byShape.push(await runPythonPeer(peer, shape));
      log(`${peer.name}, ${shape.wide} wide, ${shape.deep} deep: ${byShape.at(-1)?.toFixed(2)} s`);
    }
    seconds.push({ name: peer.name, keeps: peer.keeps, seconds: byShape });
  }
  const rerun = await measureRerun(root, rounds);
  const report = dagReport({
    rounds,
    overture,
    peers: seconds,
    rerun,
    machine: { ...thisMachine(), loadBefore, loadAfter: loadavg()[0] as number },
  });
  await writeReport(out, report);
}
