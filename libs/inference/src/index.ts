export { bundleFiles, int8GraphFile, labels } from './bundle-files.ts';
export { bundleManifest, parseBundleManifest, type BundleManifest } from './bundle-manifest.ts';
export type { Int8Options, ValidationExamples } from './int8-gate.ts';
export { openBundle, type Bundle } from './open-bundle.ts';
export type { Precision } from './precision.ts';
export {
  openPredictor,
  type Prediction,
  type Predictor,
  type PredictOptions,
  type PredictorOptions,
  type PredictorUsage,
} from './predictor.ts';
export type { PredictionWarning } from './text-warnings.ts';
export { opensInTransformersJs } from './transformers-js-support.ts';
export { writeBundle, type BundleContent } from './write-bundle.ts';
export {
  openLanguageModel,
  type AskOptions,
  type GenerateOptions,
  type Generation,
  type LanguageModel,
  type LanguageModelOptions,
  type ScoredAnswer,
  type ScoreRequest,
  type PromptPrefix,
} from './language-model/language-model.ts';
export { openChatTokenizer, type ChatTokenizer } from './language-model/chat-tokenizer.ts';
