import { homedir } from 'node:os';
import { cacheFolder, ensureTemporalBinary } from '@overture/stack';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** host:port of a real Temporal server, one for all test files of a project. */
    temporalAddress: string;
  }
}

/** Vitest global setup: a real Temporal server, in memory, for as long as a project's tests run. */
export default async function temporalServer(project: TestProject): Promise<() => Promise<void>> {
  const { path } = await ensureTemporalBinary({
    cacheDir: cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }),
    env: process.env,
    platform: `${process.platform}-${process.arch}`,
  });
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path } },
  });
  project.provide('temporalAddress', environment.address);
  return () => environment.teardown();
}
