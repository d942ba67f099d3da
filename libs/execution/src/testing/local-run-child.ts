// Runs one stage in the folder argv[2]. The stage reports that it has started, and ends when the file "go"
// appears. Each line of the output is a JSON value.
import { defineStage, pipeline } from '@overture/dag';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { implement } from '../implement.ts';
import { runLocally } from '../run-locally.ts';

const folder = process.argv[2] as string;
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const wait = defineStage({
  name: 'wait',
  version: 1,
  summary: 'Wait for a file',
  queue: 'light',
  input: z.object({}),
  output: z.object({ by: z.int() }),
});
const waitStage = implement(wait, async (_input, { heartbeat }) => {
  heartbeat({ message: 'started' });
  while (!existsSync(join(folder, 'go'))) await sleep(10);
  return { by: process.pid };
});

const { result, ran, reused } = await runLocally(
  pipeline('waiting', z.object({}), (_, run) => run(wait, {})),
  {},
  { stages: [waitStage], folder, leaseMs: 1_500, onProgress: ({ message }) => print(message) },
);
print({ result, ran, reused });
