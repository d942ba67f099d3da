import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

/** An S3-compatible test server. Each `newBucket` call creates an empty bucket. */
export interface TestS3 {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A client for direct access to the bucket, to change objects without the store. */
  readonly client: S3Client;
  newBucket(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Connects to the server in `OVERTURE_TEST_S3` (`http://key:secret@127.0.0.1:7070`). Without it, starts
 * S3rver on a free port with its objects in a temporary folder.
 */
export async function startTestS3(): Promise<TestS3> {
  const named = process.env['OVERTURE_TEST_S3'];
  if (named !== undefined && named !== '') {
    const { origin, username, password } = new URL(named);
    return onServer(origin, { accessKeyId: username, secretAccessKey: password }, async () => undefined);
  }
  const folder = await mkdtemp(join(tmpdir(), 'overture-s3-'));
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder });
  const { port } = await server.run();
  return onServer(
    `http://127.0.0.1:${port}`,
    { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  );
}

function onServer(endpoint: string, credentials: TestS3['credentials'], stop: () => Promise<void>): TestS3 {
  const region = 'us-east-1';
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    endpoint,
    region,
    credentials,
    client,
    async newBucket() {
      const Bucket = `overture-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    async close() {
      client.destroy();
      await stop();
    },
  };
}
