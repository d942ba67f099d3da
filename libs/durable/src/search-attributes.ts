import { shorten } from '@overture/core';
import type { Application, SearchAttributes, SearchAttributeType } from '@overture/protocol';
import {
  defineSearchAttributeKey,
  SearchAttributeType as TemporalType,
  type SearchAttributeUpdatePair,
} from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

/** The value of a search attribute of a type. */
type ValueOf<Type extends SearchAttributeType> = Type extends 'Keyword' | 'Text'
  ? string
  : Type extends 'KeywordList'
    ? readonly string[]
    : Type extends 'Bool'
      ? boolean
      : Type extends 'Datetime'
        ? Date
        : number;

/** Values of an application's own search attributes. A value that is left out stays unchanged. */
export type SearchableValues<Attributes extends SearchAttributes = SearchAttributes> = {
  readonly [Name in keyof Attributes]?: ValueOf<Attributes[Name]>;
};

/**
 * Values of the search attributes that every application has. A value that is left out stays unchanged; an
 * empty list removes the attribute.
 */
export interface StatusValues {
  readonly status?: string;
  readonly failedStages?: readonly string[];
}

const types = {
  Keyword: TemporalType.KEYWORD,
  KeywordList: TemporalType.KEYWORD_LIST,
  Text: TemporalType.TEXT,
  Int: TemporalType.INT,
  Double: TemporalType.DOUBLE,
  Bool: TemporalType.BOOL,
  Datetime: TemporalType.DATETIME,
} as const satisfies Record<SearchAttributeType, TemporalType>;

/** Temporal rejects a value above 2 kB and retries the workflow task that set it forever. */
const limits = { text: 200, list: 1_500 } as const;

/**
 * Sets search attributes. All changes are set in one call, because each call adds an event to the history.
 */
export function setSearchable(
  { prefix, ownAttributes }: Application,
  { status, failedStages }: StatusValues,
  values: SearchableValues = {},
): void {
  const pairs: SearchAttributeUpdatePair[] = [];
  if (status !== undefined) pairs.push(pair(`${prefix}Status`, 'Keyword', status));
  if (failedStages !== undefined) pairs.push(pair(`${prefix}FailedStage`, 'KeywordList', failedStages));
  for (const [name, type] of Object.entries(ownAttributes))
    if (values[name] !== undefined) pairs.push(pair(`${prefix}${name}`, type, values[name]));
  upsertSearchAttributes(pairs);
}

function pair(name: string, type: SearchAttributeType, value: unknown): SearchAttributeUpdatePair {
  const bounded =
    typeof value === 'string'
      ? shorten(value, limits.text)
      : Array.isArray(value)
        ? value.length === 0
          ? null
          : keywords(value as readonly string[])
        : value;
  // The type of the value was checked where it was given: `SearchableValues` follows the declared types.
  return { key: defineSearchAttributeKey(name, types[type]), value: bounded } as SearchAttributeUpdatePair;
}

function keywords(values: readonly string[]): string[] {
  const shown: string[] = [];
  for (let i = 0, left = limits.list as number; i < values.length; i++) {
    const value = shorten(values[i] as string, limits.text);
    // JSON adds quotes and a comma; non-ASCII characters take up to three bytes each.
    left -= 3 * value.length + 3;
    if (left < 0) break;
    shown.push(value);
  }
  return shown;
}
