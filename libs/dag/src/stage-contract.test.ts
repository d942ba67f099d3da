import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineStage } from './stage-contract.ts';

const definition = { name: 'read', version: 1, summary: 'Reads.', queue: 'light', input: z.object({}), output: z.object({}) } as const;

describe('defineStage', () => {
  it('fills in timeouts and retry', () => {
    expect(defineStage({ ...definition, retry: { maximumAttempts: 9 } })).toMatchObject({ timeouts: { startToClose: 1800, heartbeat: 60 }, retry: { maximumAttempts: 9, initialInterval: 1, backoff: 2 } });
  });

  it('refuses what cannot name an activity or order versions', () => {
    expect(() => defineStage({ ...definition, name: 'read corpus' })).toThrow("A stage's name must be a camelCase identifier, since it names an activity. Got \"read corpus\" instead.");
    expect(() => defineStage({ ...definition, version: 0 })).toThrow('The version of stage read must be an integer from 1. Got 0 instead.');
  });
});
