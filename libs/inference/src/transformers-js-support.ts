/**
 * Model types for which transformers.js 4 has a sequence classifier. It rejects other types ("Unsupported
 * model type") unless the caller overrides the type from config.json with one of these. A test opens a bundle
 * of every family of Overture.
 */
const classifiers: readonly string[] = ['bert', 'roberta', 'distilbert'];

/** Whether `pipeline('text-classification', folder)` opens a bundle without changes. */
export function opensInTransformersJs(modelType: string): boolean {
  return classifiers.includes(modelType);
}

/** A model type with which transformers.js runs any graph that has the inputs and outputs of a bundle. */
export const genericModelType = 'bert';
