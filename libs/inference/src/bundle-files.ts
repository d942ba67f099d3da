/** The files of a bundle by purpose: the layout that transformers.js opens, and two files of our own. */
export const bundleFiles = {
  manifest: 'overture.json',
  card: 'README.md',
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  graph: 'onnx/model.onnx',
} as const;

/** The int8 graph, if a bundle has one. transformers.js opens it as dtype `q8`. */
export const int8GraphFile = 'onnx/model_quantized.onnx';

/** Class names by index of the logits. */
export const labels = ['NO_INITIATIVE', 'INITIATIVE'] as const;
