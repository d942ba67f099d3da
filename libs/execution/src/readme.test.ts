import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('runs the program of the README, and reuses its result the second time', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const [, program = ''] = /^```ts\n([^]*?)^```/m.exec(readme) ?? [];
  // In this project, so that the packages of the workspace are found.
  const folder = mkdtempSync(join(import.meta.dirname, 'readme-'));
  try {
    writeFileSync(join(folder, 'program.ts'), program);
    const run = (): string => {
      const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.ts')], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, FORCE_COLOR: '0' },
      });
      expect(stderr).toBe('');
      return stdout.trim();
    };
    expect([run(), run()]).toEqual(["6 [ 'countWords' ] []", "6 [] [ 'countWords' ]"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
