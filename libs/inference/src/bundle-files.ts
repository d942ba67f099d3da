/** The files of a bundle by what they are: the layout that transformers.js opens, and two of our own. */
export const bundleFiles = {
  manifest: 'overture.json',
  card: 'README.md',
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  graph: 'onnx/model.onnx',
} as const;

/** The int8 graph, where a bundle has one: what transformers.js opens as dtype `q8`. */
export const int8GraphFile = 'onnx/model_quantized.onnx';

/** Class names by index of the logits. */
export const labels = ['NO_INITIATIVE', 'INITIATIVE'] as const;
