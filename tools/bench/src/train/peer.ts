import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a peer says after one optimizer step. */
export interface PeerStep {
  /** Real tokens, padding not counted. */
  readonly tokens: number;
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  readonly loss: number;
  /** Highest resident memory so far, MiB. */
  readonly peakMiB: number;
}

/** A training program that steps when told to. */
export interface Peer {
  readonly name: string;
  /** What the peer says of itself: versions. */
  readonly description: string;
  step(): Promise<PeerStep>;
  close(): void;
}

/** Starts a peer: it prints one JSON line when ready and one per line that it reads. */
export async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The peer ${name} must answer with a line of JSON. It ended instead; its words are above.`);
    return JSON.parse(value as string) as Record<string, unknown>;
  };
  const ready = await next();
  return {
    name,
    description: String(ready['description']),
    async step() {
      child.stdin.write('step\n');
      return (await next()) as unknown as PeerStep;
    },
    close: () => void child.kill(),
  };
}
