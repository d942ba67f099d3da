import { AppError } from '@overture/core';
import { GrowingInt32 } from './growing-int32.ts';
import { idsOf, type TokenSet } from './token-set.ts';

/**
 * The same examples under other splits. Each example gets its conversation's split, and is dropped if the
 * conversation has none.
 * @throws AppError `SPLIT_UNKNOWN` for a split that token sets do not have
 */
export function withSplitsOf(
  tokens: TokenSet,
  splitOf: (conversation: string) => string | undefined,
): TokenSet {
  const kept: { readonly i: number; readonly split: number }[] = [];
  tokens.exampleIds.forEach((id, i) => {
    const name = splitOf(id.slice(0, id.lastIndexOf('#')));
    if (name === undefined) return;
    const split = tokens.splitNames.indexOf(name);
    if (split === -1)
      throw new AppError(
        'SPLIT_UNKNOWN',
        `A split of a token set must be one of ${tokens.splitNames.join(', ')}. Got ${JSON.stringify(name)} for ${id}.`,
      );
    kept.push({ i, split });
  });
  const [ids, offsets] = [new GrowingInt32(), new GrowingInt32()];
  offsets.push([0]);
  for (const { i } of kept) {
    ids.push(idsOf(tokens, i));
    offsets.push([ids.length]);
  }
  return {
    ...tokens,
    ids: ids.toArray(),
    offsets: offsets.toArray(),
    labels: Uint8Array.from(kept, ({ i }) => tokens.labels[i] as number),
    splits: Uint8Array.from(kept, ({ split }) => split),
    turns: Int32Array.from(kept, ({ i }) => tokens.turns[i] as number),
    exampleIds: kept.map(({ i }) => tokens.exampleIds[i] as string),
  };
}
