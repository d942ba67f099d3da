import { machineText, type Machine } from '../machine.ts';
import type { Contest } from './contests.ts';
import type { PeerSummary } from './summarize.ts';

/** The outcome of a contest. */
export interface ContestResult extends Pick<Contest, 'title' | 'task'> {
  readonly examples: number;
  readonly tokens: number;
  /** Ours first. */
  readonly peers: readonly (PeerSummary & { readonly name: string; readonly description: string })[];
}

/** The measurements of the training benchmark. */
export interface TrainingReportInput {
  readonly corpus: string;
  readonly maxLength: number;
  readonly rounds: number;
  readonly batches: number;
  readonly threads: number;
  readonly results: readonly ContestResult[];
  readonly machine: Machine & { readonly loadBefore: number; readonly loadAfter: number };
}

/** The page `docs/results/training.md`. */
export function trainingReport({ results, machine, ...input }: TrainingReportInput): string {
  const busy = Math.max(machine.loadBefore, machine.loadAfter) > 1.5 * machine.cores;
  const descriptions = new Set(results.flatMap(({ peers }) => peers.map(({ description }) => description)));
  return `# Training throughput

Written by \`npm run bench -- train\`. Tokens are real ones: padding is not counted. At most ${input.maxLength} tokens per sequence. A ratio over 1 says
that Overture is faster; of memory, one under 1 that it takes less.

${results.map(section).join('\n')}
* Data: ${input.corpus}.
* In turns: ${input.rounds} rounds of ${input.batches} steps each (of one step where one takes very long), ${input.threads} threads, after a warm-up.
* Machine: ${machineText(machine)}; load average ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after.${busy ? ' **Other programs shared the machine**: trust the ratio per processor second more than the one per second, and repeat on an idle machine.' : ''}
${[...descriptions].map((description) => `* ${description}.`).join('\n')}
* bfloat16 pays where the processor has instructions for it (AVX-512 BF16, AMX). Where it has not, PyTorch computes it slowly, and float32 is its best.
`;
}

function section({ title, task, examples, tokens, peers }: ContestResult): string {
  const [ours] = peers;
  const cells = (peer: PeerSummary): string[] => [
    peer.tokensPerSecond.toFixed(0),
    `${Math.min(...peer.rounds).toFixed(0)}–${Math.max(...peer.rounds).toFixed(0)}`,
    peer.tokensPerCpuSecond.toFixed(0),
    peer.peakMiB.toFixed(0),
  ];
  const ratios = (peer: PeerSummary): string[] =>
    (['tokensPerSecond', 'tokensPerCpuSecond', 'peakMiB'] as const).map((key) =>
      (ours[key] / peer[key]).toFixed(2),
    );
  const row = (entries: readonly string[]): string => `| ${entries.join(' | ')} |`;
  return `## ${title}

${task} ${examples} examples, ${tokens} tokens.

| | tokens/s, median | range over rounds | tokens per processor second | peak memory, MiB | Overture is faster by | by processor time | memory |
|---|---|---|---|---|---|---|---|
${peers.map((peer, i) => row([peer.name, ...cells(peer), ...(i === 0 ? ['', '', ''] : ratios(peer).map((ratio, k) => (k === 0 ? `**${ratio}**` : ratio)))])).join('\n')}
`;
}
