import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { artifactPlace, openArtifacts } from './open-artifacts.ts';
import { startTestS3 } from './testing/s3-server.ts';

const places = { home: '/home/me/.overture', cacheDir: '/home/me/.cache/overture' };

it('puts artifacts into the home, or where it is told', () => {
  expect(artifactPlace({}, places)).toEqual({ kind: 'folder', root: '/home/me/.overture/artifacts' });
  expect(artifactPlace({ OVERTURE_ARTIFACTS: '/mnt/shared' }, places)).toEqual({ kind: 'folder', root: '/mnt/shared' });
  expect(artifactPlace({ OVERTURE_ARTIFACTS: 's3://models/runs', AWS_REGION: 'eu-west-1' }, places)).toEqual({
    kind: 's3', url: 's3://models/runs', endpoint: undefined, region: 'eu-west-1', cache: { root: '/home/me/.cache/overture/artifacts', maxBytes: 20e9 },
  });
});

it.each([
  [{ OVERTURE_ARTIFACTS: 'gs://models' }, 'OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got "gs://models" instead.'],
  [{ OVERTURE_ARTIFACTS: 's3://models', OVERTURE_ARTIFACT_CACHE_GB: 'much' }, 'OVERTURE_ARTIFACT_CACHE_GB must be a number of gigabytes, such as 20. Got "much" instead.'],
])('refuses %j', (env, message) => {
  expect(() => artifactPlace(env, places)).toThrow(message);
});

it('opens a bucket on the server that the environment names', async () => {
  const s3 = await startTestS3();
  const folder = await mkdtemp(join(tmpdir(), 'overture-open-'));
  const place = artifactPlace({ OVERTURE_ARTIFACTS: `s3://${await s3.newBucket()}`, AWS_ENDPOINT_URL_S3: s3.endpoint }, { home: folder, cacheDir: folder });
  if (place.kind !== 's3') throw new Error(place.kind);
  const store = await openArtifacts({ ...place, credentials: s3.credentials } as typeof place);
  const ref = await store.put('corpus', new TextEncoder().encode('hello'));
  expect(await store.has(ref)).toBe(true);
  await s3.close();
  await rm(folder, { recursive: true });
});
