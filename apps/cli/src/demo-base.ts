import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { proxyFetch } from '@overture/downloads';
import {
  baseModelPlaces,
  resolveBaseModel,
  tinyBaseName,
  type ResolveBaseModelOptions,
} from '@overture/models';
import type { CliContext } from './context.ts';

/** Where base models are looked up: our cache, and the places set in the environment. */
export function baseModelOptions({
  env,
  cacheDir,
  userHome,
}: Pick<CliContext, 'env' | 'cacheDir' | 'userHome'>): ResolveBaseModelOptions {
  return {
    cacheDir: join(cacheDir, 'models'),
    ...baseModelPlaces(env, userHome),
    env,
    fetch: proxyFetch(env),
  };
}

/** The pretrained model if it is available, or else the tiny model made from the corpus. */
export async function demoBase(context: CliContext): Promise<string> {
  try {
    const { name } = await resolveBaseModel('minilm', {
      ...baseModelOptions(context),
      signal: context.interrupt,
    });
    return name;
  } catch (error) {
    context.interrupt.throwIfAborted();
    context.terminal.note(toAppError(error).message);
    return tinyBaseName;
  }
}
