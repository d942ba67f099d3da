import { tokenize } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { encodeTokenSet, loadTokenizer, tokenizeCorpus } from '@overture/tokenization';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { artifactLines } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Encodes every labeled system turn as token ids. */
export async function tokenizeExamples(
  { corpus, tokenizer, protocol, tagSet, maxLength }: z.output<typeof tokenize.input>,
  { artifacts, signal, heartbeat }: ComputeContext,
): Promise<z.output<typeof tokenize.output>> {
  const { tokens, truncated } = await tokenizeCorpus(
    artifactLines(artifacts, corpus),
    loadTokenizer(await artifacts.readBytes(tokenizer)),
    {
      maxLength,
      signal,
      rule: { protocol, tagSet: resolveTagSet(tagSet) },
      where: `corpus ${corpus.digest}`,
      onProgress: ({ examples }) => heartbeat({ message: `${examples} examples`, done: examples }),
    },
  );
  return {
    tokens: await artifacts.put('tokens', encodeTokenSet(tokens)),
    examples: tokens.labels.length,
    truncated,
  };
}

/** `tokenizeExamples` in a child process. */
export const tokenizeStage = implement(
  tokenize,
  inChild(import.meta.url, tokenizeExamples, { stage: tokenize.name }),
);
