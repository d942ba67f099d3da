import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fineTuneDefaults, parseFineTuneConfig } from '@overture/training';
import { settingRows, trainingSettings } from '@overture/training-settings';
import { pipelines } from '@overture/workflows';
import { describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { testContext } from '../testing/test-context.ts';

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let context: ReturnType<typeof testContext> | undefined;
  const code = await runCli(['settings', ...args], (json) => (context = testContext('/nowhere', { json })));
  const { out, err } = context!.terminal;
  return { code, out, err };
}

async function printed(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect(code, err).toBe(0);
  return out;
}

describe('overture settings', () => {
  it('is the page docs/settings.md', async () => {
    const page = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'settings.md');
    expect(readFileSync(page, 'utf8')).toBe(await printed('--markdown'));
  });

  it('shows one setting', async () => {
    expect(await printed('learningRate')).toBe(
      'training.learningRate\n\nPeak learning rate of the schedule.\n\nRange:    above 0 to 1\nDefault:  0.00002\n' +
        'Change:   Lower it if the loss diverges. Adapters need about ten times as much.\n',
    );
    expect(JSON.parse(await printed('training.lora.rank', '--json'))).toMatchObject({
      key: 'lora.rank',
      range: 'integer from 1 to 256',
      default: 8,
    });
  });

  it('suggests the setting that was meant', async () => {
    const { code, err } = await run('learnigRate'); // cspell:disable-line
    expect(code).toBe(2);
    expect(err).toContain('Did you mean "learningRate"?');
  });

  it('prints the JSON Schema of each workflow', async () => {
    for (const workflow of Object.keys(pipelines)) {
      const schema = JSON.parse(await printed('--schema', workflow)) as Record<string, unknown>;
      expect(schema, workflow).toMatchObject({ type: 'object', additionalProperties: false });
    }
    const schema = JSON.parse(await printed('--schema', 'trainInitiativeModel')) as {
      properties: { training: { properties: Record<string, unknown> } };
    };
    expect(schema.properties.training.properties['learningRate']).toMatchObject({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 2e-5,
      description: 'Peak learning rate of the schedule.',
    });
  });
});

describe('a setting has one definition', () => {
  const parsedByWorkflow = (training: object): Record<string, unknown> =>
    (pipelines.trainInitiativeModel.input.parse({ training }) as { training: Record<string, unknown> })
      .training;

  it('with the same default in library, workflow and documentation', () => {
    const { int8LargestDrop: _, ...atDoor } = parsedByWorkflow({});
    const { checkpointEverySteps: _every, threads: _threads, ...inLibrary } = fineTuneDefaults;
    expect(atDoor).toEqual(inLibrary);
    for (const { key, default: value } of settingRows())
      if (!key.includes('.')) expect(parsedByWorkflow({})[key], key).toEqual(value);
  });

  // At both ends of each range, and just outside.
  const numbers = settingRows().flatMap(({ key, range }) => {
    const [, whole, low, high] =
      /^(integer )?(?:from|above) ([\d.]+)(?: to (?:below )?([\d.]+))?/.exec(range) ?? [];
    if (low === undefined || key.includes('.') || key === 'int8LargestDrop') return [];
    const step = whole === undefined ? 1e-9 : 1;
    const ends = [low, high].filter((end) => end !== undefined).map(Number);
    return ends.flatMap((end) => [end - step, end, end + step].map((value) => [key, value] as const));
  });

  it.each(numbers)('with the same range in library and workflow: %s = %d', (key, value) => {
    const accepts = (parse: () => unknown): boolean => {
      try {
        parse();
        return true;
      } catch {
        return false;
      }
    };
    const atDoor = accepts(() => parsedByWorkflow({ [key]: value }));
    expect(accepts(() => parseFineTuneConfig({ [key]: value }))).toBe(atDoor);
    expect(trainingSettings.safeParse({ [key]: value }).success).toBe(atDoor);
  });

  it('covers every number', () => {
    expect(new Set(numbers.map(([key]) => key)).size).toBeGreaterThanOrEqual(15);
  });
});
