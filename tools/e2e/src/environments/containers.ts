import { chmod, chown, cp, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestPostgres } from '@overture/registry/testing';
import { cacheFolder } from '@overture/stack';
import { refuses, trained, works, type Environment } from './environment.ts';
import { overture, projectRoot, smallTraining } from './overture-command.ts';

/** As OpenShift runs containers: a user without an account, in group 0. */
const arbitraryUser = 1_234_567;
const asArbitraryUser = ['setpriv', '--reuid', `${arbitraryUser}`, '--regid', '0', '--clear-groups', '--'];

/** In a mount namespace of its own, mounts and then the command. */
function mounted(mounts: readonly (readonly string[])[], then: readonly string[] = []): string[] {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return ['unshare', '--mount', 'sh', '-c', `${mounts.map((mount) => ['mount', ...mount].map(quoted).join(' ')).join(' && ')} && exec "$@"`, 'sh', ...then];
}

/** A folder of group 0 that its members may write to, with this machine's downloads in it. */
async function stateFolder(folder: string, { seeded = true } = {}): Promise<string> {
  const home = join(folder, 'state');
  await mkdir(home);
  if (seeded) await cp(join(cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }), 'temporal'), join(home, 'cache', 'temporal'), { recursive: true });
  for (const path of seeded ? [home, join(home, 'cache')] : [home]) {
    await chown(path, 0, 0);
    await chmod(path, 0o775);
  }
  return home;
}

const oddName = `it's 100% #1 "größe" & (co) +a ü`;

/** Users, homes and folders as containers and people have them; needs root and Linux. */
export function containerEnvironments(server: TestPostgres): Environment[] {
  const odd = (folder: string): string => join(folder, oddName);
  // The project may be in a folder closed to others, such as /root.
  const project = async (folder: string): Promise<string> => {
    await mkdir(odd(folder));
    return odd(folder);
  };
  return [
    {
      name: 'arbitrary user without an account, in group 0; HOME=/',
      async tryIt(folder) {
        const [root, home] = [await project(folder), await stateFolder(folder)];
        const env = { OVERTURE_HOME: home, HOME: '/', DATABASE_URL: await createTestDatabase(server.url) };
        return trained(await overture(smallTraining(root), { env, root, cwd: '/', prefix: mounted([['--bind', projectRoot, root]], asArbitraryUser) }), `user ${arbitraryUser}, with a Postgres of its own`);
      },
    },
    {
      name: 'the same, without DATABASE_URL',
      async tryIt(folder) {
        const [root, home] = [await project(folder), await stateFolder(folder)];
        return refuses(await overture(['runs', 'ls'], { env: { OVERTURE_HOME: home, HOME: '/' }, root, cwd: '/', prefix: mounted([['--bind', projectRoot, root]], asArbitraryUser) }), /user 1234567 has no account.+set DATABASE_URL/i);
      },
    },
    {
      name: 'the same, with a home that it cannot write to',
      async tryIt(folder) {
        const root = await project(folder);
        return refuses(await overture(['runs', 'ls'], { env: { HOME: '/', DATABASE_URL: await createTestDatabase(server.url) }, root, cwd: '/', prefix: mounted([['--bind', projectRoot, root]], asArbitraryUser) }), /OVERTURE_HOME must be a folder that Overture can write to\. .+Set OVERTURE_HOME to another folder\./);
      },
    },
    {
      name: 'neither HOME nor an account',
      async tryIt(folder) {
        const [root, home] = [await project(folder), await stateFolder(folder, { seeded: false })];
        const ended = await overture(['runs', 'ls', '--json'], { env: { OVERTURE_HOME: home, DATABASE_URL: await createTestDatabase(server.url) }, root, cwd: '/', prefix: mounted([['--bind', projectRoot, root]], asArbitraryUser) });
        return ended.code === 0 ? works('listed runs') : { kind: 'WRONG', message: ended.err };
      },
    },
    {
      name: 'read-only HOME',
      async tryIt(folder) {
        const home = await stateFolder(folder);
        const readOnly = join(folder, 'home');
        await mkdir(readOnly);
        const prefix = mounted([['-t', 'tmpfs', '-o', 'ro', 'tmpfs', readOnly]]);
        const ended = await overture(smallTraining(), { env: { OVERTURE_HOME: home, HOME: readOnly }, prefix });
        return trained(ended, 'downloads are in OVERTURE_HOME');
      },
    },
    {
      name: `project folder named ${oddName}`,
      async tryIt(folder) {
        const root = await project(folder);
        const home = await stateFolder(folder);
        return trained(await overture(smallTraining('.'), { env: { OVERTURE_HOME: home, OVERTURE_CACHE: join(home, 'cache'), HOME: folder }, root, cwd: '/', prefix: mounted([['--bind', projectRoot, root]], ['env', `--chdir=${root}`]) }), 'bundle, worker and child processes');
      },
    },
  ];
}
