import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsWarning } from '@overture/stages';
import { workerSettings, type Machine } from './settings.ts';

const databaseUrl = 'postgres://me:secret@localhost:5432/overture';
let folder: string;
let machine: Machine;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-settings-'));
  machine = { userHome: join(folder, 'user'), projectRoot: join(folder, 'project'), platform: 'linux' };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('workerSettings', () => {
  it('needs a database and has a default for everything else', async () => {
    expect(await workerSettings({ DATABASE_URL: databaseUrl }, machine)).toMatchObject({
      temporal: { address: '127.0.0.1:7233' },
      namespace: 'default',
      queues: ['light', 'train'],
      shutdownSeconds: 10,
      deployment: undefined,
      databaseUrl,
      artifacts: { kind: 'folder', root: join(folder, 'project', '.overture', 'artifacts') },
      stages: {
        stateDir: join(folder, 'project', '.overture'),
        checkpointEverySteps: 50,
        baseModels: { cacheDir: join(folder, 'user', '.cache', 'overture', 'models') },
        corpora: [{ name: 'sample', uri: join(folder, 'project', 'data', 'sample', 'helpdesk.jsonl') }],
      },
    });
  });

  it('prefers MSDialog when it is at hand, and keeps the sample under its name', async () => {
    const msdialog = join(folder, 'cache', 'corpora', 'msdialog');
    await mkdir(msdialog, { recursive: true });
    for (const name of ['train.tsv', 'valid.tsv']) await writeFile(join(msdialog, name), '');
    const { stages } = await workerSettings(
      { DATABASE_URL: databaseUrl, OVERTURE_CACHE: join(folder, 'cache') },
      machine,
    );
    expect(stages.corpora.map(({ name }) => name)).toEqual(['msdialog', 'sample']);
  });

  it('connects as every Temporal program does: by variables, over a profile of the file that is asked for', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(
      file,
      '[profile.cloud]\naddress = "ours.tmprl.cloud:7233"\nnamespace = "ours"\napi_key = "secret"\n',
    );
    const connection = async (env: Record<string, string>) => {
      const { temporal, namespace } = await workerSettings({ DATABASE_URL: databaseUrl, ...env }, machine);
      return { ...temporal, namespace };
    };
    expect(
      await connection({
        TEMPORAL_CONFIG_FILE: file,
        TEMPORAL_PROFILE: 'cloud',
        TEMPORAL_NAMESPACE: 'theirs',
      }),
    ).toMatchObject({
      address: 'ours.tmprl.cloud:7233',
      namespace: 'theirs',
      apiKey: 'secret',
      tls: expect.anything(),
    });
    expect((await connection({ TEMPORAL_ADDRESS: 'here:1', TEMPORAL_API_KEY: '' })).tls).toBeFalsy();
    await expect(connection({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'none' })).rejects.toThrow(
      'The connection to Temporal must be a profile of its configuration file',
    );
  });

  it('serves one queue, and has a version where Temporal routes by it', async () => {
    const settings = await workerSettings(
      {
        DATABASE_URL: databaseUrl,
        OVERTURE_QUEUES: 'train',
        OVERTURE_SHUTDOWN_SECONDS: '60',
        TEMPORAL_DEPLOYMENT_NAME: 'overture',
        TEMPORAL_WORKER_BUILD_ID: '1.2',
      },
      machine,
    );
    expect(settings).toMatchObject({
      queues: ['train'],
      shutdownSeconds: 60,
      deployment: { name: 'overture', buildId: '1.2' },
    });
    await expect(
      workerSettings(
        { DATABASE_URL: databaseUrl, OVERTURE_QUEUES: 'train,heavy', TEMPORAL_WORKER_BUILD_ID: '1' },
        machine,
      ),
    ).rejects.toThrow(
      'OVERTURE_QUEUES must list queues out of light, train, joined by commas. Got "heavy" instead. TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together',
    );
  });

  it('computes where it is told to, and warns where nobody has tried it', async () => {
    const stagesOf = async (executionProvider: string) =>
      (
        await workerSettings(
          { DATABASE_URL: databaseUrl, OVERTURE_EXECUTION_PROVIDER: executionProvider },
          machine,
        )
      ).stages;
    expect((await stagesOf('')).executionProvider).toBe('cpu');
    expect(settingsWarning(await stagesOf('cpu'))).toBeUndefined();
    expect(settingsWarning(await stagesOf('webgpu'))).toContain('webgpu has not been tried by this project');
    await expect(stagesOf('gpu')).rejects.toThrow(
      'OVERTURE_EXECUTION_PROVIDER must be one of cpu, cuda, webgpu, coreml, dml. Got "gpu" instead.',
    );
  });

  it('has the schema of the registry, or refuses its name', async () => {
    expect(
      await workerSettings({ DATABASE_URL: databaseUrl, OVERTURE_REGISTRY_SCHEMA: 'support' }, machine),
    ).toMatchObject({ registrySchema: 'support' });
    expect(
      await workerSettings({ DATABASE_URL: databaseUrl, OVERTURE_REGISTRY_SCHEMA: '' }, machine),
    ).toMatchObject({ registrySchema: undefined });
    await expect(
      workerSettings({ DATABASE_URL: databaseUrl, OVERTURE_REGISTRY_SCHEMA: 'Support' }, machine),
    ).rejects.toThrow(
      'OVERTURE_REGISTRY_SCHEMA must be 1 to 41 lowercase letters, digits and underscores, and start with a letter. Got "Support" instead.',
    );
  });

  it('names all problems at once', async () => {
    await expect(
      workerSettings({ OVERTURE_THREADS: 'two', OVERTURE_CHECKPOINT_STEPS: '0' }, machine),
    ).rejects.toThrow(
      'DATABASE_URL must be postgres://user:password@host:port/database. Start the worker with `npm start`, which sets it, or set it to a Postgres of your own. OVERTURE_THREADS must be a whole number from 1. Got "two" instead. OVERTURE_CHECKPOINT_STEPS must be a whole number from 1. Got "0" instead.',
    );
  });
});
