// The entry point of the npm package `overture-predictor`, which only predicts with a bundle.
export { AppError } from '@overture/core';
export type { Conversation, ExampleInput, Role, Utterance } from '@overture/dialogue';
export type { BundleManifest } from './bundle-manifest.ts';
export {
  openPredictor,
  type Prediction,
  type Predictor,
  type PredictOptions,
  type PredictorOptions,
  type PredictorUsage,
} from './predictor.ts';
export type { PredictionWarning } from './text-warnings.ts';
