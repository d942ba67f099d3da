/**
 * The model types of a bundle that transformers.js 4 has a class for sequence classification for. Others it refuses ("Unsupported model type"), unless
 * its caller names one of these in place of config.json's. A test opens a bundle of every family of Overture.
 */
const classifiers: readonly string[] = ['bert', 'roberta', 'distilbert'];

/** Whether `pipeline('text-classification', folder)` opens a bundle as it is. */
export function opensInTransformersJs(modelType: string): boolean {
  return classifiers.includes(modelType);
}

/** A model type that runs any graph with the inputs and outputs of a bundle. */
export const genericModelType = 'bert';
