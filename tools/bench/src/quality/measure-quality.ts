import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeReport } from '../write-report.ts';
import { qualityReport, type QualityRow, type TrainAnswer } from './quality-report.ts';

/** Options of the quality measurement. */
export interface QualityOptions {
  readonly corpus: string;
  readonly seeds: number;
  readonly out: string;
}

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..', '..', '..', '..', 'apps', 'cli', 'bin', 'overture.mjs');

/**
 * Trains MiniLM with the product's defaults through the command line, once per seed with class weights and
 * once without. Summarizes the reports. Existing runs are reused.
 */
export async function measureQuality({ corpus, seeds, out }: QualityOptions): Promise<void> {
  const wanted = [
    ...Array.from({ length: seeds }, (_, seed) => ({ seed, classWeights: 'balanced' })),
    { seed: 0, classWeights: 'none' },
  ];
  const rows: QualityRow[] = [];
  for (const { seed, classWeights } of wanted) {
    const args = [
      'train',
      '--corpus',
      corpus,
      '--base',
      'minilm',
      '--set',
      `training.seed=${seed}`,
      '--set',
      `training.classWeights=${classWeights}`,
      '--json',
    ];
    const { stdout } = await run(process.execPath, [cli, ...args], { maxBuffer: 2 ** 26 });
    const answer = JSON.parse(stdout) as TrainAnswer;
    rows.push({ seed, classWeights, answer });
    process.stderr.write(`${classWeights}, seed ${seed}: macro-F1 ${answer.report.macroF1.toFixed(4)}\n`);
  }
  await writeReport(out, qualityReport(rows));
}
