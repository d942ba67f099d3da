import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tarMember } from './tar-member.ts';

function archive(files: Record<string, string>): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'overture-tar-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return execFileSync('tar', ['-cf', '-', '--format=ustar', '-C', folder, ...Object.keys(files)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('tarMember', () => {
  it('finds a file behind others, sizes not of whole blocks included', () => {
    const content = 'x'.repeat(1300);
    const bytes = archive({ LICENSE: 'free', temporal: content, after: '' });
    expect(new TextDecoder().decode(tarMember(bytes, 'temporal'))).toBe(content);
    expect(tarMember(bytes, 'after')).toHaveLength(0);
  });

  it('names what is there when the file is not', () => {
    expect(() => tarMember(archive({ LICENSE: 'free' }), 'temporal')).toThrow(
      'The archive should contain temporal. It has LICENSE instead.',
    );
  });

  it('notices an archive that was cut off', () => {
    const bytes = archive({ temporal: 'y'.repeat(2000) });
    expect(() => tarMember(bytes.subarray(0, 1024), 'temporal')).toThrow(
      'The archive should hold 2000 bytes of temporal and ends before.',
    );
  });
});
