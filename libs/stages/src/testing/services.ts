import { testServices as servicesOf, type TestServices } from '@overture/execution/testing';
import { join } from 'node:path';
import type { StageSettings } from '../stage-context.ts';

/** All services of a product stage, in memory and in a temporary folder. */
export function testServices(changes: Partial<StageSettings> = {}): Promise<TestServices<StageSettings>> {
  return servicesOf((folder) => ({
    stateDir: join(folder, 'state'),
    baseModels: { cacheDir: join(folder, 'cache'), hubUrl: false, packageMirror: false },
    corpora: [],
    threads: 1,
    executionProvider: 'cpu',
    checkpointEverySteps: 5,
    ...changes,
  }));
}
