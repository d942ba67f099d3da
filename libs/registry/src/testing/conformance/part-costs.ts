import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import type { OpenEmpty } from './open-empty.ts';
import { sampleExecution } from '../sample.ts';

/** The tests of the cost of child workflows. */
export function partCostConformance(openEmpty: OpenEmpty): void {
  describe('costsOfParts', () => {
    it('says what each stage of a part took when it ran, whoever ran it', async () => {
      const { registry, runs } = await openEmpty(
        'earlier',
        'study_1',
        'study_1/arm[0]',
        'study_1/arm[1]',
        'studyX1/arm[0]',
      );
      const [earlier, study, first, second, strange] = runs as [RunId, RunId, RunId, RunId, RunId];
      const metrics = [
        { scope: 'cost:tokenize', name: 'cpuSeconds', value: 7 },
        { scope: 'cost:tokenize', name: 'tokens', value: 900 },
        { scope: 'valid', name: 'macroF1', value: 0.5 },
      ];
      const { id } = await registry.recordStageExecution(
        sampleExecution(earlier, { durationMs: 4000, metrics }),
      );
      const outcome = { state: 'reused', outputs: {}, from: id } as const;
      for (const run of [first, strange])
        await registry.recordStageExecution(sampleExecution(run, { durationMs: 1, outcome }));
      await registry.recordStageExecution(
        sampleExecution(second, { stage: 'fineTune', node: 'fineTune', durationMs: 2500 }),
      );
      await registry.recordStageExecution(sampleExecution(study, { node: 'of the study itself' }));
      expect(await registry.costsOfParts(study)).toEqual([
        {
          workflowId: 'study_1/arm[0]',
          stage: 'tokenize',
          seconds: 4,
          measured: { cpuSeconds: 7, tokens: 900 },
        },
        { workflowId: 'study_1/arm[1]', stage: 'fineTune', seconds: 2.5, measured: {} },
      ]);
      expect(await registry.costsOfParts(earlier)).toEqual([]);
      await expect(registry.costsOfParts('x/y' as RunId)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
      await registry.close();
    });
  });
}
