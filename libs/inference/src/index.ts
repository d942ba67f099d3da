export { bundleFiles, labels } from './bundle-files.ts';
export { bundleManifest, parseBundleManifest, type BundleManifest } from './bundle-manifest.ts';
export { openBundle, type Bundle } from './open-bundle.ts';
export { openPredictor, type Prediction, type Predictor, type PredictOptions } from './predictor.ts';
export { writeBundle, type BundleContent } from './write-bundle.ts';
