import {
  attention,
  cast,
  gatherRows,
  greater,
  mul,
  reshape,
  rotaryEmbedding,
  split,
  transpose,
  type Dim,
  type GraphBuilder,
  type Value,
} from '@overture/graph';
import { int64 } from '@overture/tensors';
import type { AttentionShape } from './layout.ts';
import { hiddenScore, laterKeys } from './later-keys.ts';
import { once } from './once.ts';
import { packedInputs } from './packed-inputs.ts';
import { rotaryTables } from './rotary-tables.ts';

/** Attention of all sequences of a packed batch in one operation. */
export interface AttentionGrid {
  /** Same as `Layout.attend`. */
  attend(qkv: Value, shape: AttentionShape): Value;
}

/**
 * Lays packed tokens out as [sequences, longest] for attention and packs the result again. Cells after a
 * sequence's end are zero and masked. `packBatch` feeds the positions.
 */
export function attentionGrid(
  builder: GraphBuilder,
  { sequences, tokens }: { readonly sequences: number; readonly tokens: Dim },
): AttentionGrid {
  const grid = builder.input(packedInputs.grid, 'int64', [sequences, 'longest']);
  const cells = builder.input(packedInputs.cells, 'int64', [tokens]);
  const later = once(() => {
    const columns = builder.input(packedInputs.columns, 'int64', ['longest']);
    // padding comes after all tokens of its sequence, so the causal mask hides it too
    return laterKeys(reshape(columns, [1, -1]), reshape(columns, [-1, 1]));
  });
  const padding = once(() =>
    reshape(mul(cast(greater(builder.constant(int64([1, 1], [0])), grid), 'float32'), hiddenScore), [
      sequences,
      1,
      1,
      -1,
    ]),
  );
  return {
    attend(qkv, { heads, keyValueHeads, width, causal, rotary }) {
      // [sequences, longest, all heads · width].
      const rows = gatherRows(qkv, grid, cells, { inverseHasGaps: false });
      const byHead = transpose(
        reshape(rows, [sequences, -1, heads + 2 * keyValueHeads, width]),
        [0, 2, 1, 3],
      );
      const [qk, v] = split(byHead, 1, [heads + keyValueHeads, keyValueHeads]);
      const [q, k] = split(
        rotary === undefined ? qk : rotaryEmbedding(qk, rotaryTables(builder, width, rotary)),
        1,
        [heads, keyValueHeads],
      );
      // [sequences, heads, longest, width].
      const context = attention(q, k, v, { scale: 1 / Math.sqrt(width), bias: causal ? later() : padding() });
      const back = reshape(transpose(context, [0, 2, 1, 3]), [sequences, -1, heads * width]);
      return gatherRows(back, cells, grid, { indexHasGaps: false });
    },
  };
}
