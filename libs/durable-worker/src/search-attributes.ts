import type { Connection } from '@temporalio/client';
import { AppError } from '@overture/core';
import type { SearchAttributes, SearchAttributeType } from '@overture/protocol';

/** The types of search attributes, with their numbers in the API (temporal.api.enums.v1.IndexedValueType). */
const searchAttributeTypes = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
} as const satisfies Record<SearchAttributeType, number>;

/** Search attributes that a namespace needs. */
export interface SearchAttributesRequest {
  readonly namespace: string;
  readonly searchAttributes: SearchAttributes;
}

/**
 * Registers the missing search attributes of a namespace. Idempotent, and safe to run concurrently. A
 * workflow that sets an unregistered attribute would retry its task forever, so this runs before a worker
 * accepts tasks.
 * @throws AppError `TEMPORAL_SEARCH_ATTRIBUTES_MISSING` if they are missing and cannot be registered
 */
export async function registerSearchAttributes(
  connection: Pick<Connection, 'operatorService'>,
  { namespace, searchAttributes }: SearchAttributesRequest,
): Promise<void> {
  if (Object.keys(searchAttributes).length === 0) return;
  const missing = await missingAttributes(connection, { namespace, searchAttributes });
  if (missing.length === 0) return;
  const wanted = Object.fromEntries(missing.map(([name, type]) => [name, searchAttributeTypes[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  } catch (error) {
    // Another worker may have registered them meanwhile.
    const still = await missingAttributes(connection, { namespace, searchAttributes });
    if (still.length === 0) return;
    const commands = still.map(
      ([name, type]) =>
        `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`,
    );
    throw new AppError(
      'TEMPORAL_SEARCH_ATTRIBUTES_MISSING',
      `Namespace ${namespace} must have the search attributes ${still.map(([name]) => name).join(', ')}, and registering them failed: ${(error as Error).message}. Have somebody who may do so run: ${commands.join('; ')}.`,
      { details: { namespace, missing: still.map(([name]) => name) }, cause: error },
    );
  }
}

async function missingAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  { namespace, searchAttributes }: SearchAttributesRequest,
): Promise<[string, SearchAttributeType][]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.entries(searchAttributes).filter(([name]) => customAttributes[name] === undefined);
}
