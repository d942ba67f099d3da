import type { searchAttributes, SearchAttributeName } from '@overture/contracts';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

const keys = {
  OvertureStatus: defineSearchAttributeKey('OvertureStatus', SearchAttributeType.KEYWORD),
  OvertureFailedStage: defineSearchAttributeKey('OvertureFailedStage', SearchAttributeType.KEYWORD_LIST),
  OvertureCorpus: defineSearchAttributeKey('OvertureCorpus', SearchAttributeType.KEYWORD),
  OvertureModel: defineSearchAttributeKey('OvertureModel', SearchAttributeType.KEYWORD),
  OvertureMacroF1: defineSearchAttributeKey('OvertureMacroF1', SearchAttributeType.DOUBLE),
} satisfies Record<SearchAttributeName, { name: string }>;

/** Values of some search attributes; what is left out stays as it is, an empty list removes. */
export interface SearchableValues {
  readonly status?: string;
  readonly failedStages?: readonly string[];
  readonly corpus?: string;
  readonly model?: string;
  readonly macroF1?: number;
}

/** Sets search attributes; one event in the history, so all that change are set at once. */
export function setSearchable({ status, failedStages, corpus, model, macroF1 }: SearchableValues): void {
  const pairs: SearchAttributeUpdatePair[] = [];
  if (status !== undefined) pairs.push({ key: keys.OvertureStatus, value: status });
  if (failedStages !== undefined) pairs.push({ key: keys.OvertureFailedStage, value: failedStages.length === 0 ? null : [...failedStages] });
  if (corpus !== undefined) pairs.push({ key: keys.OvertureCorpus, value: corpus });
  if (model !== undefined) pairs.push({ key: keys.OvertureModel, value: model });
  if (macroF1 !== undefined) pairs.push({ key: keys.OvertureMacroF1, value: macroF1 });
  upsertSearchAttributes(pairs);
}

/** For tests: the names that are set here are those that workers register. */
export const searchAttributeKeys: Readonly<Record<keyof typeof searchAttributes, { readonly name: string; readonly type: string }>> = keys;
