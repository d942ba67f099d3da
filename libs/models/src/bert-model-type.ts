/** The families with BERT's encoder. They differ in names and in the offset of positions. */
export const bertModelTypes = ['bert', 'roberta', 'distilbert'] as const;

/** A family with BERT's encoder. */
export type BertModelType = (typeof bertModelTypes)[number];
