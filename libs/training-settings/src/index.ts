export { notesOf, setting, type SettingNotes } from './setting.ts';
export { settingRows, settingsPage, type SettingRow } from './settings-page.ts';
export {
  answersTrainingSettings,
  contradictions,
  fineTuneSettings,
  loraSettings,
  losses,
  maxLength,
  optimizerNames,
  scheduleNames,
  seed,
  selectionMetrics,
  trainingSettings,
  type AnswersTrainingSettings,
  type FineTuneSettings,
  type LossName,
  type OptimizerName,
  type ScheduleName,
  type SelectionMetric,
  type TrainingSettings,
} from './training-settings.ts';
