import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { env, pipeline } from '@huggingface/transformers';
import { answerAll } from './answer-all.ts';

// node transformers-js-peer.ts REQUESTS BUNDLE THREADS: the pipeline on the same bundle, float32, one text
// per call.
const [requestsFile, bundle, threads] = process.argv.slice(2);
const requests = JSON.parse(await readFile(requestsFile, 'utf8')) as { readonly text: string }[];
Object.assign(env, { allowRemoteModels: false, useFSCache: false });
const classify = await pipeline('text-classification', bundle, {
  dtype: 'fp32',
  device: 'cpu',
  session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

print({ description: `transformers.js ${env.version}, Node ${process.versions.node}, onnxruntime-node` });
for await (const concurrency of createInterface({ input: process.stdin })) {
  print(await answerAll(requests, Number(concurrency), async ({ text }) => void (await classify(text))));
}
