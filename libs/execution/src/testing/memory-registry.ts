import type { ArtifactRef } from '@overture/protocol';
import { AppError, canonicalJson, type Digest, type RunId } from '@overture/core';
import type { EarlierExecution, Registry, StageControl, StageExecution } from '@overture/registry';
import type { StageRegistry } from '../execute-stage.ts';

/**
 * An in-memory registry for tests of stages. `executions` are the recorded executions in order, `controls`
 * the control requests, and `leases` the current lease holders.
 */
export function memoryRegistry(): StageRegistry & Pick<Registry, 'earlierExecutions' | 'registerModel' | 'getModel' | 'recordPromotion' | 'costsOfParts'> & { readonly executions: StageExecution[]; readonly controls: StageControl[]; readonly leases: Map<Digest, { token: string; run: RunId; node: string }> } {
  const executions: StageExecution[] = [];
  const controls: StageControl[] = [];
  const versions: { model: string; bundle: ArtifactRef }[] = [];
  const aliases = new Map<string, number>();
  const leases = new Map<Digest, { token: string; run: RunId; node: string }>();
  let tokens = 0;
  const findReusable: StageRegistry['findReusable'] = async (cacheKey) => {
    const found = executions.findLast((execution) => execution.cacheKey === cacheKey && execution.outcome.state === 'ran');
    if (found?.outcome.state !== 'ran') return undefined;
    return { id: `${executions.indexOf(found)}`, run: found.run, node: found.node, outputs: found.outcome.outputs, recordedAt: new Date(0) };
  };
  const earlier = (stage: string, node: string | undefined): EarlierExecution[] =>
    executions
      .filter((each) => each.stage === stage && (node === undefined || each.node === node) && each.outcome.state !== 'failed')
      .map(({ run, version, input, environment, fingerprint, controls }) => ({ run, version, input, environment, fingerprint: fingerprint ?? null, controls: controls ?? null, recordedAt: new Date(0) }))
      .reverse();
  return {
    executions,
    controls,
    leases,
    findReusable,
    controlsOf: async (run, node) => controls.filter((each) => each.run === run && each.node === node),
    async applyControl(id, where, { token }) {
      const at = controls.findIndex((each) => each.id === id);
      const control = controls[at];
      if (control === undefined || leases.get(where.cacheKey)?.token !== token) return false;
      const applied = control.applied ?? where;
      controls[at] = { ...control, applied };
      return applied.cacheKey === where.cacheKey && applied.step === where.step;
    },
    async claimStage({ cacheKey, run, node, stage, reuse }) {
      const execution = reuse ? await findReusable(cacheKey) : undefined;
      if (execution !== undefined) return { kind: 'reusable', execution };
      const by = leases.get(cacheKey);
      if (by !== undefined) return { kind: 'held', by };
      const token = `${tokens++}`;
      leases.set(cacheKey, { token, run, node });
      return { kind: 'leased', token, contended: false, before: earlier(stage, node)[0] };
    },
    renewLease: async ({ cacheKey, token }) => leases.get(cacheKey)?.token === token,
    async releaseLease({ cacheKey, token }) {
      if (leases.get(cacheKey)?.token === token) leases.delete(cacheKey);
    },
    earlierExecutions: async ({ stage, node }) => earlier(stage, node),
    async noteExecution() {},
    async executionOf(run, node) {
      const found = executions.findLast((each) => each.run === run && each.node === node && each.outcome.state !== 'failed');
      if (found === undefined || found.outcome.state === 'failed') return undefined;
      const { stage, version, cacheKey, fingerprint, environment, controls, input, durationMs, outcome } = found;
      return { id: `${executions.indexOf(found)}`, node, stage, version, cacheKey, fingerprint, environment, controls, input, durationMs, state: outcome.state, outputs: outcome.outputs, error: null, reusedFrom: null, attempt: 1, recordedAt: new Date(0), artifacts: [] };
    },
    async recordStageExecution(execution) {
      // Like Postgres, rejects values that are not JSON.
      canonicalJson(execution.input);
      executions.push(execution);
      const { lease } = execution;
      if (lease !== undefined && leases.get(lease.cacheKey)?.token === lease.token) leases.delete(lease.cacheKey);
      return { id: `${executions.length - 1}`, recorded: true, outputs: execution.outcome.state === 'failed' ? null : execution.outcome.outputs };
    },
    async registerModel({ model, bundle, report = null, run = null }) {
      if (!versions.some((known) => known.model === model && known.bundle.digest === bundle.digest)) versions.push({ model, bundle });
      const version = versions.filter((known) => known.model === model).findIndex((known) => known.bundle.digest === bundle.digest) + 1;
      return { model, version, bundle, report, run, createdAt: new Date(0), aliases: [] };
    },
    async getModel(reference) {
      const [model = '', which] = reference.split('@');
      const known = versions.filter((each) => each.model === model);
      const version = which === undefined ? known.length : (aliases.get(reference) ?? Number(which));
      const found = known[version - 1];
      if (found === undefined) throw new AppError('MODEL_UNKNOWN', `There is no model ${reference}.`);
      return { ...found, version, report: null, run: null, createdAt: new Date(0), aliases: [] };
    },
    costsOfParts: async () => [], // no runs are stored here
    async recordPromotion(promotion) {
      const alias = `${promotion.model}@${promotion.alias}`;
      const previous = aliases.get(alias) ?? null;
      if (promotion.approved) aliases.set(alias, promotion.version);
      return { ...promotion, previous, decidedAt: new Date(0) };
    },
  };
}
