import type { PeerStep } from './peer.ts';

/** A peer's performance over all measured rounds. */
export interface PeerSummary {
  /** Real tokens per second of each round. */
  readonly rounds: readonly number[];
  readonly tokensPerSecond: number;
  /** Real tokens per second of processor time: more stable when other programs use the machine. */
  readonly tokensPerCpuSecond: number;
  readonly peakMiB: number;
}

/** Medians over rounds, each a list of steps. */
export function summarize(rounds: readonly (readonly PeerStep[])[]): PeerSummary {
  const rate = (steps: readonly PeerStep[], time: 'seconds' | 'cpuSeconds'): number =>
    sum(steps, 'tokens') / sum(steps, time);
  const perSecond = rounds.map((steps) => rate(steps, 'seconds'));
  return {
    rounds: perSecond,
    tokensPerSecond: median(perSecond),
    tokensPerCpuSecond: median(rounds.map((steps) => rate(steps, 'cpuSeconds'))),
    peakMiB: Math.max(...rounds.flat().map(({ peakMiB }) => peakMiB)),
  };
}

function sum(steps: readonly PeerStep[], key: 'tokens' | 'seconds' | 'cpuSeconds'): number {
  return steps.reduce((total, step) => total + step[key], 0);
}

/** The middle value; for an even number of values, the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
