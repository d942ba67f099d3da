import { AppError, type Digest } from '@overture/core';

/** The error for a digest without content. Not retryable: the artifact must be produced again. */
export function missing(digest: Digest, where: string): AppError {
  return new AppError(
    'ARTIFACT_MISSING',
    `Artifact ${digest} must be at ${where}. Nothing is there: it was deleted, or this store never held it. ` +
      'Start the workflow again; the stage that makes it will run anew.',
    { details: { digest, where } },
  );
}

/** The error for content that does not match its digest. Not retryable. */
export function corrupt(digest: Digest, where: string, found: string): AppError {
  return new AppError(
    'ARTIFACT_CORRUPT',
    `Artifact ${digest} at ${where} must hold the bytes its digest names. Got ${found} instead: it was altered, or the disk fails. ` +
      'Delete it and start the workflow again; the stage that makes it will run anew.',
    { details: { digest, where, found } },
  );
}

// Errors that a retry cannot fix, unlike a full disk or a failed read.
const permanent = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EISDIR',
  'EEXIST',
  'ENOTEMPTY',
]);
const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room.',
  EDQUOT: 'The disk quota is used up: make room.',
  EACCES: 'Give this user the right to write there.',
  EPERM: 'Give this user the right to write there.',
  EROFS: 'The file system is read-only: choose another folder.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n).',
};

/**
 * Converts a failed file operation to an `AppError`; an `AppError` is returned unchanged. `doing` completes
 * "could not …", for example "write".
 */
export function fileError(thrown: unknown, doing: string, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code ?? 'UNKNOWN';
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(
    'ARTIFACT_IO',
    `Could not ${doing} ${path}: ${reason}. ${advice[code] ?? 'Nothing half-written is left; try again.'}`,
    {
      details: { path, code },
      retryable: !permanent.has(code),
      cause: thrown,
    },
  );
}
