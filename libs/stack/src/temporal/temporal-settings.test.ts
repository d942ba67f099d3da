import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalSettings } from './temporal-settings.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-temporal-settings-'));
  file = join(folder, 'temporal.toml');
  await writeFile(
    file,
    '[profile.cloud]\naddress = "ours.tmprl.cloud:7233"\nnamespace = "ours"\napi_key = "secret"\n\n[profile.certified]\naddress = "inside:7233"\ntls = { client_cert_data = "certificate", client_key_data = "key", server_name = "temporal" }\n',
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('temporalSettings', () => {
  it('takes variables over the profile that is asked for', () => {
    expect(
      temporalSettings({
        TEMPORAL_CONFIG_FILE: file,
        TEMPORAL_PROFILE: 'cloud',
        TEMPORAL_NAMESPACE: 'theirs',
      }),
    ).toEqual({
      address: 'ours.tmprl.cloud:7233',
      namespace: 'theirs',
      access: { tls: expect.anything(), apiKey: 'secret' },
    });
    expect(
      temporalSettings({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'certified' }).access,
    ).toMatchObject({
      tls: {
        serverNameOverride: 'temporal',
        clientCertPair: { crt: expect.anything(), key: expect.anything() },
      },
    });
    expect(temporalSettings({ TEMPORAL_ADDRESS: 'here:1', TEMPORAL_TLS: 'true' })).toMatchObject({
      address: 'here:1',
      access: { tls: expect.anything() },
    });
  });

  it('names no server where nothing does, and lets nothing into our own', () => {
    expect(temporalSettings({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: 'of another server' })).toEqual({
      address: undefined,
      namespace: undefined,
      access: {},
    });
  });

  it('says what is wrong with a profile', () => {
    expect(() => temporalSettings({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'none' })).toThrow(
      'The connection to Temporal must be a profile of its configuration file (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE) or TEMPORAL_ADDRESS. Got:',
    );
  });
});
