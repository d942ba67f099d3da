import { AppError } from '@overture/core';

// docs.aws.amazon.com, "Bucket naming rules" and "Object key naming guidelines": only the safe characters.
const bucketPattern = /^(?!.*\.\.)(?!.*(\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const partPattern = /^(?!\.{1,2}$)[\w!.*'()=-]+$/;

/**
 * Parses `s3://bucket/prefix`; one trailing slash is allowed.
 * @throws AppError `ARTIFACT_URL` if the bucket or the prefix is invalid.
 */
export function parseS3Url(url: string): { bucket: string; prefix: readonly string[] } {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(url) ?? [];
  if (!bucketPattern.test(bucket)) {
    throw new AppError(
      'ARTIFACT_URL',
      `A bucket for artifacts must be given as s3://bucket or s3://bucket/prefix, the name in lower-case letters, digits, dots and dashes. Got ${JSON.stringify(url)} instead.`,
    );
  }
  const prefix = path.replace(/\/$/, '');
  const parts = prefix === '' ? [] : prefix.split('/');
  const odd = parts.find((part) => !partPattern.test(part));
  if (odd !== undefined) {
    throw new AppError(
      'ARTIFACT_URL',
      `The prefix in ${JSON.stringify(url)} must be names with a slash between them, of letters, digits and any of _ - . = ! * ' ( ). ${odd === '' ? 'One of them is empty.' : `Got ${JSON.stringify(odd)}.`}`,
    );
  }
  return { bucket, prefix: parts };
}

/**
 * Validates the endpoint of a server other than Amazon's and returns it.
 * @throws AppError `ARTIFACT_SETTINGS` if it is not an HTTP(S) URL without credentials, query and fragment.
 */
export function checkEndpoint(endpoint: string, variable: string): string {
  const url = URL.parse(endpoint);
  const plain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '';
  if (plain) return endpoint;
  throw new AppError(
    'ARTIFACT_SETTINGS',
    `${variable} must be an address such as https://minio.example.com:9000, without credentials. Got something else.`,
  );
}
