// drizzle-kit compares these tables with the migrations.
import { defaultSchema } from './registry-schema.ts';
import { tablesOf } from './schema.ts';

/** The tables of the default schema. */
export const {
  schema,
  runs,
  runExecutions,
  stageExecutions,
  stageLeases,
  stageControls,
  artifacts,
  lineage,
  metrics,
  models,
  modelVersions,
  aliases,
  promotions,
} = tablesOf(defaultSchema);
