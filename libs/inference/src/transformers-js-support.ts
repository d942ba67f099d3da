/**
 * Model types for which transformers.js 4 has a sequence classifier. It refuses other types ("Unsupported model type") unless the caller overrides the
 * type from config.json with one of these. A test opens a bundle of every family of Overture.
 */
const classifiers: readonly string[] = ['bert', 'roberta', 'distilbert'];

/** Whether `pipeline('text-classification', folder)` opens a bundle as it is. */
export function opensInTransformersJs(modelType: string): boolean {
  return classifiers.includes(modelType);
}

/** A model type under which transformers.js runs any graph with the inputs and outputs of a bundle. */
export const genericModelType = 'bert';
