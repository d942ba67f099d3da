import { describe, expect, it } from 'vitest';
import { baseModelPlaces } from './base-model-places.ts';

describe('baseModelPlaces', () => {
  it('knows where Hugging Face’s tools keep models, from the most particular variable to the default', () => {
    const cache = (env: Record<string, string>): string | undefined =>
      baseModelPlaces(env, '/home/me').huggingFaceCache;
    expect(cache({})).toBe('/home/me/.cache/huggingface/hub');
    expect(cache({ XDG_CACHE_HOME: '/x' })).toBe('/x/huggingface/hub');
    expect(cache({ XDG_CACHE_HOME: '/x', HF_HOME: '/hf' })).toBe('/hf/hub');
    expect(cache({ HF_HOME: '/hf', HF_HUB_CACHE: '/hub' })).toBe('/hub');
    expect(cache({ HF_HOME: '' })).toBe('/home/me/.cache/huggingface/hub');
  });

  it('reads the endpoint, the token, the local folder, and whether to stay offline', () => {
    expect(
      baseModelPlaces(
        { HF_ENDPOINT: 'https://mirror.example', HF_TOKEN: 't', OVERTURE_MODELS: '/models' },
        '/home/me',
      ),
    ).toMatchObject({
      hubUrl: 'https://mirror.example',
      hubToken: 't',
      localFolder: '/models',
    });
    expect(
      baseModelPlaces({ HF_HUB_OFFLINE: 'true', HF_ENDPOINT: 'https://mirror.example' }, '/home/me').hubUrl,
    ).toBe(false);
    expect(baseModelPlaces({ HF_HUB_OFFLINE: '0' }, '/home/me').hubUrl).toBeUndefined();
  });
});
