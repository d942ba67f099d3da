import { digestOf } from '@overture/core';
import { z } from 'zod';

/** The parts of a JSON schema that the product's contracts use. */
interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
}

/** A value of a schema without optional members, with the given members instead of invented ones. */
export function fakeValue(schema: z.ZodType, given: unknown): unknown {
  return valueOf(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'output' }) as JsonSchema, given);
}

function valueOf(schema: JsonSchema, given: unknown): unknown {
  const {
    type,
    const: constant,
    enum: values,
    anyOf,
    oneOf,
    properties = {},
    required = [],
    items = {},
    prefixItems,
    minItems = 0,
    minimum,
    exclusiveMinimum,
    pattern,
  } = schema;
  if (type === 'object' && isObject(given ?? {})) {
    const members: Readonly<Record<string, unknown>> = (given as Record<string, unknown> | undefined) ?? {};
    const wanted = Object.keys(properties).filter((key) => required.includes(key));
    return Object.fromEntries(
      [...new Set([...wanted, ...Object.keys(members)])].map((key) => [
        key,
        valueOf(properties[key] ?? {}, members[key]),
      ]),
    );
  }
  if (Array.isArray(given)) return given.map((item) => valueOf(items, item));
  if (given !== undefined) return given;
  if (constant !== undefined) return constant;
  if (values !== undefined) return values[0];
  const [first] = anyOf ?? oneOf ?? [];
  if (first !== undefined) return valueOf(first, undefined);
  if (type === 'array')
    return (
      prefixItems?.map((item) => valueOf(item, undefined)) ??
      Array.from({ length: minItems }, () => valueOf(items, undefined))
    );
  if (type === 'string') return pattern?.includes('sha256') ? digestOf('fake') : 'fake';
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number'
    ? (minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1))
    : null;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
