/** A tensor that a file may hold beside a network. */
export interface UnusedTensor {
  /** For people: "the pooler". */
  readonly what: string;
  /** Whether files of the family usually hold it. */
  readonly expected: boolean;
}

/** Names of tensors that a file may hold beside a network. */
export interface UnusedTensors {
  /** How the names of the encoder's own tensors begin (without the prefix): what else begins like this is a mistake. */
  readonly encoder: RegExp;
  /** Exceptions and better descriptions, the first that matches. */
  readonly rows: readonly (readonly [name: RegExp, unused: UnusedTensor])[];
}

const otherHead: UnusedTensor = { what: 'a head of another task', expected: false };
const classifier: UnusedTensor = { what: 'a classification head', expected: false };
const buffer: UnusedTensor = { what: 'a buffer that is computed', expected: true };

/** See `Network.unused`. */
export function describeUnused({ encoder, rows }: UnusedTensors): (name: string) => UnusedTensor | undefined {
  return (name) => rows.find(([pattern]) => pattern.test(name))?.[1] ?? (encoder.test(name) ? undefined : otherHead);
}

/** For networks with BERT's encoder; all families' heads in one table, for their names do not overlap. */
export const bertUnused: UnusedTensors['rows'] = [
  [/^embeddings\.(position_ids|token_type_ids)$/, buffer],
  [/^pooler\./, { what: 'the pooler', expected: true }],
  [/^(cls|lm_head|vocab_transform|vocab_layer_norm|vocab_projector)\./, { what: 'the head of masked-language modeling', expected: true }],
  [/^qa_outputs\./, { what: 'the head of question answering', expected: false }],
  [/^(classifier|pre_classifier)\./, classifier],
];

/** For Llama-type networks. */
export const llamaUnused: UnusedTensors['rows'] = [
  [/(^|\.)rotary_emb\.(inv_freq|cos_cached|sin_cached)$/, buffer],
  [/^lm_head\./, { what: 'the head of language modeling', expected: true }],
  [/^score\./, classifier],
];
