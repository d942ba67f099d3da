import { fitLogisticRegression, fitTfidf, tfidfTolerance } from '@overture/baselines';
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
  // As the baselines do: the balanced fit starts from the unweighted one.
  const unweighted = fitLogisticRegression(features, labels, { tolerance: tfidfTolerance });
  const balanced = fitLogisticRegression(features, labels, {
    classWeight: 'balanced',
    tolerance: tfidfTolerance,
    start: unweighted.weights,
  });
  const objectives = [unweighted.objective, balanced.objective];
  process.stdout.write(
    `${JSON.stringify({ seconds: (performance.now() - started) / 1000, objectives, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
  );
}
