import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC codes that the matrix distinguishes (grpc.io/docs/guides/status-codes). */
const codes = { 'not found': 5, internal: 13 } as const;

/** Whether a call of the server failed with a code. */
export function hasGrpcCode(thrown: unknown, code: keyof typeof codes): boolean {
  return isGrpcServiceError(thrown) && thrown.code === (codes[code] as number);
}
