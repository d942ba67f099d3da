import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { ExampleInput } from '@overture/dialogue';
import { openPredictor, type Precision } from '@overture/inference';
import { answerAll } from './answer-all.ts';

// node overture-peer.ts REQUESTS BUNDLE THREADS PROCESSES PRECISION: answers all requests once for every line
// of standard input.
const [requestsFile, bundle, threads, processes, precision] = process.argv.slice(2);
const requests = JSON.parse(await readFile(requestsFile, 'utf8')) as { readonly example: ExampleInput }[];
await using predictor = await openPredictor(bundle, {
  threads: Number(threads),
  processes: Number(processes),
  precision: precision as Precision,
});
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

print({ description: `Overture, Node ${process.versions.node}, onnxruntime-node` });
for await (const concurrency of createInterface({ input: process.stdin })) {
  print(
    await answerAll(
      requests,
      Number(concurrency),
      async ({ example }) => void (await predictor.predict([example])),
    ),
  );
}
