/**
 * The search attributes that runs set, with Temporal's names of their types. A worker registers those that
 * its server lacks. `OvertureStatus = "parked" AND ExecutionStatus = "Running"` in the Temporal UI then finds
 * runs that wait for a user.
 */
export const searchAttributes = {
  /** One of: running, parked, asking (a gate), completed, failed, cancelled. */
  OvertureStatus: 'Keyword',
  /** The stages that wait for a decision, or the stage that failed the run. */
  OvertureFailedStage: 'KeywordList',
  OvertureCorpus: 'Keyword',
  /** The model's name in the registry. */
  OvertureModel: 'Keyword',
  /** Macro-F1 of the report, from 0 to 1. */
  OvertureMacroF1: 'Double',
} as const;

/** The name of a search attribute. */
export type SearchAttributeName = keyof typeof searchAttributes;
