import type { searchAttributes, SearchAttributeName } from '@overture/contracts';
import { shorten } from '@overture/core';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

const keys = {
  OvertureStatus: defineSearchAttributeKey('OvertureStatus', SearchAttributeType.KEYWORD),
  OvertureFailedStage: defineSearchAttributeKey('OvertureFailedStage', SearchAttributeType.KEYWORD_LIST),
  OvertureCorpus: defineSearchAttributeKey('OvertureCorpus', SearchAttributeType.KEYWORD),
  OvertureModel: defineSearchAttributeKey('OvertureModel', SearchAttributeType.KEYWORD),
  OvertureMacroF1: defineSearchAttributeKey('OvertureMacroF1', SearchAttributeType.DOUBLE),
} satisfies Record<SearchAttributeName, { name: string }>;

/**
 * Values of search attributes. A value that is left out stays unchanged; an empty list removes the attribute.
 */
export interface SearchableValues {
  readonly status?: string;
  readonly failedStages?: readonly string[];
  readonly corpus?: string;
  readonly model?: string;
  readonly macroF1?: number;
}

/** Temporal rejects a value above 2 kB and retries the workflow task that set it forever. */
const limits = { text: 200, list: 1_500 } as const;

function keywords(values: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0, left = limits.list as number; i < values.length; i++) {
    const value = shorten(values[i] as string, limits.text);
    // JSON adds quotes and a comma; non-ASCII characters take up to three bytes each.
    left -= 3 * value.length + 3;
    if (left < 0) break;
    kept.push(value);
  }
  return kept;
}

/**
 * Sets search attributes. All changes are set in one call, because each call adds an event to the history.
 */
export function setSearchable({ status, failedStages, corpus, model, macroF1 }: SearchableValues): void {
  const pairs: SearchAttributeUpdatePair[] = [];
  if (status !== undefined) pairs.push({ key: keys.OvertureStatus, value: status });
  if (failedStages !== undefined) pairs.push({ key: keys.OvertureFailedStage, value: failedStages.length === 0 ? null : keywords(failedStages) });
  if (corpus !== undefined) pairs.push({ key: keys.OvertureCorpus, value: shorten(corpus, limits.text) });
  if (model !== undefined) pairs.push({ key: keys.OvertureModel, value: shorten(model, limits.text) });
  if (macroF1 !== undefined) pairs.push({ key: keys.OvertureMacroF1, value: macroF1 });
  upsertSearchAttributes(pairs);
}

/** Exported for a test that these names equal those that workers register. */
export const searchAttributeKeys: Readonly<Record<keyof typeof searchAttributes, { readonly name: string; readonly type: string }>> = keys;
