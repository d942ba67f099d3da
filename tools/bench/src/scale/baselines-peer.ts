import { fitLogisticRegression, fitTfidf } from '@overture/baselines';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The same work as `sklearn_peer.py` on the same texts, in the same protocol. */
const [texts, labels]: [string[], number[]] = [[], []];
for await (const line of createInterface({ input: createReadStream(process.argv[2]!) })) {
  const [label, text] = JSON.parse(line) as [number, string];
  labels.push(label);
  texts.push(text);
}
process.stdout.write(`${JSON.stringify({ description: `Node ${process.versions.node}` })}\n`);
for await (const _question of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const { features } = fitTfidf(texts);
  const objectives = (['none', 'balanced'] as const).map((classWeight) => fitLogisticRegression(features, labels, { classWeight }).objective);
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1000, objectives, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`);
}
