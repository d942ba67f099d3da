import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError } from '@overture/core';

/** Whether the error means that there is no such object. */
export function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}

/**
 * Converts an error of the SDK to an `AppError`; an `AppError` is returned unchanged. `doing` completes
 * "could not …", for example "write".
 */
export function s3Error(thrown: unknown, doing: string, where: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const status = thrown instanceof S3ServiceException ? thrown.$metadata.httpStatusCode : undefined;
  const details = { where, reason: name, status };
  if (name === 'NoSuchBucket')
    return new AppError(
      'ARTIFACT_BUCKET',
      `Could not ${doing} ${where}: the bucket must exist. Make it, or name another (OVERTURE_ARTIFACTS).`,
      { details, cause: thrown },
    );
  if (status === 401 || status === 403 || /credential/i.test(name)) {
    return new AppError(
      'ARTIFACT_ACCESS',
      `Could not ${doing} ${where}: ${message || name}. Give this worker credentials for the bucket (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role) with the rights to get and put objects.`,
      { details, cause: thrown },
    );
  }
  if (/region is missing/i.test(message))
    return new AppError(
      'ARTIFACT_SETTINGS',
      `Could not ${doing} ${where}: set AWS_REGION to the region of the bucket.`,
      { details, cause: thrown },
    );
  if (status === 301 || name === 'AuthorizationHeaderMalformed' || name === 'PermanentRedirect') {
    return new AppError(
      'ARTIFACT_SETTINGS',
      `Could not ${doing} ${where}: the bucket is in another region than AWS_REGION says, or on another server than AWS_ENDPOINT_URL_S3 says (${message || name}).`,
      { details, cause: thrown },
    );
  }
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  if (code !== undefined && /^E[A-Z_]+$/.test(code)) {
    return new AppError(
      'ARTIFACT_IO',
      `Could not ${doing} ${where}: the server cannot be reached (${message || code}). Check AWS_ENDPOINT_URL_S3 and AWS_REGION; this is tried again.`,
      { details, retryable: true, cause: thrown },
    );
  }
  return new AppError(
    'ARTIFACT_IO',
    `Could not ${doing} ${where}: ${message || name}. Nothing half-written is left; try again.`,
    { details, retryable: true, cause: thrown },
  );
}
