import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { works, type Environment } from './environment.ts';
import { overture, projectRoot, run, type Ended } from './overture-command.ts';

/** Relative paths, given in every way, from a folder other than the project's. */
export const pathEnvironments: readonly Environment[] = [
  {
    name: 'relative paths in --corpus, --set and --input, also through npm',
    async tryIt(folder) {
      const cwd = join(folder, 'my data');
      await mkdir(cwd);
      await cp(join(projectRoot, 'data/sample/helpdesk.jsonl'), join(cwd, 'talk.jsonl'));
      await writeFile(join(cwd, 'input.json'), JSON.stringify({ corpus: { uri: 'talk.jsonl' } }));
      const env = { OVERTURE_HOME: join(folder, 'home'), HOME: process.env['HOME'] ?? '/' };
      const ways: Readonly<Record<string, readonly string[]>> = {
        '--corpus': ['--corpus', 'talk.jsonl'],
        '--corpus ./': ['--corpus', './talk.jsonl'],
        '--set': ['--set', 'corpus.uri=talk.jsonl'],
        '--input JSON': ['--input', '{"corpus":{"uri":"talk.jsonl"}}'],
        '--input file': ['--input', 'input.json'],
      };
      const npm = (args: readonly string[]): Promise<Ended> =>
        run(['npm', '--prefix', projectRoot, 'run', '--silent', 'overture', '--', ...args], { env, cwd });
      const keys = new Map<string, string>();
      for (const [way, options] of Object.entries(ways)) {
        for (const [how, call] of [
          ['', (args: readonly string[]) => overture(args, { env, cwd })],
          ['npm run, ', npm],
        ] as const) {
          const ended = await call(['plan', 'trainInitiativeModel', '--base', 'tiny', ...options, '--json']);
          if (ended.code !== 0)
            return { kind: 'WRONG', message: `${how}${way}: ${ended.err.trim().slice(-300)}` };
          // The cache key of ingest contains the digest of the file.
          keys.set(`${how}${way}`, /sha256:[0-9a-f]{64}/.exec(ended.out)?.[0] ?? 'no key');
        }
      }
      return new Set(keys.values()).size === 1 && !keys.has('no key')
        ? works(`${keys.size} ways, one file`)
        : { kind: 'WRONG', message: JSON.stringify(Object.fromEntries(keys)) };
    },
  },
];
