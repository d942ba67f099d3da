/** A tensor in a file that a network does not use. */
export interface UnusedTensor {
  /** Text for the user: "the pooler". */
  readonly what: string;
  /** Whether files of the family usually have it. */
  readonly expected: boolean;
}

/** Names of tensors that a network does not use. */
export interface UnusedTensors {
  /**
   * Matches the encoder's own tensor names (without the prefix). Any other tensor that matches is a mistake.
   */
  readonly encoder: RegExp;
  /** Exceptions and more specific descriptions; the first match applies. */
  readonly rows: readonly (readonly [name: RegExp, unused: UnusedTensor])[];
}

const otherHead: UnusedTensor = { what: 'a head of another task', expected: false };
const classifier: UnusedTensor = { what: 'a classification head', expected: false };
const buffer: UnusedTensor = { what: 'a buffer that is computed', expected: true };

/** Creates a function for `Network.unused`. */
export function describeUnused({ encoder, rows }: UnusedTensors): (name: string) => UnusedTensor | undefined {
  return (name) =>
    rows.find(([pattern]) => pattern.test(name))?.[1] ?? (encoder.test(name) ? undefined : otherHead);
}

/**
 * Unused tensors of networks with BERT's encoder. One table covers all families, because their head names do
 * not overlap.
 */
export const bertUnused: UnusedTensors['rows'] = [
  [/^embeddings\.(position_ids|token_type_ids)$/, buffer],
  [/^pooler\./, { what: 'the pooler', expected: true }],
  [
    /^(cls|lm_head|vocab_transform|vocab_layer_norm|vocab_projector)\./,
    { what: 'the head of masked-language modeling', expected: true },
  ],
  [/^qa_outputs\./, { what: 'the head of question answering', expected: false }],
  [/^(classifier|pre_classifier)\./, classifier],
];

/** Unused tensors of Llama-type networks. */
export const llamaUnused: UnusedTensors['rows'] = [
  [/(^|\.)rotary_emb\.(inv_freq|cos_cached|sin_cached)$/, buffer],
  [/^lm_head\./, { what: 'the head of language modeling', expected: true }],
  [/^score\./, classifier],
];
