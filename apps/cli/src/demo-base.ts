import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { proxyFetch } from '@overture/downloads';
import { resolveBaseModel, tinyBaseName, type ResolveBaseModelOptions } from '@overture/models';
import type { CliContext } from './context.ts';

/** Where base models are looked for, by the conventions of Hugging Face's own tools and ours. */
export function baseModelPlaces({ env, cacheDir, userHome }: Pick<CliContext, 'env' | 'cacheDir' | 'userHome'>): ResolveBaseModelOptions {
  return {
    cacheDir: join(cacheDir, 'models'),
    localFolder: env['OVERTURE_MODELS'],
    huggingFaceCache: env['HF_HUB_CACHE'] ?? join(env['HF_HOME'] ?? join(userHome, '.cache', 'huggingface'), 'hub'),
    hubUrl: env['HF_HUB_OFFLINE'] === '1' ? false : env['HF_ENDPOINT'],
    hubToken: env['HF_TOKEN'],
    env,
    fetch: proxyFetch(env),
  };
}

/** The pretrained model when it can be had, else the tiny one made from the corpus. */
export async function demoBase(context: CliContext): Promise<string> {
  try {
    const { name } = await resolveBaseModel('minilm', { ...baseModelPlaces(context), signal: context.interrupt });
    return name;
  } catch (error) {
    context.interrupt.throwIfAborted();
    context.terminal.note(toAppError(error).message);
    return tinyBaseName;
  }
}
