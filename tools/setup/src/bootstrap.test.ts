import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/**
 * Runs the bootstrap script in a project with one package, with fakes for npm and for downloads. The fake npm
 * counts its runs in npm.log and installs a copy of this Node, as the package `node` does.
 */
const setup = resolve(import.meta.dirname, '..');
let project: string;
let env: NodeJS.ProcessEnv;

const npm = `#!/bin/sh
echo "$1" >> npm.log
sleep "\${NPM_SLEEP:-0}"
rm -rf node_modules && mkdir -p node_modules/.bin node_modules/small
[ -n "$NPM_FAILS" ] && exit 9
echo '{}' > node_modules/small/package.json
ln -s "$REAL_NODE" node_modules/.bin/node
cp package-lock.json node_modules/.package-lock.json
`;
const main = `import { appendFileSync } from 'node:fs';
appendFileSync('provision.log', 'x');
process.stdout.write(JSON.stringify({ files: ['fetched'], lacking: [] }));
`;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'overture-setup-'));
  const to = join(project, 'tools', 'setup');
  await mkdir(join(to, 'src'), { recursive: true });
  await copyFile(join(setup, 'bootstrap.mjs'), join(to, 'bootstrap.mjs'));
  await cp(join(setup, 'bootstrap'), join(to, 'bootstrap'), { recursive: true });
  await writeFile(join(to, 'src', 'main.ts'), main);
  await writeFile(join(project, 'fetched'), 'a model');
  await writeLockfile('1.0.0');
  const bin = join(project, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'npm'), npm);
  await chmod(join(bin, 'npm'), 0o755);
  env = {
    PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    HOME: project,
    REAL_NODE: process.execPath,
  };
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function writeLockfile(version: string): Promise<void> {
  await writeFile(
    join(project, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/small': { version } } }),
  );
}

async function bootstrap(
  command: readonly string[] = [],
  extra: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [
    join(project, 'tools', 'setup', 'bootstrap.mjs'),
    ...(command.length > 0 ? ['--', ...command] : []),
  ];
  return promisify(execFile)(process.execPath, args, { cwd: project, env: { ...env, ...extra } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  );
}

function log(name: string): Promise<string> {
  return readFile(join(project, name), 'utf8').catch(() => '');
}

describe('bootstrap', () => {
  it('installs once, fetches once, and installs anew only when the lockfile changed', async () => {
    const first = await bootstrap();
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('installing packages with npm ci (not installed yet)');
    expect(await bootstrap()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([await log('npm.log'), await log('provision.log')]).toEqual(['ci\n', 'x']);
    await writeLockfile('1.0.1');
    expect((await bootstrap()).stderr).toContain('(the lockfile changed)');
    expect(await log('npm.log')).toBe('ci\nci\n');
  });

  it('repairs an installation that lacks a package or was cut short', async () => {
    await bootstrap();
    await rm(join(project, 'node_modules', 'small', 'package.json'));
    expect((await bootstrap()).stderr).toContain('(node_modules/small is incomplete)');
    await rm(join(project, 'node_modules', '.bin', 'node'));
    expect((await bootstrap()).stderr).toContain('(the program in node_modules/node is missing)');
    expect(await bootstrap()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('accepts what somebody installed by hand', async () => {
    await promisify(execFile)(join(project, 'bin', 'npm'), ['install'], { cwd: project, env });
    expect((await bootstrap()).stderr).toBe('');
    expect(await log('npm.log')).toBe('install\n');
  });

  it('fetches again what is gone', async () => {
    await bootstrap();
    await writeFile(join(project, 'fetched'), 'another model');
    await bootstrap();
    expect(await log('provision.log')).toBe('xx');
  });

  it('installs once when two set-ups run at a time', async () => {
    const both = await Promise.all([bootstrap([], { NPM_SLEEP: '2' }), bootstrap([], { NPM_SLEEP: '2' })]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await log('npm.log')).toBe('ci\n');
    expect(both.map(({ stderr }) => stderr).join('')).toMatch(
      /waiting for process \d+, which installs packages/,
    );
  });

  it('says that npm failed, and leaves nothing that looks installed', async () => {
    const failed = await bootstrap(['true'], { NPM_FAILS: '1' });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('npm ci failed (exit code 9); its own words are above.');
    expect((await bootstrap()).stderr).toContain('installing packages');
  });

  it('runs the command under the project’s Node and ends as it ends', async () => {
    await bootstrap();
    expect((await bootstrap(['sh', '-c', 'command -v node'])).stdout).toBe(
      `${join(project, 'node_modules', '.bin', 'node')}\n`,
    );
    expect((await bootstrap(['sh', '-c', 'exit 7'])).code).toBe(7);
    expect(await bootstrap(['no-such-program'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no-such-program could not be started'),
    });
  });

  it('passes signals on and dies by the signal that ended the command', async () => {
    await bootstrap();
    const command = 'trap "echo got it; exit 5" TERM; echo ready; while :; do sleep 0.1; done';
    const child = spawn(
      process.execPath,
      [join(project, 'tools', 'setup', 'bootstrap.mjs'), '--', 'sh', '-c', command],
      {
        cwd: project,
        env,
      },
    );
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(5);
    expect(output).toBe('ready\ngot it\n');
    const killed = spawn(
      process.execPath,
      [join(project, 'tools', 'setup', 'bootstrap.mjs'), '--', 'sh', '-c', 'kill -TERM $$'],
      {
        cwd: project,
        env,
      },
    );
    expect((await once(killed, 'exit'))[1]).toBe('SIGTERM');
  });
});
