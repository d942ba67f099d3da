export { bertClassifier, bertEncoder, type ParameterLookup } from './bert-classifier.ts';
export { bertConfigJson, parseBertConfig, type BertConfig } from './bert-config.ts';
export { bertParameters, classCount } from './bert-parameters.ts';
export { encodeClassifierWeights, loadClassifierWeights, parseClassifierWeights, type LoadWeightsOptions, type Weights } from './classifier-weights.ts';
export { classifierGraph, exportClassifier, type ExportOptions } from './export-classifier.ts';
export type { EmbeddingTables, Layout } from './layout.ts';
export { packBatch, type Pooling } from './pack-batch.ts';
export { packedInputs, packedLayout } from './packed-layout.ts';
export { paddedInputs, paddedLayout } from './padded-layout.ts';
export type { NamedShape, ParameterBlock } from './parameter-block.ts';
export {
  baseModelFiles,
  baseModelNames,
  baseModelPlaces,
  createTinyBase,
  openModelFolder,
  pinnedModels,
  resolveBaseModel,
  tinyBaseName,
  type BaseModel,
  type BaseModelFile,
  type PinnedModel,
  type ResolveBaseModelOptions,
  type TinyBaseOptions,
} from './base/index.ts';
