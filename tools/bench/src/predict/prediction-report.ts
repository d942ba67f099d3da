import { machineText, type Machine } from '../machine.ts';
import type { Answered } from './answer-all.ts';

/** The measurements of the prediction benchmark. */
export interface PredictionReportInput {
  readonly corpus: string;
  readonly requests: number;
  readonly tokens: number;
  readonly maxLength: number;
  readonly threads: number;
  readonly concurrencies: readonly number[];
  /** Overture first; rounds by concurrency. */
  readonly peers: readonly {
    readonly name: string;
    readonly description: string;
    readonly rounds: readonly (readonly Answered[])[];
  }[];
  readonly machine: Machine & { readonly loadBefore: number; readonly loadAfter: number };
}

/** The page `docs/results/prediction.md`. */
export function predictionReport(input: PredictionReportInput): string {
  const { machine, peers } = input;
  const busy = Math.max(machine.loadBefore, machine.loadAfter) > 1.5 * machine.cores;
  const tables = input.concurrencies.map((concurrency, k) => {
    const rates = peers.map(({ rounds }) =>
      rounds[k].map(({ seconds, latencies }) => latencies.length / seconds),
    );
    const rows = peers.map(({ name, rounds }, i) => {
      const latencies = rounds[k].flatMap((round) => round.latencies);
      const range = `${Math.min(...rates[i]).toFixed(1)}–${Math.max(...rates[i]).toFixed(1)}`;
      return `| ${name} | ${quantile(rates[i], 0.5).toFixed(1)} | ${range} | ${quantile(latencies, 0.5).toFixed(0)} | ${quantile(latencies, 0.99).toFixed(0)} | ${(quantile(rates[i], 0.5) / quantile(rates[0], 0.5)).toFixed(2)} |`;
    });
    return `## ${concurrency === 1 ? 'One caller' : `${concurrency} callers at a time`}

| | predictions/s, median | range over rounds | latency, median ms | p99 ms | throughput by that of Overture |
|---|---|---|---|---|---|
${rows.join('\n')}`;
  });
  const descriptions = [...new Set(peers.map(({ description }) => description))];
  return `# Prediction throughput

Written by \`npm run bench -- predict\`. MiniLM-L6 with a classification head, at most ${input.maxLength} tokens, from text to probability, float32 where nothing
else is said. A caller asks for one prediction, waits for it, and asks for the next. Overture: a process a core, each with one thread,
and one with all threads for a request that is alone; "one process" has all threads. PyTorch: SDPA attention; batched means that what all callers
ask at a time is one padded batch. transformers.js: its pipeline, a text a call.

${tables.join('\n\n')}

* Data: ${input.corpus}, ${input.requests} requests of ${(input.tokens / input.requests).toFixed(0)} tokens on average, all of them in every round.
* In turns: ${peers[0].rounds[0].length} rounds after a warm-up, ${input.threads} threads each.
* Machine: ${machineText(machine)}; load average ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after.${busy ? ' **Other programs shared the machine**: these numbers show the form of the report and little else; repeat on an idle machine.' : ''}
${descriptions.map((description) => `* ${description}.`).join('\n')}
`;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}
