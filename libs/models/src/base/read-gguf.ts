import { dirname } from 'node:path';
import { toAppError, AppError } from '@overture/core';
import { openGguf, toFloat32, type GgufFile } from '@overture/tensors';
import { parseNetwork } from '../families.ts';
import { ggufConfigJson, ropeFactors } from '../gguf/gguf-config.ts';
import { ggufTokenizerJson } from '../gguf/gguf-tokenizer.ts';
import { ggufTokenizerConfigJson } from '../gguf/gguf-tokenizer-config.ts';
import { openFileSource } from '../weights/file-source.ts';
import type { ReadModel } from './model-inspection.ts';
import { choosePadToken, vocabularySize, withPadToken, type TokenizerJson } from './pad-token.ts';

/**
 * Reads everything in a GGUF file except the weights. The same file always produces the same contents.
 * Problems are returned, not thrown.
 */
export async function readGguf(path: string): Promise<ReadModel> {
  if (/\.(safetensors|bin|json|pt|pth)$/.test(path)) {
    const problem = new AppError(
      'BASE_MODEL_FOLDER_INVALID',
      `The base model ${path} is one file of a model. Name its folder, ${dirname(path)}, which also has the config and the tokenizer.`,
      { details: { path } },
    );
    return { sources: { chat: {} }, notices: [], problems: [problem] };
  }
  try {
    await using source = await openFileSource(path);
    const gguf = await openGguf(source, path);
    return await readMetadata(gguf, path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { sources: { chat: {} }, notices: [], problems: [error] };
  }
}

async function readMetadata(gguf: GgufFile, path: string): Promise<ReadModel> {
  const problems: AppError[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(toAppError(error));
      return undefined;
    }
  };
  const factors = gguf.entries.has(ropeFactors) ? toFloat32(await gguf.read(ropeFactors)) : undefined;
  const config = collect(() =>
    ggufConfigJson({ metadata: gguf.metadata, tensors: gguf.entries }, path, factors),
  );
  const network = config && collect(() => parseNetwork(config, path));
  const tokenizer = collect(() => ggufTokenizerJson(gguf, path)) as TokenizerJson | undefined;
  const tokenizerConfig = collect(() => ggufTokenizerConfigJson(gguf, path));
  const pad = tokenizer && choosePadToken({ tokenizer, tokenizerConfig, config }, network?.size.vocabSize);
  const completed = tokenizer && ((pad && withPadToken(tokenizer, pad)) ?? tokenizer);
  return {
    network,
    tokenizer: completed && { files: [path], vocabSize: vocabularySize(completed), pad },
    weightsPath: path,
    sources: {
      config: config && { content: `${JSON.stringify(config, undefined, 2)}\n` },
      tokenizer: completed && { content: `${JSON.stringify(completed, undefined, 1)}\n` },
      chat:
        tokenizerConfig === undefined
          ? {}
          : { config: { content: `${JSON.stringify(tokenizerConfig, undefined, 2)}\n` } },
    },
    notices: [],
    problems,
  };
}
