import { AppError } from '@overture/core';
import { join, resolve } from 'node:path';
import type { ArtifactPlace } from './artifact-place.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { openFilesystemStore } from './filesystem-store.ts';
import { checkEndpoint, parseS3Url } from './s3-url.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const defaultCacheGb = 20;

/**
 * The place that `OVERTURE_ARTIFACTS` names, a folder or `s3://bucket/prefix`; without it, `artifacts` in the home. A bucket's endpoint and
 * region are those of the AWS SDK's own variables, and `OVERTURE_ARTIFACT_CACHE_GB` bounds the copies beside the downloads.
 * @throws AppError `ARTIFACT_SETTINGS`, `ARTIFACT_URL`
 */
export function artifactPlace(env: Environment, { home, cacheDir }: { home: string; cacheDir: string }): ArtifactPlace {
  const place = env['OVERTURE_ARTIFACTS'] || join(home, 'artifacts');
  if (!/^[a-z][\w+.-]+:/i.test(place)) return { kind: 'folder', root: resolve(home, place) };
  if (!place.startsWith('s3://')) throw new AppError('ARTIFACT_SETTINGS', `OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got ${JSON.stringify(place)} instead.`);
  const gigabytes = env['OVERTURE_ARTIFACT_CACHE_GB'] || `${defaultCacheGb}`;
  if (!/^\d+(\.\d+)?$/.test(gigabytes)) throw new AppError('ARTIFACT_SETTINGS', `OVERTURE_ARTIFACT_CACHE_GB must be a number of gigabytes, such as ${defaultCacheGb}. Got ${JSON.stringify(gigabytes)} instead.`);
  parseS3Url(place);
  const variable = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'].find((name) => env[name]);
  const endpoint = variable && checkEndpoint(env[variable] as string, variable);
  // Servers that are not Amazon's have no regions, but their signatures name one.
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (endpoint === undefined ? undefined : 'us-east-1');
  return { kind: 's3', url: place, endpoint, region, cache: { root: join(cacheDir, 'artifacts'), maxBytes: Number(gigabytes) * 1e9 } };
}

/**
 * Writes a few bytes and reads them again, so that what is wrong with the place shows before work is done for it.
 * @param by Who checks and when: a new one is written anew.
 * @throws AppError `ARTIFACT_BUCKET`, `ARTIFACT_ACCESS`, `ARTIFACT_SETTINGS`, `ARTIFACT_IO`
 */
export async function checkArtifacts(store: Pick<ArtifactStore, 'put' | 'verify'>, by: string): Promise<void> {
  await store.verify(await store.put('check', new TextEncoder().encode(`Checked by ${by}.`)));
}

/** Opens the store at a place. */
export async function openArtifacts(place: ArtifactPlace): Promise<ArtifactStore> {
  if (place.kind === 'folder') return { ...(await openFilesystemStore({ root: place.root })), place };
  // Loaded where it is used: the AWS SDK takes a good part of a second.
  const { openS3Store } = await import('./s3-store.ts');
  return { ...(await openS3Store(place)), place };
}
