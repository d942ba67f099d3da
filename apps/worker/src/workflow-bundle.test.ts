import { workflowsUrl } from '@overture/workflows';
import { DefaultLogger } from '@temporalio/worker';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workflowBundle } from './workflow-bundle.ts';

it('bundles once for equal sources', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'overture-bundles-'));
  try {
    const options = { workflowsUrl, cacheDir, logger: new DefaultLogger('ERROR') };
    const file = await workflowBundle(options);
    const { mtimeMs, size } = await stat(file);
    expect(size).toBeGreaterThan(100_000);
    expect(await workflowBundle(options)).toBe(file);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    expect(await readdir(cacheDir)).toHaveLength(1);
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
});
