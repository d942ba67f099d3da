/** The files of a bundle by what they are: the layout that transformers.js opens, and two of our own. */
export const bundleFiles = {
  manifest: 'overture.json',
  card: 'README.md',
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  graph: 'onnx/model.onnx',
} as const;

/** Class names by index of the logits. */
export const labels = ['NO_INITIATIVE', 'INITIATIVE'] as const;
