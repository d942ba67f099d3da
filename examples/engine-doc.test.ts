import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('runs the program of docs/engine.md', () => {
  const doc = readFileSync(join(import.meta.dirname, '../docs/engine.md'), 'utf8');
  const program = [...doc.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block]) => block).join('\n');
  // beside this file, for the packages of the workspace are found from here
  const folder = mkdtempSync(join(import.meta.dirname, 'engine-doc-'));
  try {
    writeFileSync(join(folder, 'program.ts'), program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.ts')], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('parameter weight: float32 [1, 2]');
    const [fast, exact] = stdout.trim().split('\n').at(-1)!.split(' ');
    expect(fast).toBe(exact);
    expect(Number(fast)).toBeLessThan(0.05);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
