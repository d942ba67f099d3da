import { readFile } from 'node:fs/promises';
import type { SharedKeyValues } from '@overture/models';
import type { ChildServiceModule } from '@overture/runtime';
import { loadTokenizer } from '@overture/tokenization';
import type { DecoderAnswer, DecoderRequest, DecoderSettings, PrefixTokens } from './decoder-messages.ts';
import { loadDecoder } from './load-decoder.ts';

/**
 * A decoder that serves requests, in a child process or on the calling thread. Keys and values never leave
 * it.
 */
const openDecoder: ChildServiceModule<DecoderSettings, DecoderRequest, DecoderAnswer> = async (settings) => {
  const tokenizer = loadTokenizer(await readFile(settings.tokenizer), { where: settings.tokenizer });
  const decoder = await loadDecoder(settings);
  const known = new Map<number, SharedKeyValues>();
  const keysOf = async (shared: PrefixTokens | undefined): Promise<SharedKeyValues> => {
    if (shared === undefined) return decoder.nothing();
    const found = known.get(shared.id) ?? (await decoder.share(shared.tokens));
    known.set(shared.id, found);
    return found;
  };
  return async (request) => {
    switch (request.kind) {
      case 'share':
        await keysOf(request.shared);
        return {};
      case 'release':
        known.delete(request.id);
        return {};
      case 'score':
        return {
          logProbabilities: await decoder.score(
            request.prompts,
            request.answers,
            await keysOf(request.shared),
          ),
        };
      case 'generate': {
        const { prompts, maxTokens, endTokens, stop } = request;
        const isStopped = (tokens: readonly number[]): boolean =>
          stop.length > 0 && includesAny(tokenizer.decode(tokens), stop);
        return {
          continuations: await decoder.generate(prompts, await keysOf(request.shared), {
            maxTokens,
            endTokens,
            isStopped,
          }),
        };
      }
      case 'close':
        await decoder.close();
        return {};
    }
  };
};

function includesAny(text: string, stop: readonly string[]): boolean {
  return stop.some((end) => text.includes(end));
}

export default openDecoder;
