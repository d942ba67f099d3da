import { join } from 'node:path';
import type { ResolveBaseModelOptions } from './resolve-options.ts';

/**
 * Reads the locations of models from the environment: `OVERTURE_MODELS` (a folder) and the variables of
 * Hugging Face's own tools (huggingface_hub, "Environment variables"): `HF_HUB_CACHE`, `HF_HOME`,
 * `XDG_CACHE_HOME`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`.
 * @param userHome the user's home folder
 */
export function baseModelPlaces(
  env: Readonly<Record<string, string | undefined>>,
  userHome: string,
): Pick<ResolveBaseModelOptions, 'localFolder' | 'huggingFaceCache' | 'hubUrl' | 'hubToken'> {
  // An empty variable counts as not set.
  const set = (name: string): string | undefined => env[name] || undefined;
  const huggingFaceHome =
    set('HF_HOME') ?? join(set('XDG_CACHE_HOME') ?? join(userHome, '.cache'), 'huggingface');
  const offline = ['1', 'ON', 'YES', 'TRUE'].includes((set('HF_HUB_OFFLINE') ?? '').toUpperCase());
  return {
    localFolder: set('OVERTURE_MODELS'),
    huggingFaceCache: set('HF_HUB_CACHE') ?? join(huggingFaceHome, 'hub'),
    hubUrl: offline ? false : set('HF_ENDPOINT'),
    hubToken: set('HF_TOKEN'),
  };
}
