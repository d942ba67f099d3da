import type { ProductStage } from './stage-context.ts';
import { createTinyBaseStage, createTinyLanguageModelStage, fetchBaseStage } from './stages/base-model.ts';
import { budgetArmsStage } from './stages/budget.ts';
import { computeBaselinesStage } from './stages/compute-baselines.ts';
import { evaluateStage } from './stages/evaluate.ts';
import { supervisedFineTuneStage } from './stages/supervised-fine-tune.ts';
import { fineTuneStage } from './stages/fine-tune.ts';
import { drawFoldsStage, predictFoldStage, selectFoldStage, takeFoldTokensStage } from './stages/folds.ts';
import { ingestStage } from './stages/ingest.ts';
import { poolFoldsStage } from './stages/pool-folds.ts';
import { promptFoldStage } from './stages/prompt-fold.ts';
import { compareModelsStage, lookUpModelsStage, promoteStage } from './stages/promotion.ts';
import { reportStudyStage } from './stages/report-study.ts';
import { registerStage } from './stages/register.ts';
import { takeArmsStage } from './stages/take-arms.ts';
import { drawTrialsStage, rankTrialsStage, subsampleTokensStage } from './stages/sweep.ts';
import { tokenizeStage } from './stages/tokenize.ts';
import { embedTurnsStage, predictFromTurnsStage } from './stages/turns.ts';

/**
 * Every stage of the product, in data-flow order. To add one: a contract, a file in `stages/`, a row here.
 */
export const stageTable: readonly ProductStage[] = [
  ingestStage,
  fetchBaseStage,
  createTinyBaseStage,
  createTinyLanguageModelStage,
  tokenizeStage,
  computeBaselinesStage,
  fineTuneStage,
  evaluateStage,
  registerStage,
  drawFoldsStage,
  selectFoldStage,
  takeFoldTokensStage,
  predictFoldStage,
  poolFoldsStage,
  supervisedFineTuneStage,
  promptFoldStage,
  takeArmsStage,
  reportStudyStage,
  lookUpModelsStage,
  compareModelsStage,
  promoteStage,
  drawTrialsStage,
  subsampleTokensStage,
  rankTrialsStage,
  budgetArmsStage,
  embedTurnsStage,
  predictFromTurnsStage,
];
