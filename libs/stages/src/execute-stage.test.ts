import { artifact } from '@overture/contracts';
import { AppError } from '@overture/core';
import { defineStage } from '@overture/dag';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executeStage } from './execute-stage.ts';
import { implement } from './implement.ts';
import { testServices } from './testing/services.ts';

const shout = defineStage({
  name: 'shout', version: 1, summary: 'For the test.', queue: 'light',
  input: z.strictObject({ text: z.string(), times: z.int().min(1).default(1) }),
  output: z.object({ shouted: artifact('text'), length: z.int() }),
});

function shouting(options: { fingerprint?: () => string; fail?: Error } = {}) {
  let runs = 0;
  const stage = implement(
    shout,
    async ({ text, times }, { artifacts, workDir, heartbeat, metrics }) => {
      runs++;
      if (options.fail) throw options.fail;
      expect(await readdir(workDir)).toEqual([]);
      heartbeat({ done: 1, total: 1 });
      metrics([{ name: 'length', value: text.length, scope: 'valid' }]);
      return { shouted: await artifacts.put('text', new TextEncoder().encode(text.toUpperCase().repeat(times))), length: text.length };
    },
    options.fingerprint ? { fingerprint: async () => options.fingerprint?.() ?? null } : {},
  );
  return { stage, runs: () => runs };
}

describe('executeStage', () => {
  it('runs a stage once for equal inputs, and records both executions with their outputs', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const first = await executeStage(stage, test.request({ text: 'hey' }, 'first'), test);
    const second = await executeStage(stage, test.request({ times: 1, text: 'hey' }, 'second'), test);
    expect(first).toMatchObject({ reused: false, output: { length: 3 }, artifacts: [{ kind: 'text', bytes: 3 }] });
    expect(second).toEqual({ ...first, reused: true });
    expect(runs()).toBe(1);
    expect(test.heartbeats).toEqual([{ stage: 'shout', done: 1, total: 1 }]);
    expect(test.services.registry.executions).toMatchObject([
      { node: 'first', stage: 'shout', version: 1, input: { text: 'hey', times: 1 }, metrics: [{ name: 'length', value: 3 }], outcome: { state: 'ran' } },
      { node: 'second', cacheKey: first.cacheKey, metrics: [], outcome: { state: 'reused', from: '0' } },
    ]);
    expect(await readdir(`${test.services.settings.stateDir}/work`)).toEqual([]);
  });

  it('runs anew when the input, the version or the fingerprint differ', async () => {
    await using test = await testServices();
    let content = 'a';
    const { stage, runs } = shouting({ fingerprint: () => content });
    await executeStage(stage, test.request({ text: 'hey' }), test);
    await executeStage(stage, test.request({ text: 'ho' }), test);
    content = 'b';
    await executeStage(stage, test.request({ text: 'hey' }), test);
    await executeStage({ ...stage, contract: { ...shout, version: 2 } }, test.request({ text: 'hey' }), test);
    expect(runs()).toBe(4);
  });

  it('runs anew, and says so, when an artifact of the earlier output is lost', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const { output } = await executeStage(stage, test.request({ text: 'hey' }), test);
    await using other = await testServices();
    const services = { ...test.services, artifacts: other.services.artifacts };
    const again = await executeStage(stage, test.request({ text: 'hey' }), { ...test, services });
    expect(again).toMatchObject({ reused: false, output });
    expect(runs()).toBe(2);
    expect(test.warnings).toMatchObject([{ stage: 'shout', kind: 'text' }]);
  });

  it('refuses a wrong input with every key at fault, and records the failure', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const failure = executeStage(stage, test.request({ text: 7, times: 0, tiems: 1 }), test);
    await expect(failure).rejects.toThrow('The input of stage shout is wrong. text must be text. Got 7 instead. times must be at least 1. Got 0 instead. tiems is not a known key. Known here: text, times.');
    expect(runs()).toBe(0);
    expect(test.services.registry.executions).toMatchObject([{ cacheKey: null, outcome: { state: 'failed', error: { code: 'INPUT_INVALID' } } }]);
  });

  it('records the failure of an implementation, leaves no folder and never reuses it', async () => {
    await using test = await testServices();
    const fail = new AppError('CORPUS_EMPTY', 'The file must hold dialogues.');
    await expect(executeStage(shouting({ fail }).stage, test.request({ text: 'hey' }), test)).rejects.toBe(fail);
    expect(await readdir(`${test.services.settings.stateDir}/work`)).toEqual([]);
    expect(await executeStage(shouting().stage, test.request({ text: 'hey' }), test)).toMatchObject({ reused: false });
  });

  it('refuses an output that the contract does not allow', async () => {
    await using test = await testServices();
    const wrong = implement(shout, async () => ({ shouted: { kind: 'corpus' } as never, length: 1 }));
    await expect(executeStage(wrong, test.request({ text: 'hey' }), test)).rejects.toThrow('Stage shout gave an output that its contract does not allow: shouted.kind: Must be an artifact of kind "text".');
  });
});
