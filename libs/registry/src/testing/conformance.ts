import { describe } from 'vitest';
import { startRuns, type OpenEmpty, type RegistryUnderTest } from './conformance/open-empty.ts';
import { partCostConformance } from './conformance/part-costs.ts';
import { runExecutionConformance } from './conformance/run-executions.ts';
import { runConformance } from './conformance/runs.ts';
import { controlConformance } from './conformance/stage-controls.ts';
import { stageExecutionConformance } from './conformance/stage-executions.ts';
import { leaseConformance } from './conformance/stage-leases.ts';

export type { RegistryUnderTest } from './conformance/open-empty.ts';

/**
 * Defines the tests that every registry of runs and stages must pass. Call it in a test file with a function
 * that opens an empty registry.
 */
export function runRegistryConformance(name: string, open: () => Promise<RegistryUnderTest>): void {
  const openEmpty: OpenEmpty = async (...names) => {
    const opened = await open();
    return { ...opened, runs: await startRuns(opened.registry, names) };
  };
  describe(`${name} as a registry of runs and stages`, () => {
    for (const define of [
      runConformance,
      runExecutionConformance,
      stageExecutionConformance,
      leaseConformance,
      controlConformance,
      partCostConformance,
    ])
      define(openEmpty);
  });
}
