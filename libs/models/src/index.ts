export {
  bertModel,
  classCount,
  encodeClassifierWeights,
  exportClassifier,
  parseClassifierWeights,
} from './bert-classifier.ts';
export { bertConfigJson, parseBertConfig } from './bert-config.ts';
export { type BertConfig } from './bert-dimensions.ts';
export { type BertModelType } from './bert-model-type.ts';
export { bertNetwork } from './bert-network.ts';
export { longestStep } from './cached-layout.ts';
export type { DropoutRates, DropoutSite } from './dropout.ts';
export { exportBytes, exportLimit, exportModel, modelGraph, type ExportOptions } from './export-model.ts';
export { parseNetwork } from './families.ts';
export { aboveDepth, freezeLayers } from './freeze-layers.ts';
export { ggufConfigJson } from './gguf/gguf-config.ts';
export { ggufTokenizerJson } from './gguf/gguf-tokenizer.ts';
export { ggufWeights } from './gguf/gguf-weights.ts';
export {
  cacheBytesPerToken,
  cacheShapeOf,
  nothingShared,
  OwnKeyValues,
  stepFeeds,
  type CacheShape,
  type SharedKeyValues,
  type Step,
} from './key-value-cache.ts';
export { languageModelGraph, languageModelNames } from './language-model-graph.ts';
export type { AttentionShape, Droppable, EmbeddingTables, Layout } from './layout.ts';
export { parseLlamaConfig, type LlamaConfig } from './llama-config.ts';
export { llamaNetwork } from './llama-network.ts';
export { adapterFiles, encodeAdapter, parseAdapter } from './lora/adapter-files.ts';
export { mergeLora } from './lora/merge-lora.ts';
export { linearNames, withLora, type LoraModel, type LoraOptions } from './lora/with-lora.ts';
export { causalLanguageModel, multiLabelClassifier, sequenceClassifier, type Model } from './model.ts';
export {
  blockTensor,
  encodeWeights,
  loadWeights,
  parseWeights,
  readWeights,
  type LoadWeightsOptions,
  type Weights,
} from './model-weights.ts';
export {
  parameterSource,
  type HeadNames,
  type HiddenStates,
  type Network,
  type NetworkSize,
  type ParameterSource,
  type LayerRange,
} from './network.ts';
export { chooseTokens, packBatch, packStates, poolings, type Pooling } from './pack-batch.ts';
export { packedInputs } from './packed-inputs.ts';
export { packedLayout, readsOf, type PackedLayout, type PackedOptions, type Reads } from './packed-layout.ts';
export { paddedInputs, paddedLayout, type PaddedLayout, type PaddedLayoutOptions } from './padded-layout.ts';
export type { BlockOptions, BlockStart, NamedShape, ParameterBlock } from './parameter-block.ts';
export {
  baseModelFiles,
  baseModelNames,
  baseModelPlaces,
  createTinyBase,
  createTinyLanguageModel,
  inspectionError,
  inspectModel,
  unusedTensors,
  openInspected,
  openModel,
  pinnedModels,
  resolveBaseModel,
  tinyBaseName,
  tinyLanguageModelName,
  type BaseModel,
  type BaseModelFile,
  type InspectedTokenizer,
  type InspectedWeights,
  type ModelInspection,
  type OpenModelOptions,
  type PadToken,
  type PinnedModel,
  type ResolveBaseModelOptions,
  type TinyBaseOptions,
  type TinyLanguageModelOptions,
} from './base/index.ts';
export {
  ropeFrequencies,
  type RopeFrequencies,
  type RopeParameters,
  type RopeScaling,
} from './rope-scaling.ts';
export type { DroppedTensor, TensorMatch, TiedTensor } from './weights/match-tensors.ts';
export { weightChunks } from './weights/weight-chunks.ts';
export { openWeights, type WeightSource } from './weights/weight-source.ts';
