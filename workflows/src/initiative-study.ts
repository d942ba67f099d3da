import {
  armNames,
  budgetArms,
  computeBaselines,
  createTinyBase,
  createTinyLanguageModel,
  drawFolds,
  embedTurns,
  fetchBase,
  fineTune,
  supervisedFineTune,
  ingest,
  InitiativeStudyInput,
  plannedContrasts,
  predictFold,
  predictFromTurns,
  promptFold,
  reportStudy,
  StudyBaselinesInput,
  studySettings,
  StudyTrialInput,
  takeArms,
  selectFold,
  takeFoldTokens,
  tokenize,
  type ArmName,
  type StudyArm,
} from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { isTrue, pipeline, type OutputOf, type Ref, type Reference, type Run } from '@overture/dag';
import { studyUses } from './base-uses.ts';
import { isKnown, seedsOf, workOf } from './study-work.ts';

type Settings = ReturnType<typeof studySettings>;

/** Predictions of the baselines (rules and models without a network) for one fold. */
export const studyBaselinesPipeline = pipeline(
  'studyFloors',
  StudyBaselinesInput,
  ({ folds, fold, protocol, tagSet, ...input }, run) => {
    const { corpus } = run(selectFold, { corpus: input.corpus, folds, fold });
    const { floors: baselines } = run(computeBaselines, { corpus, protocol, tagSet, split: 'test' });
    return { fold, floors: baselines };
  },
  { reuse: ({ reuse }) => reuse },
);

/** Predictions of one arm for one fold, trained on the other folds only. */
export const studyTrialPipeline = pipeline(
  'studyTrial',
  StudyTrialInput,
  ({ arm, folds, fold, seed, method, protocol, tagSet, ...input }, run) => {
    const { corpus } = run(selectFold, { corpus: input.corpus, folds, fold });
    const trial = { arm, fold, seed };
    switch (method.kind) {
      case 'turns': {
        const { features, turnLength: maxLength } = method;
        const turns =
          method.turns ??
          embedded(run, { base: run(createTinyBase, { corpus, seed }), corpus, protocol, maxLength });
        return {
          ...trial,
          predictions: run(predictFromTurns, { turns, corpus, features, protocol, tagSet, fold, seed })
            .predictions,
        };
      }
      case 'classifier': {
        const training = { ...method.training, seed };
        const { pretrained } = method;
        // A tiny model's tokenizer is trained on the fold's training conversations only; a pretrained one has
        // seen none of the corpus.
        const base =
          pretrained ??
          run(method.base === 'encoder' ? createTinyBase : createTinyLanguageModel, { corpus, seed });
        const { tokens } =
          pretrained === undefined
            ? run(tokenize, {
                corpus,
                tokenizer: base.tokenizer,
                protocol,
                tagSet,
                maxLength: training.maxLength,
              })
            : run(takeFoldTokens, { tokens: pretrained.tokens, folds, fold });
        const { bundle } = run(fineTune, {
          tokens,
          weights: base.weights,
          tokenizer: base.tokenizer,
          config: base.config,
          base: base.name,
          protocol,
          tagSet,
          training,
        });
        return {
          ...trial,
          predictions: run(predictFold, { bundle, corpus, protocol, tagSet, fold, seed }).predictions,
          bundle,
        };
      }
      case 'prompt': {
        const { shots, read, maxLength, precision } = method;
        const { weights, tokenizer, config, chat, name } =
          method.model ?? run(createTinyLanguageModel, { corpus, seed });
        const model = { weights, tokenizer, config, chat, name };
        return {
          ...trial,
          predictions: run(promptFold, {
            model,
            corpus,
            protocol,
            tagSet,
            shots,
            read,
            maxLength,
            precision,
            fold,
            seed,
          }).predictions,
        };
      }
      case 'answers': {
        const { maxLength, precision } = method;
        const { weights, tokenizer, config, chat, name } =
          method.model ?? run(createTinyLanguageModel, { corpus, seed });
        const model = { weights, tokenizer, config, chat, name };
        const { adapter } = run(supervisedFineTune, {
          model,
          corpus,
          protocol,
          tagSet,
          maxLength,
          training: { ...method.training, seed },
        });
        return {
          ...trial,
          predictions: run(promptFold, {
            model,
            adapter,
            corpus,
            protocol,
            tagSet,
            shots: 0,
            read: 'text',
            maxLength,
            precision,
            fold,
            seed,
          }).predictions,
          adapter,
        };
      }
    }
  },
  { reuse: ({ reuse }) => reuse },
);

/**
 * Dialogues → every arm's out-of-fold predictions on the same folds, and the results of the planned
 * contrasts. Arms share everything that does not depend on the fold.
 */
export const initiativeStudyPipeline = pipeline(
  'initiativeStudy',
  InitiativeStudyInput,
  (input, run) => {
    const study = studySettings(input);
    const { protocol, tagSet } = study.corpus;
    const reuse = { cache: input.reuse.cache };

    const { corpus, source } = run(ingest, study.corpus);
    const { folds, counts } = run(drawFolds, {
      corpus,
      protocol,
      tagSet,
      splits: study.splits,
      folds: study.folds,
      innerFolds: study.innerFolds,
      seed: study.foldSeed,
    });
    const baselines = run.each(range(study.folds), studyBaselinesPipeline, {
      as: 'floors',
      wire: (fold) => ({ corpus, folds, fold, protocol, tagSet, reuse }),
    });
    const { methodOf, encoder, languageModel } = sharing(run, study, corpus);
    const budget =
      study.budgetMinutes === undefined
        ? undefined
        : run(budgetArms, {
            corpus,
            protocol,
            tagSet,
            splits: study.splits,
            folds: study.folds,
            innerFolds: study.innerFolds,
            budgetMinutes: study.budgetMinutes,
            encoder: encoder?.config,
            languageModel: languageModel?.config,
            arms: study.arms
              .filter(({ method }) => method.kind !== 'ensemble')
              .map((arm) => workOf(arm, study)),
          });
    const taken = study.known.map(({ report, arms: names }, i) => {
      const arms = study.arms
        .filter(({ name }) => names.includes(name))
        .map((arm) => ({ name: arm.name, seeds: [...seedsOf(arm, study)] }));
      return run(takeArms, { report, corpus, folds, arms }, { as: `takeArms${i + 1}` });
    });
    const parts = study.arms.flatMap((arm) => {
      const method = isKnown(arm, study) ? undefined : methodOf(arm);
      if (method === undefined) return [];
      const trials = seedsOf(arm, study).flatMap((seed) =>
        range(study.folds).map((fold) => ({ fold, seed })),
      );
      const within = budget && { when: isTrue(budget.runs[arm.name]) };
      return [
        run.each(trials, studyTrialPipeline, {
          as: arm.name,
          atMost: study.atMost,
          ...within,
          wire: ({ fold, seed }) => ({
            arm: arm.name,
            corpus,
            folds,
            fold,
            seed,
            method,
            protocol,
            tagSet,
            reuse,
          }),
        }),
      ];
    });
    const reported = run(reportStudy, {
      corpus,
      corpusName: source.name,
      folds,
      parts: [...parts, ...taken.map((each) => each.parts)],
      costs: taken.map((each) => each.costs),
      floors: baselines,
      protocol,
      tagSet,
      bootstrapSamples: study.evaluation.bootstrapSamples,
      arms: study.arms
        .filter(({ method }) => method.kind !== 'ensemble')
        .map((arm) => ({
          name: arm.name,
          title: arm.title,
          family: arm.family,
          seeds: [...seedsOf(arm, study)],
          hard: isHard(arm),
        })),
      ensembles: study.arms.flatMap(({ name, title, method }) =>
        method.kind === 'ensemble' ? [{ name, title, of: [...method.of] }] : [],
      ),
      contrasts: [...plannedContrasts],
      dropped: [notAskedFor(study), budget?.dropped],
      provenance: {
        encoder: study.encoder,
        languageModel: study.languageModel,
        ...Object.fromEntries(
          taken.map(({ source }, i) => [
            `${study.known[i]!.arms.join(', ')} as an earlier study predicted`,
            source,
          ]),
        ),
      },
    });

    return {
      report: reported.summary,
      corpus: source,
      folds: counts,
      artifacts: {
        corpus,
        folds,
        predictions: reported.predictions,
        findings: reported.findings,
        report: reported.report,
      },
    };
  },
  { reuse: ({ reuse }) => reuse },
);

/**
 * Adds the nodes that all folds share: a pretrained model, the corpus as its tokens, and the turn vectors.
 * Returns each arm's method with references to them. Tiny models are built within the folds. The plan
 * contains only nodes that an arm needs.
 */
function sharing(run: Run, study: Settings, corpus: Ref<ArtifactRef<'corpus'>>) {
  const { protocol, tagSet } = study.corpus;
  const { turnLength } = study;
  const needed = (needs: (method: StudyArm['method']) => boolean): boolean =>
    study.arms.some((arm) => !isKnown(arm, study) && needs(arm.method));
  const headOn = (base: 'encoder' | 'languageModel') =>
    needed((method) => method.kind === 'classifier' && method.base === base);
  const uses = studyUses(study);
  const fetched = (key: 'encoder' | 'languageModel', as: string) =>
    study[key] === 'tiny' ? undefined : run(fetchBase, { name: study[key], uses: uses[key] }, { as });
  const tokenized = (base: Fetched | undefined, as: string, maxLength: number) => {
    if (base === undefined) return undefined;
    const { weights, tokenizer, config, name } = base;
    return {
      weights,
      tokenizer,
      config,
      name,
      tokens: run(tokenize, { corpus, tokenizer, protocol, tagSet, maxLength }, { as }).tokens,
    };
  };

  const embeds = needed(({ kind }) => kind === 'turns');
  const encoder = embeds || headOn('encoder') ? fetched('encoder', 'fetchEncoder') : undefined;
  const turns =
    embeds && encoder ? embedded(run, { base: encoder, corpus, protocol, maxLength: turnLength }) : undefined;
  const asks = needed(({ kind }) => kind === 'prompt' || kind === 'answers');
  const languageModel =
    asks || headOn('languageModel') ? fetched('languageModel', 'fetchLanguageModel') : undefined;
  const model = languageModel && {
    weights: languageModel.weights,
    tokenizer: languageModel.tokenizer,
    config: languageModel.config,
    chat: languageModel.chat,
    name: languageModel.name,
  };
  const heads = {
    encoder: {
      pretrained: headOn('encoder')
        ? tokenized(encoder, 'tokenizeForEncoder', study.training.maxLength)
        : undefined,
      training: study.training,
    },
    languageModel: {
      pretrained: headOn('languageModel')
        ? tokenized(languageModel, 'tokenizeForLanguageModel', study.languageModelTraining.maxLength)
        : undefined,
      training: study.languageModelTraining,
    },
  };
  const { shots, ...asked } = study.prompting;

  const methodOf = ({ method }: StudyArm) => {
    switch (method.kind) {
      case 'turns':
        return { kind: method.kind, features: method.features, turns, turnLength };
      case 'classifier': {
        const { pretrained, training } = heads[method.base];
        return {
          kind: method.kind,
          base: method.base,
          pretrained,
          training: { ...training, ...method.training },
        };
      }
      case 'prompt':
        return {
          kind: method.kind,
          model,
          shots: method.demonstrations ? shots : 0,
          read: method.read,
          ...asked,
        };
      case 'answers':
        return { kind: method.kind, model, training: study.answersTraining, ...asked };
      case 'floor':
      case 'ensemble':
        return undefined; // computed from others' outputs
    }
  };
  return { methodOf, encoder, languageModel };
}

type Fetched = Reference<OutputOf<typeof fetchBase>>;

function embedded(
  run: Run,
  { base: { weights, tokenizer, config }, corpus, protocol, maxLength }: Embedding,
): Ref<ArtifactRef<'turn-vectors'>> {
  return run(embedTurns, { weights, tokenizer, config, corpus, protocol, maxLength }).turns;
}

interface Embedding {
  readonly base: Pick<Reference<OutputOf<typeof createTinyBase>>, 'weights' | 'tokenizer' | 'config'>;
  readonly corpus: Ref<ArtifactRef<'corpus'>>;
  readonly protocol: Settings['corpus']['protocol'];
  readonly maxLength: number;
}

/** The arms that this study does not include. */
function notAskedFor({ arms }: Settings): { arm: ArmName; reason: string }[] {
  return armNames
    .filter((name) => arms.every((arm) => arm.name !== name))
    .map((arm) => ({ arm, reason: 'not asked for' }));
}

/** Whether an arm returns decisions without probabilities: its generated texts are yes or no. */
function isHard({ method }: StudyArm): boolean {
  return method.kind === 'answers' || (method.kind === 'prompt' && method.read === 'text');
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
