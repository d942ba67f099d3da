import { readFile, writeFile } from 'node:fs/promises';
import {
  formatConversationLine,
  openCorpus,
  planSplits,
  resolveTagSet,
  withSplits,
} from '@overture/dialogue';
import { encodeTokenSet, loadTokenizer, tokenizeCorpus } from '@overture/tokenization';

/** Tokenizes a corpus as the pipeline does, and writes the token set to a file that both peers read. */
export async function prepareTokens(
  corpusPath: string,
  tokenizerFile: string,
  output: string,
  maxLength: number,
): Promise<{ examples: number; tokens: number }> {
  const corpus = await openCorpus(corpusPath);
  const plan = await planSplits(corpus, { seed: 0 });
  const lines = (async function* () {
    for await (const conversation of withSplits(corpus.conversations(), plan))
      yield formatConversationLine(conversation);
  })();
  const tokenizer = loadTokenizer(await readFile(tokenizerFile));
  const { tokens } = await tokenizeCorpus(lines, tokenizer, {
    maxLength,
    rule: { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') },
  });
  await writeFile(output, encodeTokenSet(tokens));
  return { examples: tokens.labels.length, tokens: tokens.ids.length };
}
