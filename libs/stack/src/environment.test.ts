import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkEnvironment, environmentVariables } from './environment.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const places = { home: '/tmp', cacheDir: '/tmp' };

describe('environment variables', () => {
  it('are listed in the README of the command line', () => {
    const readme = readFileSync(join(root, 'apps', 'cli', 'README.md'), 'utf8');
    for (const { name, meaning, default: fallback } of environmentVariables)
      expect(readme).toContain(`| \`${name}\` | ${meaning} | ${fallback} |`);
  });

  it('may be right or empty', () => {
    const env = {
      OVERTURE_HOME: '',
      OVERTURE_THREADS: '',
      OVERTURE_SHUTDOWN_SECONDS: '0',
      DATABASE_URL: 'postgres://a:b@c/d',
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      OVERTURE_ARTIFACTS: 's3://bucket/x',
      OVERTURE_QUEUES: 'light, train',
    };
    expect(checkEnvironment(env, places)).toEqual([]);
    for (const address of [
      'localhost',
      'temporal.example.org:7233',
      '[::1]:7233',
      'https://ns.a.tmprl.cloud:7233',
    ])
      expect(checkEnvironment({ TEMPORAL_ADDRESS: address }, places)).toEqual([]);
  });

  it.each([
    ['OVERTURE_CHECKPOINT_STEPS', '0', 'be a whole number from 1'],
    ['OVERTURE_SHUTDOWN_SECONDS', '-1', 'be a whole number from 0'],
    ['OVERTURE_EXECUTION_PROVIDER', 'gpu', 'be one of cpu, cuda, webgpu, coreml, dml'],
    [
      'OVERTURE_REGISTRY_SCHEMA',
      'public',
      'not be public, drizzle or information_schema, start with pg_, or end with _pkey or _id_seq',
    ],
    ['OVERTURE_ARTIFACT_CACHE_GB', 'big', 'be a number above 0'],
    ['OVERTURE_ARTIFACTS', 'gs://bucket', 'be a folder or s3://bucket/prefix'],
    ['HF_ENDPOINT', 'hub', 'be a URL that begins with http:// or https://'],
  ])('%s=%s must %s', (name, value, must) => {
    expect(() => checkEnvironment({ [name]: value }, places)).toThrow(
      `${name} must ${must}. Got ${JSON.stringify(value)} instead.`,
    );
  });

  it('keeps the password of a wrong database address to itself', () => {
    expect(() => checkEnvironment({ DATABASE_URL: 'mysql://ann:secret@x/y' }, places)).toThrow(
      /^DATABASE_URL must be a URL that begins with postgres:\/\/ or postgresql:\/\/\.$/,
    );
  });
});
