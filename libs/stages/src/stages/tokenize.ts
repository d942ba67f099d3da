import { tokenize } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { encodeTokenSet, loadTokenizer, tokenizeCorpus } from '@overture/tokenization';
import { artifactLines } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Turns every labelled system turn into token ids. */
export const tokenizeStage = implement(tokenize, async ({ corpus, tokenizer, protocol, tagSet, maxLength }, { artifacts, signal, heartbeat }) => {
  const { tokens, truncated } = await tokenizeCorpus(artifactLines(artifacts, corpus), loadTokenizer(await artifacts.readBytes(tokenizer)), {
    maxLength, signal,
    rule: { protocol, tagSet: resolveTagSet(tagSet) },
    where: `corpus ${corpus.digest}`,
    onProgress: ({ examples }) => heartbeat({ message: `${examples} examples`, done: examples }),
  });
  return { tokens: await artifacts.put('tokens', encodeTokenSet(tokens)), examples: tokens.labels.length, truncated };
});
