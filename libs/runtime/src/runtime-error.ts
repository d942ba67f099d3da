import { AppError } from '@overture/core';

/** Converts an onnxruntime error to an AppError. Only lack of memory is retryable. */
export function toRuntimeError(code: string, what: string, thrown: unknown): AppError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (/bad_alloc|failed to allocate memory|Could not allocate/i.test(message)) {
    return new AppError(
      'RUNTIME_OUT_OF_MEMORY',
      `${what} for want of memory: ${message}. Use smaller batches, or a machine with more memory.`,
      { cause: thrown, retryable: true },
    );
  }
  return new AppError(code, `${what}: ${message}`, { cause: thrown });
}
