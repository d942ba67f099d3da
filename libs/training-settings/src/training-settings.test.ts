import { describe, expect, it } from 'vitest';
import { notesOf } from './setting.ts';
import { settingRows } from './settings-page.ts';
import { answersTrainingSettings, fineTuneSettings, trainingSettings } from './training-settings.ts';

describe('the settings of a training', () => {
  it.each([
    ['classifier', trainingSettings],
    ['answers', answersTrainingSettings],
    ['library', fineTuneSettings],
  ])('have notes and a default that is in range (%s)', (_, schema) => {
    for (const [key, field] of Object.entries(schema.shape)) {
      expect(notesOf(field).description, key).toMatch(/^[A-Z].*\.$/);
      expect(notesOf(field).whenToChange, key).toMatch(/^[A-Z].*\.$/);
      expect(field.safeParse(field.parse(undefined)).success, key).toBe(true);
    }
    expect(schema.parse({})).toEqual(
      Object.fromEntries(Object.entries(schema.shape).map(([key, field]) => [key, field.parse(undefined)])),
    );
  });

  it.each([
    [{ frozenWeights: 'int8' }, 'frozenWeights', 'must be "float32" without lora'],
    [{ labelSmoothing: 0.1, loss: 'focal' }, 'labelSmoothing', 'must be 0 with the loss focal'],
  ])('refuse %o, in the library and at the door', (settings, key, message) => {
    for (const schema of [trainingSettings, fineTuneSettings]) {
      const { issues } = schema.safeParse(settings).error!;
      expect(issues).toMatchObject([{ path: [key], message: expect.stringContaining(message) }]);
    }
  });

  it('are described with their range and default', () => {
    const rows = Object.fromEntries(
      settingRows().map(({ key, range, default: value }) => [key, [range, value]]),
    );
    expect(rows).toMatchObject({
      epochs: ['integer from 1 to 100', 1],
      learningRate: ['above 0 to 1', 2e-5],
      ema: ['from 0 to below 1', 0],
      loss: ['"crossEntropy", "focal", "binaryCrossEntropy"', 'crossEntropy'],
      seed: ['integer from 0 up', 0],
      lengthGrouped: ['true, false', false],
      int8LargestDrop: ['from 0 to 1, or null', 0.01],
      'lora.rank': ['integer from 1 to 256', 8],
      lora: ['null, or an object with the keys below', null],
    });
  });
});
