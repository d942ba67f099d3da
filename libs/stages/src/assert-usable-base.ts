import { parseNetwork, parseWeights, sequenceClassifier, type BaseModel } from '@overture/models';
import { loadTokenizer } from '@overture/tokenization';
import { readFile } from 'node:fs/promises';

/**
 * Reads the files of a base model once as training will, so that a broken one is named where its owner finds it and not
 * by the copy in a work folder.
 * @throws AppError `MODEL_CONFIG_INVALID`, `MODEL_FAMILY_UNKNOWN`, `TOKENIZER_INVALID`, `SAFETENSORS_INVALID`, `GGUF_INVALID`, `WEIGHTS_MISMATCH`
 */
export async function assertUsableBase({ files }: Pick<BaseModel, 'files'>): Promise<void> {
  const model = sequenceClassifier(parseNetwork(await readFile(files.config, 'utf8'), files.config), { classes: 2 });
  loadTokenizer(await readFile(files.tokenizer), { where: files.tokenizer });
  parseWeights(await readFile(files.weights), model, { where: files.weights, seed: 0 });
}
