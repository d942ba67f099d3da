import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('deploy/Dockerfile', () => {
  const dockerfile = read('deploy/Dockerfile');

  it('brings the Node that the workspace pins, whose type stripping the sources need', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
    expect(/^FROM node:(\d+)-/m.exec(dockerfile)?.[1]).toBe(devDependencies.node.split('.')[0]);
  });

  it('starts a module that is there, as process 1 and not as root', () => {
    const [node, entry] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
    expect(node).toBe('node');
    expect(existsSync(join(root, entry ?? ''))).toBe(true);
    expect(dockerfile.indexOf('USER node')).toBeGreaterThan(dockerfile.indexOf('npm ci'));
  });

  it('leaves out what a machine has made', () => {
    expect(read('deploy/Dockerfile.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['**/node_modules', '**/.overture', '**/dist']),
    );
  });
});

describe('docs/deploy.md', () => {
  it('names only variables that the worker knows', () => {
    const known = read('apps/worker/README.md');
    const named = [
      ...new Set(read('docs/deploy.md').match(/\b(?:OVERTURE|TEMPORAL|AWS|DATABASE)_[A-Z_0-9]+/g)),
    ];
    expect(named.filter((name) => !known.includes(name.replace(/_$/, '')))).toEqual([]);
  });
});
