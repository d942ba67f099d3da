/**
 * Reads one corpus from bytes to examples, like the stage `ingest`, and prints its cost as a line of JSON.
 * Each size runs in its own process, so that peak memory is that of this size alone.
 */
import {
  examplesOf,
  inspectCorpus,
  openCorpus,
  planSplits,
  resolveTagSet,
  withSplits,
} from '@overture/dialogue';

const corpus = await openCorpus(process.argv[2] as string);
const rule = { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') } as const;
// Once unmeasured, so that the code is compiled and the file is in the page cache.
await inspectCorpus(corpus, { rule });
const start = performance.now();
const plan = await planSplits(corpus);
let [conversations, examples] = [0, 0];
for await (const conversation of withSplits(corpus.conversations(), plan)) {
  conversations++;
  examples += examplesOf(conversation, rule).length;
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  `${JSON.stringify({ conversations, examples, seconds, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
);
