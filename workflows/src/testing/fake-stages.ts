import type {
  BeginRunRequest,
  ControlRequest,
  EndRunRequest,
  LookUpActivities,
  StageFailureRequest,
  StageOutcome,
  StageRequest,
} from '@overture/protocol';
import * as contracts from '@overture/contracts';
import { digestOf, digestOfJson } from '@overture/core';
import type { StageContract } from '@overture/dag';
import { Context } from '@temporalio/activity';
import { fakeValue } from './fake-value.ts';

/** The requests to the activities below, in order. */
export interface Calls {
  readonly stages: StageRequest[];
  readonly begun: BeginRunRequest[];
  readonly ended: EndRunRequest[];
  readonly controls: ControlRequest[];
  readonly failures: StageFailureRequest[];
}

type Activity = (request: StageRequest) => Promise<StageOutcome>;

const artifact = (kind: string): { kind: string; digest: string; bytes: number } => ({
  kind,
  digest: digestOf(kind),
  bytes: kind.length,
});
const base = {
  weights: artifact('weights'),
  tokenizer: artifact('tokenizer'),
  config: artifact('model-config'),
  name: 'fake',
};

/** The members of the stages' outputs on which tests depend; the rest is invented. */
const given: Readonly<Record<string, unknown>> = {
  ingest: { corpus: artifact('corpus'), source: { name: 'fake' }, summary: {} },
  fetchBase: base,
  createTinyBase: base,
  createTinyLanguageModel: { ...base, chat: artifact('chat-format') },
  tokenize: { tokens: artifact('tokens'), examples: 8, truncated: 0 },
  computeFloors: { floors: artifact('floors'), names: ['alwaysNo'] },
  fineTune: { bundle: artifact('bundle'), log: artifact('training-log'), summary: { steps: 2 } },
  evaluate: { report: artifact('report'), summary: { macroF1: 0.5 } },
  drawFolds: { folds: artifact('folds'), counts: [] },
  takeFold: { corpus: artifact('corpus') },
  takeFoldTokens: { tokens: artifact('tokens') },
  predictFold: { predictions: artifact('predictions'), examples: 8 },
  poolFolds: { predictions: artifact('predictions'), report: artifact('report'), summary: { macroF1: 0.5 } },
  lookUpModels: { name: 'initiative', candidate: { version: 2, bundle: artifact('bundle') }, champion: null },
  compareModels: {
    passes: true,
    shortcomings: [],
    contests: [],
    macroF1: 0.6,
    recall: { initiative: 0.5, noInitiative: 0.7 },
    report: artifact('report'),
  },
  promote: { promoted: true, previous: null, by: null, reason: null },
  thinTokens: { tokens: artifact('tokens') },
  budgetArms: {
    estimates: [],
    dropped: [{ arm: 'turnHistory', reason: 'no time' }],
    runs: { tfidfBalanced: true, turnHistory: false, frozenEncoder: true },
  },
  embedTurns: { turns: artifact('turn-vectors'), count: 8 },
  predictFromTurns: { predictions: artifact('predictions'), examples: 8 },
  promptFold: { predictions: artifact('predictions'), examples: 8, unparsable: 0 },
  fineTuneAnswers: { adapter: artifact('adapter'), log: artifact('training-log'), summary: { steps: 2 } },
  reportStudy: {
    predictions: artifact('predictions'),
    findings: artifact('findings'),
    report: artifact('report'),
    summary: { best: 'ensemble', arms: [{ name: 'ensemble', macroF1: 0.6 }] },
  },
  drawTrials: { trials: [] },

  register: { name: 'initiative', version: 1, digest: digestOf('bundle') },
};

let made: Readonly<Record<string, unknown>> | undefined;

/** Outputs of all stages that satisfy their contracts, without any work. */
function outputs(): Readonly<Record<string, unknown>> {
  return (made ??= Object.fromEntries(
    Object.values<unknown>(contracts)
      .filter(isStage)
      .map(({ name, output }) => [name, fakeValue(output, given[name])]),
  ));
}

function isStage(value: unknown): value is StageContract {
  return typeof value === 'object' && value !== null && 'queue' in value && 'output' in value;
}

/**
 * Activities for every stage and for runs, with some replaced, and the log of their calls. By default,
 * look-ups find nothing.
 */
export function fakeStages(
  replaced: Readonly<Record<string, Activity>> = {},
  lookUp: LookUpActivities['lookUpStages'] = async () => ({ known: [], more: false }),
): { calls: Calls; activities: Record<string, (request: never) => Promise<unknown>> } {
  const calls: Calls = { stages: [], begun: [], ended: [], controls: [], failures: [] };
  const stages = Object.keys(outputs()).map((name) => [
    name,
    async (request: StageRequest): Promise<StageOutcome> => {
      calls.stages.push(request);
      return (replaced[name] ?? fakeOutcome)({ ...request, node: name });
    },
  ]);
  const runs = {
    lookUpStages: lookUp,
    beginRun: async (request: BeginRunRequest) => void calls.begun.push(request),
    endRun: async (request: EndRunRequest) => void calls.ended.push(request),
    recordFailure: async (request: StageFailureRequest) => void calls.failures.push(request),
    requestControl:
      replaced['requestControl'] ?? (async (request: ControlRequest) => void calls.controls.push(request)),
  };
  return { calls, activities: { ...Object.fromEntries(stages), ...runs } };
}

/** The outcome of a successful fake stage. */
export async function fakeOutcome({ node }: StageRequest): Promise<StageOutcome> {
  return {
    output: outputs()[node],
    reused: node === 'ingest',
    cacheKey: digestOfJson(node),
    durationMs: 1500,
    artifacts: [],
  };
}

/** A stage that runs until its run is canceled, which its heartbeats report. */
export async function untilCanceled({ node }: StageRequest): Promise<never> {
  const { heartbeat, cancelled } = Context.current();
  const timer = setInterval(() => heartbeat({ stage: node }), 50);
  return cancelled.finally(() => clearInterval(timer));
}
