export { bertConfigJson, parseBertConfig, type BertConfig } from './bert-config.ts';
export { bertParameters, classCount } from './bert-parameters.ts';
export { encodeClassifierWeights, loadClassifierWeights, parseClassifierWeights, type LoadWeightsOptions, type Weights } from './classifier-weights.ts';
export type { NamedShape, ParameterBlock } from './parameter-block.ts';
export {
  baseModelFiles,
  baseModelNames,
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
