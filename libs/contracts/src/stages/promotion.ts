import { defineStage, gateDecision } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { interval } from '../evaluation-summary.ts';
import { splitName, textRule } from '../text-rule.ts';

const version = z.object({ version: z.int(), bundle: artifact('bundle') });

/** Finds a model and what its alias points at now; fails where the model is the champion already. */
export const lookUpModels = defineStage({
  name: 'lookUpModels',
  version: 1,
  summary: 'Find the candidate and the champion in the registry',
  queue: 'light',
  timeouts: { startToClose: 60 },
  // The registry may say something else the next time.
  reusable: false,
  input: z.strictObject({ model: z.string().min(1), alias: z.string().min(1) }),
  output: z.object({ name: z.string(), candidate: version, champion: version.nullable() }),
});

/** The candidate's lead over one opponent, each as it decides. */
export const contest = z.object({
  against: z.string(),
  title: z.string(),
  /** In macro-F1, paired bootstrap over conversations. */
  macroF1: z.object({ value: z.number().nullable(), ci95: interval, p: z.number().nullable() }),
  won: z.boolean(),
});

/** Compares two models and the floors on the same examples, and says whether the candidate is significantly better than all of them. */
export const compareModels = defineStage({
  name: 'compareModels',
  version: 2,
  summary: 'Compare the candidate with the champion and the floors',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({
    candidate: version,
    champion: version.nullable(),
    corpus: artifact('corpus'),
    corpusName: z.string(),
    floors: artifact('floors'),
    ...textRule,
    split: splitName,
    minimumRecall: z.strictObject({ initiative: z.number(), noInitiative: z.number() }),
    significance: z.number(),
    bootstrapSamples: z.int(),
  }),
  /** `report` is a folder like that of `evaluate`, with the champion among the floors. */
  output: z.object({
    passes: z.boolean(),
    /** Why it does not pass, in sentences. */
    shortcomings: z.array(z.string()),
    contests: z.array(contest),
    macroF1: z.number(),
    recall: z.object({ initiative: z.number(), noInitiative: z.number() }),
    report: artifact('report'),
  }),
});

/** Records the decision with its reasons in the registry, and where it was a yes, lets the alias point at the candidate. */
export const promote = defineStage({
  name: 'promote',
  version: 1,
  summary: 'Record the decision in the registry',
  queue: 'light',
  timeouts: { startToClose: 60 },
  reusable: false,
  input: z.strictObject({ model: z.string().min(1), version: z.int(), alias: z.string().min(1), decision: gateDecision, evidence: z.object({ contests: z.array(contest), macroF1: z.number(), shortcomings: z.array(z.string()), corpus: z.string(), split: z.string() }) }),
  output: z.object({ promoted: z.boolean(), previous: z.int().nullable(), by: z.string().nullable(), reason: z.string().nullable() }),
});
