import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A measured program. It prints one JSON line when ready, and one for every line that it reads. */
export interface PeerProcess {
  /** The program's description of itself: versions. */
  readonly description: string;
  ask(line: string): Promise<unknown>;
  close(): void;
}

/** Starts the program and waits until it is ready. */
export async function openPeerProcess(
  name: string,
  command: string,
  args: readonly string[],
): Promise<PeerProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done)
      throw new Error(
        `The peer ${name} must answer with a line of JSON. It ended instead; its words are above.`,
      );
    return JSON.parse(value as string);
  };
  const ready = (await next()) as { readonly description: string };
  return {
    description: ready.description,
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    close: () => void child.kill(),
  };
}
