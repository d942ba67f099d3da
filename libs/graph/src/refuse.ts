import { AppError, type JsonValue } from '@overture/core';

/**
 * Throws the error for an invalid application of an operator.
 * @param sentence what the operator requires and what it received
 * @throws AppError `GRAPH_TYPE_MISMATCH`
 */
export function refuse(
  op: string,
  sentence: string,
  details: Readonly<Record<string, JsonValue>> = {},
): never {
  throw new AppError('GRAPH_TYPE_MISMATCH', `${op} ${sentence}`, { details: { op, ...details } });
}
