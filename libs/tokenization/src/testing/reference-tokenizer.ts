import { readFileSync } from 'node:fs';
import { loadTokenizer, type Tokenizer } from '../tokenizer.ts';

/** The bytes of the small WordPiece tokenizer.json made by tools/reference/tokenizers.py. */
export function referenceTokenizerJson(): Buffer {
  return readFileSync(new URL('../reference/tokenizer.json', import.meta.url));
}

/** The small WordPiece tokenizer. */
export function referenceTokenizer(): Tokenizer {
  return loadTokenizer(referenceTokenizerJson());
}

/** The small tokenizers made by tools/reference/tokenizer_families.py. */
export const referenceFamilies = ['roberta', 'llama2', 'llama3', 'xlm-roberta'] as const;

/** The padding tokens of files that name none. As in a model folder, the token that ends a text is used. */
const paddedWith: Readonly<Record<string, string>> = { llama2: '</s>', llama3: '<|eot_id|>' };

/** The bytes of a family's tokenizer.json. */
export function referenceFamilyJson(family: string): Uint8Array {
  const file = readFileSync(new URL(`../reference/families/${family}.json`, import.meta.url));
  const token = paddedWith[family];
  if (token === undefined) return file;
  const definition = JSON.parse(file.toString()) as {
    readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  };
  const { id } = definition.added_tokens.find(({ content }) => content === token)!;
  return new TextEncoder().encode(
    JSON.stringify({
      ...definition,
      padding: {
        strategy: 'BatchLongest',
        direction: 'Right',
        pad_to_multiple_of: null,
        pad_id: id,
        pad_type_id: 0,
        pad_token: token,
      },
    }),
  );
}

/** The small tokenizer of a family. */
export function referenceFamily(family: string): Tokenizer {
  return loadTokenizer(referenceFamilyJson(family), { where: family });
}
