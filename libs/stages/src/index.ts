export { executeStage, type StageAttempt, type StageRegistry, type StageServices } from './execute-stage.ts';
export { implement, type StageImplementation } from './implement.ts';
export { runActivities } from './run-activities.ts';
export { stageActivities, type StageActivity } from './stage-activities.ts';
export type { NamedCorpus, StageContext, StageLogger, StageSettings } from './stage-context.ts';
export { stageTable, stagesOn } from './stage-table.ts';
export { clearLeftOverWork } from './work-folder.ts';
