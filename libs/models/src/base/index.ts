export { baseModelFiles, type BaseModel, type BaseModelFile } from './base-model.ts';
export { baseModelPlaces } from './base-model-places.ts';
export { createTinyBase, type TinyBaseOptions } from './create-tiny-base.ts';
export {
  createTinyLanguageModel,
  tinyLanguageModelName,
  type TinyLanguageModelOptions,
} from './create-tiny-language-model.ts';
export { inspectionError, inspectModel, unusedTensors } from './inspect-model.ts';
export { type InspectedTokenizer, type InspectedWeights, type ModelInspection } from './model-inspection.ts';
export { openInspected, openModel, type OpenModelOptions } from './open-model.ts';
export type { PadToken } from './pad-token.ts';
export { baseModelNames, pinnedModels, tinyBaseName, type PinnedModel } from './pinned-models.ts';
export { resolveBaseModel } from './resolve-base-model.ts';
export type { ResolveBaseModelOptions } from './resolve-options.ts';
