import { AppError } from '@overture/core';
import { join, resolve } from 'node:path';
import type { ArtifactPlace } from './artifact-place.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { openFilesystemStore } from './filesystem-store.ts';
import { checkEndpoint, parseS3Url } from './s3-url.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const defaultCacheGb = 20;

/**
 * Reads the artifact place from `OVERTURE_ARTIFACTS`: a folder or `s3://bucket/prefix`. Default: `artifacts`
 * in the home folder. A bucket's endpoint and region come from the AWS SDK's own variables.
 * `OVERTURE_ARTIFACT_CACHE_GB` limits the local cache in `cacheDir`.
 * @throws AppError `ARTIFACT_SETTINGS` or `ARTIFACT_URL` if a setting is invalid.
 */
export function artifactPlace(
  env: Environment,
  { home, cacheDir }: { home: string; cacheDir: string },
): ArtifactPlace {
  const place = env['OVERTURE_ARTIFACTS'] || join(home, 'artifacts');
  if (!/^[a-z][\w+.-]+:/i.test(place)) return { kind: 'folder', root: resolve(home, place) };
  if (!place.startsWith('s3://'))
    throw new AppError(
      'ARTIFACT_SETTINGS',
      `OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got ${JSON.stringify(place)} instead.`,
    );
  const gigabytes = env['OVERTURE_ARTIFACT_CACHE_GB'] || `${defaultCacheGb}`;
  if (!/^\d+(\.\d+)?$/.test(gigabytes))
    throw new AppError(
      'ARTIFACT_SETTINGS',
      `OVERTURE_ARTIFACT_CACHE_GB must be a number of gigabytes, such as ${defaultCacheGb}. Got ${JSON.stringify(gigabytes)} instead.`,
    );
  parseS3Url(place);
  const variable = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'].find((name) => env[name]);
  const endpoint = variable && checkEndpoint(env[variable] as string, variable);
  // Servers other than Amazon's have no regions, but their signatures contain one.
  const region =
    env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (endpoint === undefined ? undefined : 'us-east-1');
  return {
    kind: 's3',
    url: place,
    endpoint,
    region,
    cache: { root: join(cacheDir, 'artifacts'), maxBytes: Number(gigabytes) * 1e9 },
  };
}

/**
 * Writes a few bytes and reads them back, so that problems with the store appear before any work is done.
 * @param by the process and time of the check; a new value is written again
 * @throws AppError `ARTIFACT_BUCKET`, `ARTIFACT_ACCESS`, `ARTIFACT_SETTINGS` or `ARTIFACT_IO`
 */
export async function checkArtifacts(
  store: Pick<ArtifactStore, 'put' | 'verify'>,
  by: string,
): Promise<void> {
  await store.verify(await store.put('check', new TextEncoder().encode(`Checked by ${by}.`)));
}

/**
 * Opens the artifact store at a place.
 * @throws AppError `ARTIFACT_IO` if the folder cannot be opened; `ARTIFACT_URL` if the bucket's URL is
 * invalid.
 */
export async function openArtifacts(place: ArtifactPlace): Promise<ArtifactStore> {
  if (place.kind === 'folder') return { ...(await openFilesystemStore({ root: place.root })), place };
  // Loaded only when needed: importing the AWS SDK takes a large part of a second.
  const { openS3Store } = await import('./s3-store.ts');
  return { ...(await openS3Store(place)), place };
}
