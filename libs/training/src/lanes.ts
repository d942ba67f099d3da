import { encodeOnnx, type Graph } from '@overture/graph';
import type { Runtime, Session, Tensors } from '@overture/runtime';

/** How many sessions share the threads when there is that much work at a time. */
export function laneCount(threads: number, parts: number): number {
  return Math.max(1, Math.min(threads, parts));
}

/**
 * Sessions of one graph that run side by side: the first in the caller's thread, the others in threads of their own. Two runs with one
 * thread each take less time than one after the other with two: no operator waits for its slowest half, and those that know
 * one thread only are no longer alone (measured with MiniLM, 16 × 256 tokens, the runs by themselves: 1.26 times; a whole step gains less).
 */
export class Lanes {
  readonly sessions: readonly Session[];

  private constructor(sessions: readonly Session[]) {
    this.sessions = sessions;
  }

  /** As many as there are threads, and parts to run at a time. Default: one for each thread. On a device one. */
  static async open(runtime: Runtime, graph: Graph, parts = runtime.threads): Promise<Lanes> {
    const count = runtime.separateMemory ? 1 : laneCount(runtime.threads, parts);
    const threads = Math.max(1, Math.floor(runtime.threads / count));
    const bytes = encodeOnnx(graph);
    const others = Array.from({ length: count - 1 }, () => runtime.load(bytes, { name: graph.name, threads, inThread: true }));
    return new Lanes(await Promise.all([runtime.load(bytes, { name: graph.name, threads }), ...others])); // last, because it blocks
  }

  get count(): number {
    return this.sessions.length;
  }

  get outputs(): readonly string[] {
    return this.sessions[0].outputs;
  }

  /** Those feeds that the graph asks for. */
  known(feeds: Tensors): Tensors {
    const { inputs } = this.sessions[0];
    return Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.includes(name)));
  }

  /**
   * Runs sequences in groups of similar length, each group in the next lane that is free. Resolves when all lanes are idle; what the first
   * of them threw ends the others after their group.
   * @param lengths of the sequences
   * @param run gets a session, the places of a group's sequences, and how many sequences were begun before them
   */
  async byLength(lengths: readonly number[], perRun: number, run: (session: Session, places: readonly number[], begun: number) => Promise<void>): Promise<void> {
    const order = lengths.map((_, place) => place).sort((a, b) => lengths[a] - lengths[b]);
    let next = 0;
    let failed: { readonly error: unknown } | undefined;
    const work = async (session: Session): Promise<void> => {
      while (next < order.length && failed === undefined) {
        const begun = next;
        next += perRun;
        await run(session, order.slice(begun, next), begun).catch((error: unknown) => (failed ??= { error }));
      }
    };
    await Promise.all(this.sessions.toReversed().map(work)); // the first blocks this thread, so the others begin before it
    if (failed !== undefined) throw failed.error;
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
