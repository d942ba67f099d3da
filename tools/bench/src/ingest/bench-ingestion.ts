import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCorpus } from '@overture/dialogue';
import { machineText, thisMachine } from '../machine.ts';
import { writeReport } from '../write-report.ts';

/** Options of the ingestion benchmark. */
export interface IngestionBenchOptions {
  /** A corpus whose files can be enlarged by concatenating copies: TSV or JSON Lines without ids. */
  readonly corpus: string;
  readonly out: string;
}

interface Reading {
  readonly conversations: number;
  readonly examples: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

const factors = [1, 2, 5, 10];
const rounds = 3;

/** Reads a corpus at its own size and enlarged up to ten times, and reports the growth of time and memory. */
export async function benchIngestion({ corpus, out }: IngestionBenchOptions): Promise<void> {
  const { files } = await openCorpus(corpus);
  const folder = mkdtempSync(join(tmpdir(), 'overture-ingestion-'));
  try {
    const rows = factors.map((factor) => {
      const enlarged = join(folder, `x${factor}`);
      mkdirSync(enlarged);
      let bytes = 0;
      for (const { path, split } of files) {
        const target = join(enlarged, `${split ?? 'train'}${path.slice(path.lastIndexOf('.'))}`);
        const copy = `${readFileSync(path, 'utf8').trimEnd()}\n\n`;
        writeFileSync(target, '');
        for (let i = 0; i < factor; i++) appendFileSync(target, copy);
        bytes += statSync(target).size;
      }
      const readings = Array.from({ length: rounds }, () => read(enlarged)).sort(
        (a, b) => a.seconds - b.seconds,
      );
      process.stderr.write(`x${factor}: ${readings.map(({ seconds }) => seconds.toFixed(2)).join(', ')} s\n`);
      return { factor, bytes, ...(readings[Math.floor(rounds / 2)] as Reading) };
    });
    await writeReport(out, report(rows));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(corpus: string): Reading {
  return JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, 'ingest-peer.ts'), corpus], {
      encoding: 'utf8',
    }),
  ) as Reading;
}

function report(rows: readonly (Reading & { factor: number; bytes: number })[]): string {
  const base = rows[0] as (typeof rows)[number];
  const cells = rows.map(({ factor, bytes, conversations, examples, seconds, peakMiB }) =>
    [
      `${factor}×`,
      (bytes / 2 ** 20).toFixed(1),
      conversations,
      examples,
      seconds.toFixed(2),
      (seconds / base.seconds).toFixed(2),
      (conversations / seconds).toFixed(0),
      peakMiB.toFixed(0),
    ].join(' | '),
  );
  return `# Ingestion

Written by \`npm run bench -- ingest --corpus PATH\`. Bytes to examples: finding the splits, reading and checking each conversation, merging
turns, labeling. The corpus is put one after another 1 to 10 times; median of ${rounds} processes each, warm. Time should grow as the
corpus does, memory should not.

| size | MiB | conversations | examples | seconds | × the first | conversations/s | peak memory, MiB |
|---|---|---|---|---|---|---|---|
${cells.map((row) => `| ${row} |`).join('\n')}

* Machine: ${machineText(thisMachine())}.
`;
}
