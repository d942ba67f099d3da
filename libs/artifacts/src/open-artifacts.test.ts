import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactPlace, checkArtifacts, openArtifacts } from './open-artifacts.ts';
import { startTestS3 } from './testing/s3-server.ts';

const places = { home: '/home/me/.overture', cacheDir: '/home/me/.cache/overture' };

it('puts artifacts into the home, or where it is told', () => {
  expect(artifactPlace({}, places)).toEqual({ kind: 'folder', root: '/home/me/.overture/artifacts' });
  expect(artifactPlace({ OVERTURE_ARTIFACTS: '/mnt/shared' }, places)).toEqual({
    kind: 'folder',
    root: '/mnt/shared',
  });
  expect(artifactPlace({ OVERTURE_ARTIFACTS: 's3://models/runs', AWS_REGION: 'eu-west-1' }, places)).toEqual({
    kind: 's3',
    url: 's3://models/runs',
    endpoint: undefined,
    region: 'eu-west-1',
    cache: { root: '/home/me/.cache/overture/artifacts', maxBytes: 20e9 },
  });
});

it.each([
  [
    { OVERTURE_ARTIFACTS: 'gs://models' },
    'OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got "gs://models" instead.',
  ],
  [
    { OVERTURE_ARTIFACTS: 's3:models' },
    'OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got "s3:models" instead.',
  ],
  [
    { OVERTURE_ARTIFACTS: 'S3://models' },
    'OVERTURE_ARTIFACTS must be a folder or s3://bucket/prefix. Got "S3://models" instead.',
  ],
  [{ OVERTURE_ARTIFACTS: 's3://models/a?b' }, 'The prefix in "s3://models/a?b" must be names'],
  [
    { OVERTURE_ARTIFACTS: 's3://models', AWS_ENDPOINT_URL: 'minio:9000' },
    'AWS_ENDPOINT_URL must be an address',
  ],
  [
    { OVERTURE_ARTIFACTS: 's3://models', OVERTURE_ARTIFACT_CACHE_GB: 'much' },
    'OVERTURE_ARTIFACT_CACHE_GB must be a number of gigabytes, such as 20. Got "much" instead.',
  ],
])('refuses %j', (env, message) => {
  expect(() => artifactPlace(env, places)).toThrow(message);
});

it('opens a bucket on the server that the environment names', async () => {
  const s3 = await startTestS3();
  const folder = await mkdtemp(join(tmpdir(), 'overture-open-'));
  const place = artifactPlace(
    { OVERTURE_ARTIFACTS: `s3://${await s3.newBucket()}`, AWS_ENDPOINT_URL_S3: s3.endpoint },
    { home: folder, cacheDir: folder },
  );
  if (place.kind !== 's3') throw new Error(place.kind);
  const store = await openArtifacts({ ...place, credentials: s3.credentials } as typeof place);
  const ref = await store.put('corpus', new TextEncoder().encode('hello'));
  expect(await store.has(ref)).toBe(true);
  await s3.close();
  await rm(folder, { recursive: true });
});

describe('checkArtifacts', () => {
  it.each([
    [
      'a bucket that is not there',
      { url: 's3://no-such-bucket' },
      'ARTIFACT_BUCKET',
      /^Could not write s3:\/\/no-such-bucket\/.+: the bucket must exist\. Make it, or name another \(OVERTURE_ARTIFACTS\)\.$/,
    ],
    [
      'wrong credentials',
      { credentials: { accessKeyId: 'nobody', secretAccessKey: 'wrong' } },
      'ARTIFACT_ACCESS',
      /Give this worker credentials for the bucket/,
    ],
    [
      'a server that is not there',
      { endpoint: 'http://127.0.0.1:1' },
      'ARTIFACT_IO',
      /the server cannot be reached \(.*ECONNREFUSED.*\)\. Check AWS_ENDPOINT_URL_S3 and AWS_REGION; this is tried again\.$/,
    ],
  ])('says at once what is wrong: %s', async (_what, wrong, code, message) => {
    const s3 = await startTestS3();
    const folder = await mkdtemp(join(tmpdir(), 'overture-check-'));
    const place = {
      kind: 's3' as const,
      url: `s3://${await s3.newBucket()}`,
      endpoint: s3.endpoint,
      region: s3.region,
      credentials: s3.credentials,
      cache: { root: folder, maxBytes: 1e6 },
    };
    await checkArtifacts(await openArtifacts(place), 'the test');
    await expect(
      checkArtifacts(await openArtifacts({ ...place, ...wrong } as typeof place), 'the test'),
    ).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await s3.close();
    await rm(folder, { recursive: true, force: true });
  });
});
