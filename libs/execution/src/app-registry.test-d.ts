// What stages use of the registry is part of their type: only services that have it can run them.
import { defineStage, pipeline } from '@overture/dag';
import type { Registry, RunRegistry } from '@overture/registry';
import { z } from 'zod';
import { executeStage, type StageAttempt, type StageServices } from './execute-stage.ts';
import { implement, implementing } from './implement.ts';
import { runLocally } from './run-locally.ts';

const contract = defineStage({
  name: 'find',
  version: 1,
  summary: 'For the test',
  queue: 'light',
  input: z.object({}),
  output: z.object({ version: z.int() }),
});
const plain = implement(contract, async () => ({ version: 1 }));
const finding = implementing<unknown, Pick<Registry, 'getModel'>>()(
  contract,
  async (_input, { registry }) => ({ version: (await registry.getModel('m')).version }),
);

declare const runs: Omit<StageServices, 'registry'> & { readonly registry: RunRegistry };
declare const models: Omit<StageServices, 'registry'> & { readonly registry: Registry };
declare const attempt: StageAttempt;
const request = { run: attempt.run, node: 'find', input: {} };

void executeStage(plain, request, { services: runs, attempt });
void executeStage(finding, request, { services: models, attempt });
// @ts-expect-error A registry without models cannot run a stage that looks for one.
void executeStage(finding, request, { services: runs, attempt });

void implement(contract, async (_input, { registry }) => ({
  // @ts-expect-error A stage that names nothing finds nothing in the registry.
  version: (await registry.getModel('m')).version,
}));

const find = pipeline('find', z.object({}), (_, run) => run(contract, {}));
void runLocally(find, {}, { stages: [plain] });
// @ts-expect-error A local run has no models.
void runLocally(find, {}, { stages: [finding] });
const withSettings = implementing<{ readonly root: string }>()(contract, async () => ({ version: 1 }));
// @ts-expect-error The settings of the stages are required.
void runLocally(find, {}, { stages: [withSettings] });
