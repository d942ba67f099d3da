import { parseBertConfig, parseClassifierWeights, type BaseModel } from '@overture/models';
import { loadTokenizer } from '@overture/tokenization';
import { readFile } from 'node:fs/promises';

/**
 * Reads the files of a base model once as training will, so that a broken one is named where its owner finds it and not
 * by the copy in a work folder.
 * @throws AppError `MODEL_CONFIG_INVALID`, `TOKENIZER_INVALID`, `SAFETENSORS_INVALID`, `WEIGHTS_MISMATCH`
 */
export async function assertUsableBase({ files }: Pick<BaseModel, 'files'>): Promise<void> {
  const config = parseBertConfig(await readFile(files.config, 'utf8'), files.config);
  loadTokenizer(await readFile(files.tokenizer), { where: files.tokenizer });
  parseClassifierWeights(await readFile(files.weights), config, { where: files.weights, seed: 0 });
}
