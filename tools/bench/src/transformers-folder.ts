import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWeights, type BaseModel, type Model, type Weights } from '@overture/models';

/** Writes a model in the format of transformers, with exactly the float32 weights that Overture runs. */
export async function writeTransformersFolder(
  folder: string,
  { files }: BaseModel,
  { model, weights }: { readonly model: Model; readonly weights: Weights },
): Promise<void> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(model.configJson()));
  await copyFile(files.tokenizer, join(folder, 'tokenizer.json'));
  await writeFile(join(folder, 'model.safetensors'), encodeWeights(weights));
}
