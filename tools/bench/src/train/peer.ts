import { openPeerProcess } from '../peer-process.ts';

/** A peer's report on one optimizer step. */
export interface PeerStep {
  /** Real tokens; padding is not counted. */
  readonly tokens: number;
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  readonly loss: number;
  /** Peak resident memory so far, MiB. */
  readonly peakMiB: number;
}

/** A training program that runs a step on request. */
export interface Peer {
  readonly name: string;
  /** The peer's description of itself: versions. */
  readonly description: string;
  step(): Promise<PeerStep>;
  close(): void;
}

/** Starts a peer. It prints one JSON line when ready, and one per line that it reads. */
export async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const { description, ask, close } = await openPeerProcess(name, command, args);
  return { name, description, step: async () => (await ask('step')) as PeerStep, close };
}
