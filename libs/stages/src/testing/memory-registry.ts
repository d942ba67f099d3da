import { canonicalJson } from '@overture/core';
import type { StageExecution } from '@overture/registry';
import type { StageRegistry } from '../execute-stage.ts';

/** A registry without a database, for tests of stages; `executions` is what was recorded, in order. */
export function memoryRegistry(): StageRegistry & { readonly executions: StageExecution[] } {
  const executions: StageExecution[] = [];
  const versions: string[] = [];
  return {
    executions,
    async findReusable(cacheKey) {
      const found = executions.findLast((execution) => execution.cacheKey === cacheKey && execution.outcome.state === 'ran');
      if (found?.outcome.state !== 'ran') return undefined;
      return { id: `${executions.indexOf(found)}`, run: found.run, node: found.node, outputs: found.outcome.outputs, recordedAt: new Date(0) };
    },
    async recordStageExecution(execution) {
      // As Postgres would: what is not JSON fails.
      canonicalJson(execution.input);
      executions.push(execution);
      return { id: `${executions.length - 1}`, recorded: true, outputs: execution.outcome.state === 'failed' ? null : execution.outcome.outputs };
    },
    async registerModel({ model, bundle, report = null, run = null }) {
      const identity = `${model} ${bundle.digest}`;
      if (!versions.includes(identity)) versions.push(identity);
      return { model, version: versions.filter((known) => known.startsWith(`${model} `)).indexOf(identity) + 1, bundle, report, run, createdAt: new Date(0), aliases: [] };
    },
  };
}
