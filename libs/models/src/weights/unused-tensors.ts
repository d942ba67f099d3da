/** Names of tensors that a file may hold beside a network, and what they are. */
export interface UnusedTensors {
  /** How the names of the encoder's own tensors begin (without the prefix): what else begins like this is a mistake. */
  readonly encoder: RegExp;
  /** Exceptions and better descriptions, the first that matches. */
  readonly rows: readonly (readonly [name: RegExp, what: string])[];
}

/** See `Network.unused`. */
export function describeUnused({ encoder, rows }: UnusedTensors): (name: string) => string | undefined {
  return (name) => rows.find(([pattern]) => pattern.test(name))?.[1] ?? (encoder.test(name) ? undefined : 'a head of another task');
}

const buffer = 'a buffer that is computed anew';

/** For networks with BERT's encoder; all families' heads in one table, for their names do not overlap. */
export const bertUnused: UnusedTensors['rows'] = [
  [/^embeddings\.(position_ids|token_type_ids)$/, buffer],
  [/^pooler\./, 'the pooler'],
  [/^(cls|lm_head|vocab_transform|vocab_layer_norm|vocab_projector|generator_lm_head)\./, 'the head of masked-language modeling'],
  [/^qa_outputs\./, 'the head of question answering'],
  [/^(classifier|pre_classifier)\./, 'a classification head'],
];

/** For Llama-type networks. */
export const llamaUnused: UnusedTensors['rows'] = [
  [/(^|\.)rotary_emb\.(inv_freq|cos_cached|sin_cached)$/, buffer],
  [/^layers\.\d+\.self_attn\.(bias|masked_bias)$/, buffer],
  [/^lm_head\./, 'the head of language modeling'],
  [/^score\./, 'a classification head'],
];
