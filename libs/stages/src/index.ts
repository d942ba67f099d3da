export { checkInspected, checkTrainable, type TrainableBase } from './check-trainable.ts';
export { environmentFacts } from './environment-facts.ts';
export { clearOldCheckpoints } from './checkpoint-folders.ts';
export { settingsWarning, stageSettings, type StagePlaces } from './stage-settings.ts';
export type { NamedCorpus, ProductStage, StageContext, StageSettings } from './stage-context.ts';
export { estimateStudy, type StudyEstimate } from './study-estimate.ts';
export { stageTable } from './stage-table.ts';
