/**
 * The search attributes that runs set, and their types, as Temporal names them. A worker registers those that its
 * server lacks; `OvertureStatus = "parked" AND ExecutionStatus = "Running"` in the Temporal UI then finds what waits for a person.
 */
export const searchAttributes = {
  /** running, parked, asking (a gate), completed, failed or cancelled. */
  OvertureStatus: 'Keyword',
  /** The stages that wait for a decision, or the one that failed the run. */
  OvertureFailedStage: 'KeywordList',
  OvertureCorpus: 'Keyword',
  /** The model's name in the registry. */
  OvertureModel: 'Keyword',
  /** Of the report, from 0 to 1. */
  OvertureMacroF1: 'Double',
} as const;

export type SearchAttributeName = keyof typeof searchAttributes;
