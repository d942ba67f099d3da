import { machineText, type Machine } from '../machine.ts';
import type { PeerSummary } from './summarise.ts';

export interface TrainingReportInput {
  readonly corpus: string;
  readonly examples: number;
  readonly tokens: number;
  readonly maxLength: number;
  readonly rounds: number;
  readonly batches: number;
  readonly threads: number;
  /** Overture first. */
  readonly peers: readonly (PeerSummary & { readonly name: string; readonly description: string })[];
  readonly machine: Machine & { readonly loadBefore: number; readonly loadAfter: number };
}

/** docs/results/training.md */
export function trainingReport(input: TrainingReportInput): string {
  const { machine, peers } = input;
  const [ours, theirs] = peers;
  const ratio = (key: 'tokensPerSecond' | 'tokensPerCpuSecond' | 'peakMiB'): string => (ours[key] / theirs[key]).toFixed(2);
  const row = (name: string, peer: PeerSummary): string => {
    return `| ${name} | ${peer.tokensPerSecond.toFixed(0)} | ${Math.min(...peer.rounds).toFixed(0)}–${Math.max(...peer.rounds).toFixed(0)} | ${peer.tokensPerCpuSecond.toFixed(0)} | ${peer.peakMiB.toFixed(0)} |`;
  };
  const busy = Math.max(machine.loadBefore, machine.loadAfter) > 1.5 * machine.cores;
  return `# Training throughput

Written by \`npm run bench -- train\`. MiniLM-L6 with a classification head, float32, batch 16, at most ${input.maxLength} tokens, every parameter
trained, no dropout. Random batches: Overture packs them, PyTorch pads them to their longest sequence (SDPA attention, AdamW).
Tokens are real ones: padding is not counted.

| | tokens/s, median | range over rounds | tokens per processor second | peak memory, MiB |
|---|---|---|---|---|
${peers.map((peer) => row(peer.name, peer)).join('\n')}
| ratio | **${ratio('tokensPerSecond')}** | | ${ratio('tokensPerCpuSecond')} | ${ratio('peakMiB')} |

* Data: ${input.corpus}, ${input.examples} examples, ${input.tokens} tokens.
* In turns: ${input.rounds} rounds of ${input.batches} steps each, ${input.threads} threads, after a warm-up.
* Machine: ${machineText(machine)}; load average ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after.${busy ? ' **Other programs shared the machine**: trust the ratio per processor second more than the one per second, and repeat on an idle machine.' : ''}
${peers.map(({ description }) => `* ${description}.`).join('\n')}
`;
}
