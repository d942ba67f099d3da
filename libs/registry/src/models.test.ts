import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { openRegistry } from './open-registry.ts';
import { emptyDatabase } from './testing/index.ts';
import { openEmpty } from './testing/open-empty.ts';
import { sampleRef } from './testing/sample.ts';

describe('models', () => {
  it('get versions from 1; the same bundle is the same version', async () => {
    const { registry, runs } = await openEmpty('a', 'b');
    const report = sampleRef('report', 'r');
    const first = await registry.registerModel({
      model: 'initiative',
      bundle: sampleRef('bundle', 'one'),
      report,
      run: runs[0]!,
    });
    expect(first).toEqual({
      model: 'initiative',
      version: 1,
      bundle: sampleRef('bundle', 'one'),
      report,
      run: runs[0],
      createdAt: expect.any(Date),
      aliases: [],
    });
    expect(
      await registry.registerModel({
        model: 'initiative',
        bundle: sampleRef('bundle', 'one'),
        run: runs[1]!,
      }),
    ).toEqual(first);
    expect(
      await registry.registerModel({ model: 'initiative', bundle: sampleRef('bundle', 'two') }),
    ).toMatchObject({ version: 2, report: null, run: null });
    expect(
      await registry.registerModel({ model: 'other', bundle: sampleRef('bundle', 'one') }),
    ).toMatchObject({ version: 1 });
    expect((await registry.getRun(runs[0]!)).models).toEqual([first]);
    expect(
      (await registry.listModels()).map(({ name, versions }) => [
        name,
        versions.map(({ version }) => version),
      ]),
    ).toEqual([
      ['initiative', [2, 1]],
      ['other', [1]],
    ]);
    await registry.close();
  });

  it('belong to a run that exists, or to none', async () => {
    const { registry } = await openEmpty();
    await expect(
      registry.registerModel({
        model: 'm',
        bundle: sampleRef('bundle', 'b'),
        run: 'nobody/started' as RunId,
      }),
    ).rejects.toMatchObject({ code: 'RUN_UNKNOWN', retryable: false });
    expect(await registry.listModels()).toEqual([]);
    await registry.close();
  });

  it('number without gaps or doubles when twenty register at once, from two processes', async () => {
    const databaseUrl = await emptyDatabase();
    const registries = await Promise.all([openRegistry({ databaseUrl }), openRegistry({ databaseUrl })]);
    const registered = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        registries[i % 2]!.registerModel({ model: 'initiative', bundle: sampleRef('bundle', `${i % 15}`) }),
      ),
    );
    expect([...new Set(registered.map(({ version }) => version))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 15 }, (_, i) => i + 1),
    );
    expect(new Set(registered.map(({ bundle }) => bundle.digest)).size).toBe(15);
    await Promise.all(registries.map((registry) => registry.close()));
  });

  it('are found by name, version and alias', async () => {
    const { registry } = await openEmpty();
    for (const content of ['one', 'two', 'three'])
      await registry.registerModel({ model: 'initiative', bundle: sampleRef('bundle', content) });
    await registry.setAlias('initiative', 'champion', 1);
    await registry.setAlias('initiative', 'champion', 2);
    await registry.setAlias('initiative', 'baseline', 2);
    expect(await registry.getModel('initiative')).toMatchObject({ version: 3, aliases: [] });
    expect(await registry.getModel('initiative@1')).toMatchObject({
      version: 1,
      bundle: sampleRef('bundle', 'one'),
    });
    expect(await registry.getModel('initiative@champion')).toMatchObject({
      version: 2,
      aliases: ['baseline', 'champion'],
    });
    await registry.close();
  });

  it('say what there is when the wanted one is not', async () => {
    const { registry } = await openEmpty();
    const failing = { code: 'MODEL_UNKNOWN', retryable: false };
    await expect(registry.getModel('initiative')).rejects.toMatchObject({
      ...failing,
      message:
        'A model must be in the registry. Got "initiative", which is not there: the registry has no model yet; train one with: npx overture train.',
    });
    await registry.registerModel({ model: 'initiative', bundle: sampleRef('bundle', 'one') });
    await registry.setAlias('initiative', 'champion', 1);
    await expect(registry.getModel('inititive')).rejects.toThrow(
      'Got "inititive", which is not there: the registry has initiative.',
    );
    for (const reference of ['initiative@2', 'initiative@best']) {
      await expect(registry.getModel(reference)).rejects.toMatchObject({
        ...failing,
        message: expect.stringContaining(
          `Got "${reference}", which is not there: initiative has @1, @champion.`,
        ),
      });
    }
    await expect(registry.setAlias('initiative', 'best', 9)).rejects.toThrow(
      'Got "initiative@9", which is not there: initiative has @1, @champion.',
    );
    await registry.close();
  });

  it('have names that fit into a reference', async () => {
    const { registry } = await openEmpty();
    for (const model of ['', 'Initiative', 'a@b', '-a', 'a b', 'a'.repeat(101)]) {
      await expect(registry.registerModel({ model, bundle: sampleRef('bundle', 'b') })).rejects.toMatchObject(
        {
          code: 'MODEL_NAME',
          message: expect.stringMatching(
            /^A model's name must be 1 to 100 lower-case letters, .+ Got ".*" instead\.$/,
          ),
        },
      );
    }
    for (const alias of ['', '3', 'Best', '03'])
      await expect(registry.setAlias('a', alias, 1)).rejects.toThrow(`Got "${alias}" instead.`);
    await expect(registry.getModel('a@0')).rejects.toThrow(
      'What follows the @ of a model must be a version (1, 2, …) or an alias',
    );
    await registry.close();
  });
});
