// The entry of the npm package `overture-predictor`: it predicts with a bundle, and does nothing else.
export { AppError } from '@overture/core';
export type { Conversation, ExampleInput, Role, Utterance } from '@overture/dialogue';
export type { BundleManifest } from './bundle-manifest.ts';
export { openPredictor, type Prediction, type Predictor, type PredictOptions, type PredictorOptions, type PredictorUsage } from './predictor.ts';
export type { PredictionWarning } from './text-warnings.ts';
