import { AppError, type JsonValue } from '@overture/core';

/** Refuses an application of an operator: what it wants, what it got. */
export function refuse(op: string, sentence: string, details: Readonly<Record<string, JsonValue>> = {}): never {
  throw new AppError('GRAPH_TYPE_MISMATCH', `${op} ${sentence}`, { details: { op, ...details } });
}
