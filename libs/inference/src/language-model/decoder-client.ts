import { openChildService, usageTogether, type ChildService, type ProcessUsage } from '@overture/runtime';
import openDecoder from './decoder-child.ts';
import type { DecoderAnswer, DecoderRequest, DecoderSettings } from './decoder-messages.ts';

/** The door to a decoder, wherever it is. */
export interface DecoderClient {
  ask(request: DecoderRequest): Promise<DecoderAnswer>;
  /** What its processes took; undefined on the calling thread. */
  usage(): ProcessUsage | undefined;
  close(): Promise<void>;
}

/** A decoder on the calling thread, which stands still during a step. */
export async function decoderOnThisThread(settings: DecoderSettings): Promise<DecoderClient> {
  const ask = await openDecoder(settings);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (request: DecoderRequest): Promise<DecoderAnswer> => {
    const answer = last.then(() => ask(request));
    last = answer.catch(() => undefined); // told to who asked
    return answer;
  };
  return { ask: inTurn, usage: () => undefined, close: async () => void (await inTurn({ kind: 'close' })) };
}

/** A decoder in a process of its own. After a crash, which costs what was asked, the next request has another process. */
export async function decoderInProcess(settings: DecoderSettings): Promise<DecoderClient> {
  const services: ChildService<DecoderRequest, DecoderAnswer>[] = [];
  const open = async (): Promise<ChildService<DecoderRequest, DecoderAnswer>> => {
    const opened = await openChildService<DecoderRequest, DecoderAnswer>(new URL('./decoder-child.ts', import.meta.url).href, { name: `the language model ${settings.weights}`, options: settings });
    services.push(opened);
    return opened;
  };
  let service = Promise.resolve(await open());
  let closed = false;
  return {
    async ask(request) {
      const alive = await service.then((known) => known.alive, () => false);
      if (!closed && !alive) service = open();
      return (await service).ask(request);
    },
    usage: () => usageTogether(services.map(({ usage }) => usage)),
    async close() {
      closed = true;
      await (await service).close();
    },
  };
}
