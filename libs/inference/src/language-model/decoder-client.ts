import { AppError } from '@overture/core';
import { openChildService, usageTogether, type ChildService, type ProcessUsage } from '@overture/runtime';
import openDecoder from './decoder-child.ts';
import type { DecoderAnswer, DecoderRequest, DecoderSettings } from './decoder-messages.ts';

/** The client of a decoder, wherever it runs. */
export interface DecoderClient {
  /** Number of requests processed concurrently; further ones are queued. */
  readonly concurrency: number;
  ask(request: DecoderRequest): Promise<DecoderAnswer>;
  /** Resources used by its processes; undefined on the calling thread. */
  usage(): ProcessUsage | undefined;
  close(): Promise<void>;
}

/** A decoder on the calling thread, which is blocked during a step. */
export async function decoderOnThisThread(settings: DecoderSettings): Promise<DecoderClient> {
  const ask = await openDecoder(settings);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (request: DecoderRequest): Promise<DecoderAnswer> => {
    const answer = last.then(() => ask(request));
    last = answer.catch(() => undefined); // the caller receives the error
    return answer;
  };
  return {
    concurrency: 1,
    ask: inTurn,
    usage: () => undefined,
    close: async () => void (await inTurn({ kind: 'close' })),
  };
}

/**
 * Decoders in child processes that share the threads. The first one is open when this resolves; the others
 * open when the open ones are busy. A shared prefix is computed by each decoder that receives a request with
 * it. A crash loses the requests of that process, and the next request starts another one.
 */
export async function decodersInProcesses(
  settings: DecoderSettings,
  processes: number,
): Promise<DecoderClient> {
  const threads = Math.max(1, Math.floor(settings.threads / processes));
  const decoders = Array.from({ length: processes }, () => new ChildDecoder({ ...settings, threads }));
  await decoders[0]!.open();
  return {
    concurrency: processes,
    async ask(request) {
      if (request.kind === 'release') {
        await Promise.all(decoders.map((decoder) => decoder.release(request)));
        return {};
      }
      return decoders.reduce((one, other) => (other.waiting < one.waiting ? other : one)).ask(request);
    },
    usage: () => usageTogether(decoders.flatMap((decoder) => decoder.usages())),
    close: async () => void (await Promise.all(decoders.map((decoder) => decoder.close()))),
  };
}

type Service = ChildService<DecoderRequest, DecoderAnswer>;

/** A decoder in its own process, which starts on the first request. */
class ChildDecoder {
  readonly #settings: DecoderSettings;
  /** The last one may be alive. */
  readonly #services: Service[] = [];
  #last: Promise<Service> | undefined;
  #waiting = 0;
  #closed = false;

  constructor(settings: DecoderSettings) {
    this.#settings = settings;
  }

  /** Number of unanswered requests. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Starts a process if none is alive. */
  open(): Promise<Service> {
    // One after the other, so that only the first of several concurrent calls starts a process.
    const last = this.#last ?? Promise.resolve(undefined);
    this.#last = last
      .catch(() => undefined)
      .then((service) => (service?.alive === true ? service : this.#start()));
    return this.#last;
  }

  async ask(request: DecoderRequest): Promise<DecoderAnswer> {
    this.#waiting++;
    try {
      return await (await this.open()).ask(request);
    } finally {
      this.#waiting--;
    }
  }

  /** Without a process, there is nothing to release. */
  async release(request: DecoderRequest): Promise<void> {
    if (this.#services.at(-1)?.alive === true) await this.ask(request);
  }

  usages(): ProcessUsage[] {
    return this.#services.map(({ usage }) => usage);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last?.catch(() => undefined); // it may still be starting
    await Promise.all(this.#services.map((service) => service.close()));
  }

  async #start(): Promise<Service> {
    const { weights } = this.#settings;
    if (this.#closed)
      throw new AppError(
        'LANGUAGE_MODEL_CLOSED',
        `The language model ${weights} must be open to be asked. It was closed: open it again.`,
      );
    const service: Service = await openChildService(new URL('./decoder-child.ts', import.meta.url).href, {
      name: `the language model ${weights}`,
      options: this.#settings,
    });
    this.#services.push(service);
    return service;
  }
}
