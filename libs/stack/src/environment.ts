import { isAbsolute, join } from 'node:path';
import { AppError, didYouMean } from '@overture/core';
import { schemaProblem } from '@overture/registry/registry-schema';
import { assertUsableFolder } from './usable-folder.ts';

/** An environment variable of Overture. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
  readonly default: string;
  /** What is wrong with a value that is not empty, as the end of "NAME must …"; undefined if it is valid. */
  readonly problem: (value: string) => string | undefined;
}

const anything = (): undefined => undefined;
const matches =
  (pattern: RegExp, must: string) =>
  (value: string): string | undefined =>
    pattern.test(value) ? undefined : must;
const wholeNumber =
  (least: number) =>
  (value: string): string | undefined =>
    /^\d+$/.test(value) && Number(value) >= least ? undefined : `be a whole number from ${least}`;
const oneOf =
  (...names: readonly string[]) =>
  (value: string): string | undefined =>
    names.includes(value) ? undefined : `be one of ${names.join(', ')}`;
const listOf =
  (...names: readonly string[]) =>
  (value: string): string | undefined =>
    value.split(',').every((name) => names.includes(name.trim()))
      ? undefined
      : `list queues out of ${names.join(', ')}, joined by commas`;
const url =
  (...protocols: readonly string[]) =>
  (value: string): string | undefined =>
    protocols.includes(URL.parse(value)?.protocol ?? '')
      ? undefined
      : `be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;

/**
 * Every environment variable that Overture itself reads. Those of Temporal, AWS and OpenTelemetry are read by
 * their own libraries.
 */
export const environmentVariables: readonly EnvironmentVariable[] = [
  {
    name: 'OVERTURE_HOME',
    meaning: 'state: databases, artifacts, checkpoints, logs, reports',
    default: '`.overture` in the project',
    problem: anything,
  },
  {
    name: 'OVERTURE_CACHE',
    meaning: 'downloads that all clones share',
    default: "the user's cache folder",
    problem: anything,
  },
  {
    name: 'OVERTURE_MSDIALOG',
    meaning: 'a folder with MSDialog, the default corpus if it is there',
    default: 'the folder that `overture corpus pull` fills',
    problem: anything,
  },
  { name: 'OVERTURE_MODELS', meaning: 'a folder with base models', default: 'none', problem: anything },
  {
    name: 'OVERTURE_ARTIFACTS',
    meaning: 'where artifacts are stored: a folder, or `s3://bucket/prefix`',
    default: '`artifacts` in the home',
    problem: (value) =>
      value.startsWith('s3://') || isAbsolute(value) || !value.includes('://')
        ? undefined
        : 'be a folder or s3://bucket/prefix',
  },
  {
    name: 'OVERTURE_ARTIFACT_CACHE_GB',
    meaning: "local copies of a bucket's artifacts, in GB",
    default: '20',
    problem: (value) => (Number(value) > 0 ? undefined : 'be a number above 0'),
  },
  {
    name: 'OVERTURE_THREADS',
    meaning: 'threads of a training or a prediction',
    default: "the machine's, at most 8",
    problem: wholeNumber(1),
  },
  {
    name: 'OVERTURE_CHECKPOINT_STEPS',
    meaning: 'steps between two checkpoints',
    default: '50',
    problem: wholeNumber(1),
  },
  {
    name: 'OVERTURE_SHUTDOWN_SECONDS',
    meaning: 'how long running stages may continue once the worker is asked to stop',
    default: '0 in a local stack, else 10',
    problem: wholeNumber(0),
  },
  {
    name: 'OVERTURE_EXECUTION_PROVIDER',
    meaning: 'where to compute: `cpu`, `cuda`, `webgpu`, `coreml`, `dml`',
    default: '`cpu`',
    problem: oneOf('cpu', 'cuda', 'webgpu', 'coreml', 'dml'),
  },
  {
    name: 'OVERTURE_QUEUES',
    meaning: 'the queues that a worker serves: `light`, `train`',
    default: 'both',
    problem: listOf('light', 'train'),
  },
  {
    name: 'OVERTURE_LOG',
    meaning: "level of the worker's log",
    default: '`info`',
    problem: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  },
  {
    name: 'DATABASE_URL',
    meaning: 'a Postgres of your own, `postgres://user:password@host:port/database`',
    default: 'one is started',
    problem: url('postgres:', 'postgresql:'),
  },
  {
    name: 'OVERTURE_REGISTRY_SCHEMA',
    meaning:
      'the Postgres schema of the registry; applications with different schemas share a database, but no runs or results',
    default: '`overture`',
    problem: schemaProblem,
  },
  {
    name: 'TEMPORAL_ADDRESS',
    meaning: 'a Temporal server of your own, `host:port`',
    default: 'one is started',
    problem: matches(
      /^(https?:\/\/)?[^\s/:]+(:\d{1,5})?$|^(https?:\/\/)?\[[0-9a-fA-F:]+\](:\d{1,5})?$/,
      'be host:port',
    ),
  },
  {
    name: 'HF_ENDPOINT',
    meaning: 'another address of the Hugging Face hub',
    default: '`https://huggingface.co`',
    problem: url('http:', 'https:'),
  },
  {
    name: 'HTTPS_PROXY',
    meaning: 'proxy for downloads',
    default: 'none',
    problem: matches(/^([a-z]+:\/\/)?[^\s]+$/i, 'be the URL of a proxy'),
  },
];

/** Internal variables, which are not settings: Overture sets them for its own processes or in its tests. */
const internal = /^OVERTURE_(DIE_WITH_PARENT|OFFLINE|FUZZ|SIMULATIONS|TEST_|BENCH_)/;

/**
 * Checks every variable that Overture reads, before anything starts.
 * @param folders home and cache as the command resolved them
 * @returns warnings about unknown variables that begin with OVERTURE_
 * @throws AppError `ENVIRONMENT_INVALID` with a sentence for each problem, `FOLDER_UNUSABLE`
 */
export function checkEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { home, cacheDir }: { readonly home: string; readonly cacheDir: string },
): string[] {
  const problems = environmentVariables.flatMap(({ name, problem }) => {
    const value = env[name];
    const must = value === undefined || value === '' ? undefined : problem(value);
    // The value of DATABASE_URL contains a password.
    return must === undefined
      ? []
      : [`${name} must ${must}.${name === 'DATABASE_URL' ? '' : ` Got ${JSON.stringify(value)} instead.`}`];
  });
  if (problems.length > 0)
    throw new AppError('ENVIRONMENT_INVALID', problems.join(' '), { details: { problems } });
  if (env['OVERTURE_HOME']) assertUsableFolder(home, 'OVERTURE_HOME');
  if (env['OVERTURE_CACHE']) assertUsableFolder(cacheDir, 'OVERTURE_CACHE');
  else if (env['XDG_CACHE_HOME'])
    assertUsableFolder(join(env['XDG_CACHE_HOME'], 'overture'), 'XDG_CACHE_HOME');
  const names = environmentVariables.map(({ name }) => name);
  return Object.keys(env)
    .filter((name) => name.startsWith('OVERTURE_') && !names.includes(name) && !internal.test(name))
    .map((name) => `The environment variable ${name} has no meaning.${didYouMean(name, names)}`);
}
