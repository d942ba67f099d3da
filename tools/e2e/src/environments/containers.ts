import { chmod, chown, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestPostgres } from '@overture/registry/testing';
import { cacheFolder } from '@overture/stack';
import { refuses, trained, works, type Environment } from './environment.ts';
import { overture, projectRoot, smallTraining } from './overture-command.ts';

/** A user without an account in group 0, as in OpenShift containers. */
const arbitraryUser = 1_234_567;
const asArbitraryUser = ['setpriv', '--reuid', `${arbitraryUser}`, '--regid', '0', '--clear-groups', '--'];

/** Runs mounts and then the command in its own mount namespace. */
function mounted(mounts: readonly (readonly string[])[], then: readonly string[] = []): string[] {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `${mounts.map((mount) => ['mount', ...mount].map(quoted).join(' ')).join(' && ')} && exec "$@"`,
    'sh',
    ...then,
  ];
}

/** This machine's Temporal server, so that nothing is downloaded. */
const temporal = join(
  cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }),
  'temporal',
);

/**
 * A folder that members of group 0 can write to, and the mount that puts this machine's Temporal server into
 * its downloads.
 */
async function stateFolder(folder: string): Promise<{ home: string; mount: readonly string[] }> {
  const home = join(folder, 'state');
  const downloads = join(home, 'cache', 'temporal');
  await mkdir(downloads, { recursive: true });
  for (const path of [home, join(home, 'cache')]) {
    await chown(path, 0, 0);
    await chmod(path, 0o775);
  }
  return { home, mount: ['--bind', temporal, downloads] };
}

const oddName = `it's 100% #1 größe & (co) +a ü`;
// The programs of Postgres start one another through a shell, between double quotes.
const impossibleName = 'the "best" $HOME';

/** Users, homes and folders as found in containers and on users' machines. Needs root and Linux. */
export function containerEnvironments(server: TestPostgres): Environment[] {
  // The project may be in a folder closed to other users, such as /root.
  const project = async (
    folder: string,
    name = oddName,
  ): Promise<{ root: string; mount: readonly string[] }> => {
    const root = join(folder, name);
    await mkdir(root);
    return { root, mount: ['--bind', projectRoot, root] };
  };
  return [
    {
      name: 'arbitrary user without an account, in group 0; HOME=/',
      async tryIt(folder) {
        const [{ root, mount }, { home, mount: downloads }] = [
          await project(folder),
          await stateFolder(folder),
        ];
        const env = { OVERTURE_HOME: home, HOME: '/', DATABASE_URL: await createTestDatabase(server.url) };
        return trained(
          await overture(smallTraining(root), {
            env,
            root,
            cwd: '/',
            prefix: mounted([mount, downloads], asArbitraryUser),
          }),
          `user ${arbitraryUser}, with a Postgres of its own`,
        );
      },
    },
    {
      name: 'the same, without DATABASE_URL',
      async tryIt(folder) {
        const [{ root, mount }, { home, mount: downloads }] = [
          await project(folder),
          await stateFolder(folder),
        ];
        return refuses(
          await overture(['runs', 'ls'], {
            env: { OVERTURE_HOME: home, HOME: '/' },
            root,
            cwd: '/',
            prefix: mounted([mount, downloads], asArbitraryUser),
          }),
          /user 1234567 has no account.+set DATABASE_URL/i,
        );
      },
    },
    {
      name: 'the same, with a home that it cannot write to',
      async tryIt(folder) {
        const { root, mount } = await project(folder);
        return refuses(
          await overture(['runs', 'ls'], {
            env: { HOME: '/', DATABASE_URL: await createTestDatabase(server.url) },
            root,
            cwd: '/',
            prefix: mounted([mount], asArbitraryUser),
          }),
          /OVERTURE_HOME must be a folder that Overture can write to\. .+Set OVERTURE_HOME to another folder\./,
        );
      },
    },
    {
      name: 'neither HOME nor an account',
      async tryIt(folder) {
        const [{ root, mount }, { home }] = [await project(folder), await stateFolder(folder)];
        const ended = await overture(['runs', 'ls', '--json'], {
          env: { OVERTURE_HOME: home, DATABASE_URL: await createTestDatabase(server.url) },
          root,
          cwd: '/',
          prefix: mounted([mount], asArbitraryUser),
        });
        return ended.code === 0 ? works('listed runs') : { kind: 'WRONG', message: ended.err };
      },
    },
    {
      name: 'read-only HOME',
      async tryIt(folder) {
        const { home, mount: downloads } = await stateFolder(folder);
        const readOnly = join(folder, 'home');
        await mkdir(readOnly);
        const prefix = mounted([['-t', 'tmpfs', '-o', 'ro', 'tmpfs', readOnly], downloads]);
        const ended = await overture(smallTraining(), {
          env: { OVERTURE_HOME: home, HOME: readOnly },
          prefix,
        });
        return trained(ended, 'downloads are in OVERTURE_HOME');
      },
    },
    {
      name: `project folder named ${oddName}`,
      async tryIt(folder) {
        const [{ root, mount }, { home, mount: downloads }] = [
          await project(folder),
          await stateFolder(folder),
        ];
        return trained(
          await overture(smallTraining('.'), {
            env: { OVERTURE_HOME: home, OVERTURE_CACHE: join(home, 'cache'), HOME: folder },
            root,
            cwd: '/',
            prefix: mounted([mount, downloads], ['env', `--chdir=${root}`]),
          }),
          'bundle, worker and child processes',
        );
      },
    },
    {
      name: `project folder named ${impossibleName}, with a local Postgres`,
      async tryIt(folder) {
        const { root, mount } = await project(folder, impossibleName);
        return refuses(
          await overture(['runs', 'ls'], {
            env: { HOME: folder, OVERTURE_HOME: join(folder, 'state') },
            root,
            cwd: '/',
            prefix: mounted([mount]),
          }),
          /Postgres cannot be started from a folder with/,
        );
      },
    },
  ];
}
