import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import { connectionSettings } from './connection-settings.ts';
import { openRegistry } from './open-registry.ts';
import { startTestPostgres, type TestPostgres } from './testing/index.ts';

/** A certificate authority, a certificate from it for `localhost`, and an unrelated authority. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('openssl', args, { cwd: folder });
  for (const name of ['ca', 'other'])
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  );
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost\n');
  await openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.crt',
    '-days',
    '2',
    '-extfile',
    'names',
  );
}

const hba = (kind: 'host' | 'hostssl' | 'hostnossl'): string => `${kind} all all all scram-sha-256\n`;

describe('sslmode', () => {
  let folder: string;
  const servers: Record<string, TestPostgres> = {};
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overture-tls-'));
    await makeCertificates(folder);
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    const files = { 'server.crt': await read('server.crt'), 'server.key': await read('server.key') };
    const start = (kind: 'host' | 'hostssl' | 'hostnossl'): Promise<TestPostgres> =>
      startTestPostgres({ files: { ...files, 'pg_hba.conf': hba(kind) }, settings: ['ssl=on'] });
    // "plain" has no TLS; "either" accepts both, "only" requires TLS, "refusing" rejects all logins over TLS.
    for (const [name, server] of Object.entries({
      plain: startTestPostgres(),
      either: start('host'),
      only: start('hostssl'),
      refusing: start('hostnossl'),
    }))
      servers[name] = await server;
  }, 120_000);
  afterAll(async () => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  const addressOf = (server: string, parameters: string): string => {
    const { url } = servers[server]!;
    return `${url.replace('127.0.0.1', 'localhost')}${parameters.replaceAll('FOLDER', encodeURIComponent(folder))}`;
  };
  const encrypted = async (server: string, parameters: string, env = {}): Promise<boolean> => {
    const { client } = await connect(await connectionSettings(addressOf(server, parameters), env));
    try {
      const { rows } = await client.query<{ ssl: boolean }>(
        'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      );
      return rows[0]!.ssl;
    } finally {
      await client.end();
    }
  };

  // PostgreSQL manual, table "SSL Mode Descriptions".
  it.each([
    ['plain', '', false],
    ['plain', '?sslmode=disable', false],
    ['plain', '?sslmode=allow', false],
    ['plain', '?sslmode=prefer', false],
    ['either', '', true],
    ['either', '?sslmode=disable', false],
    ['either', '?sslmode=allow', false],
    ['either', '?sslmode=prefer', true],
    ['either', '?sslmode=require', true],
    ['either', '?ssl=true', true],
    ['either', '?sslmode=require&sslrootcert=FOLDER/ca.crt', true],
    ['either', '?sslmode=verify-ca&sslrootcert=FOLDER/ca.crt', true],
    ['either', '?sslmode=verify-full&sslrootcert=FOLDER/ca.crt', true],
    ['only', '', true],
    ['only', '?sslmode=allow', true],
    ['refusing', '', false],
    ['refusing', '?sslmode=prefer', false],
  ] as const)('on the server "%s", %j connects; encrypted: %s', async (server, parameters, expected) => {
    expect(await encrypted(server, parameters)).toBe(expected);
  });

  it('takes the variables of libpq, and a root certificate where libpq looks for it', async () => {
    expect(await encrypted('either', '', { PGSSLMODE: 'disable' })).toBe(false);
    expect(await encrypted('either', '?sslmode=prefer', { PGSSLMODE: 'disable' })).toBe(true);
    expect(
      await encrypted('either', '', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(folder, 'ca.crt') }),
    ).toBe(true);
  });

  it('checks the name for verify-full only', async () => {
    const byAddress = (mode: string): string =>
      addressOf('either', `?sslmode=${mode}&sslrootcert=FOLDER/ca.crt`).replace('localhost', '127.0.0.1');
    await expect(openRegistry({ databaseUrl: byAddress('verify-full') })).rejects.toMatchObject({
      code: 'REGISTRY_TLS',
      retryable: false,
      message: expect.stringMatching(
        /^The database postgres at 127\.0\.0\.1:\d+ could not be reached over TLS: Hostname\/IP does not match certificate's altnames: .+ \(ERR_TLS_CERT_ALTNAME_INVALID\)\. Connect by a name that the certificate contains/,
      ),
    });
    const { client } = await connect(await connectionSettings(byAddress('verify-ca')));
    await client.end();
  });

  it.each([
    ['only', '?sslmode=disable', 'REGISTRY_ACCESS', /no pg_hba\.conf entry for host .+ no encryption/],
    [
      'plain',
      '?sslmode=require',
      'REGISTRY_TLS',
      /^The database postgres at localhost:\d+ does not offer TLS, which sslmode=require requires\. Turn TLS on in the server, or set sslmode=disable in DATABASE_URL\.$/,
    ],
    ['refusing', '?sslmode=require', 'REGISTRY_ACCESS', /no pg_hba\.conf entry for host .+ SSL encryption/],
    [
      'either',
      '?sslmode=verify-full',
      'REGISTRY_TLS',
      /\((UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)\)\. Name the certificate of the server's authority: sslrootcert=FILE in DATABASE_URL\.$/,
    ],
    [
      'either',
      '?sslmode=verify-ca&sslrootcert=FOLDER/other.crt',
      'REGISTRY_TLS',
      /Name the certificate of the server's authority/,
    ],
    [
      'either',
      '?sslmode=require&sslrootcert=FOLDER/other.crt',
      'REGISTRY_TLS',
      /Name the certificate of the server's authority/,
    ],
    ['either', '?sslmode=verify-ca', 'REGISTRY_TLS', /^sslmode=verify-ca needs sslrootcert=FILE/],
    [
      'either',
      '?sslmode=verify-full&sslrootcert=/nowhere/ca.crt',
      'REGISTRY_TLS',
      /^sslrootcert in DATABASE_URL must name a file that this user can read\. Got \/nowhere\/ca\.crt instead \(ENOENT\)\.$/,
    ],
    [
      'either',
      '?sslmode=no-verify',
      'REGISTRY_TLS',
      /^sslmode in DATABASE_URL must be one of disable, allow, prefer, require, verify-ca, verify-full\. Got "no-verify" instead\. .+ use require\.$/,
    ],
    [
      'either',
      '?sslmode=require&sslrootcert=system',
      'REGISTRY_TLS',
      /^sslrootcert=system must go with sslmode=verify-full/,
    ],
  ] as const)('on the server "%s", %j is refused as %s', async (server, parameters, code, message) => {
    await expect(openRegistry({ databaseUrl: addressOf(server, parameters) })).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringMatching(message),
    });
  });

  it('encrypts every connection of the registry', async () => {
    const databaseUrl = servers['only']!.url;
    await using registry = await openRegistry({ databaseUrl });
    await Promise.all(Array.from({ length: 8 }, () => registry.listRuns()));
    const client = new pg.Client({ connectionString: databaseUrl, ssl: { rejectUnauthorized: false } });
    await client.connect();
    const { rows } = await client.query(
      `select distinct s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name = 'overture'`,
    );
    expect(rows).toEqual([{ ssl: true }]);
    await client.end();
  });
});
