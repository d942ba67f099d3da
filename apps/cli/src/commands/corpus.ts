import { resolve } from 'node:path';
import {
  inspectCorpus,
  openCorpus,
  parseFormatName,
  parseProtocol,
  pullCorpus,
  resolveTagSet,
  type CorpusSummary,
  type SplitSummary,
} from '@overture/dialogue';
import { proxyFetch } from '@overture/downloads';
import type { CliContext } from '../context.ts';
import { corpusFolder } from '../demo-corpus.ts';
import { bytes, percent } from '../output/format.ts';
import { table } from '../output/table.ts';

/** Options of `overture corpus inspect`. */
export interface InspectCommandOptions {
  readonly format: string;
  readonly protocol: string;
  readonly tagSet: string;
}

/** `overture corpus inspect PATH`: needs no stack. */
export async function inspect(
  { terminal, cwd, interrupt }: CliContext,
  path: string,
  options: InspectCommandOptions,
): Promise<void> {
  const tagSet = resolveTagSet(options.tagSet.includes(',') ? options.tagSet.split(',') : options.tagSet);
  const corpus = await openCorpus(path.startsWith('file:') ? path : resolve(cwd, path), {
    format: parseFormatName(options.format),
  });
  const summary = await inspectCorpus(corpus, {
    rule: { protocol: parseProtocol(options.protocol), tagSet },
    signal: interrupt,
    onProgress: (read) => read % 500 === 0 && terminal.progress(`read ${read} conversations`),
  });
  if (terminal.json) terminal.printJson(summary);
  else terminal.print(summaryText(summary));
}

function summaryText(summary: CorpusSummary): string {
  const parts = [
    ...summary.splits.map((split) => ({ label: split.name as string, split })),
    ...(summary.splits.length > 1 ? [{ label: 'all', split: summary.total }] : []),
  ];
  const column = (of: (split: Omit<SplitSummary, 'name'>) => string): string[] =>
    parts.map(({ split }) => of(split));
  const heads = ['', ...parts.map(({ label }) => label)];
  const counts = [
    ['conversations', ...column(({ conversations }) => `${conversations}`)],
    ['utterances', ...column(({ utterances }) => `${utterances}`)],
    ['examples', ...column(({ examples }) => `${examples}`)],
    ['with initiative', ...column(({ initiative }) => `${initiative}`)],
    ['initiative rate', ...column(({ initiativeRate }) => percent(initiativeRate))],
    ['utterances, median', ...column(({ lengths }) => `${lengths.utterances.median}`)],
    ['words of history, median', ...column(({ lengths }) => `${lengths.historyWords.median}`)],
    ['words of history, longest', ...column(({ lengths }) => `${lengths.historyWords.max}`)],
  ];
  const tags = Object.keys(summary.total.systemTags) as (keyof typeof summary.total.systemTags)[];
  const tagRows = tags.map((tag) => [
    `${tag}${summary.tagSet.tags.includes(tag) ? ' *' : ''}`,
    ...column(({ systemTags }) => `${systemTags[tag] ?? 0}`),
  ]);
  const turns = summary.total.byTurn.map(({ systemTurn, andLater }) => [
    `turn ${systemTurn + 1}${andLater ? ' and later' : ''}`,
    ...column(({ byTurn }) => {
      const turn = byTurn.find((each) => each.systemTurn === systemTurn);
      return turn ? `${percent(turn.initiativeRate)} of ${turn.examples}` : '';
    }),
  ]);
  return [
    `${summary.path}: ${summary.format}, protocol ${summary.protocol}, tag set ${summary.tagSet.name} (${summary.tagSet.tags.join(', ')}), splits ${summary.splitBy}`,
    '',
    table(heads, counts, 1),
    ...(tagRows.length > 0
      ? ['', table(['tags of the system’s turns (* = initiative)', ...heads.slice(1)], tagRows, 1)]
      : []),
    '',
    table(['initiative by system turn', ...heads.slice(1)], turns, 1),
    '',
    ...(summary.problems.length === 0
      ? ['No problems found.']
      : summary.problems.map(
          ({ severity, message, samples }) =>
            `${severity}: ${message}${samples.length > 0 ? ` (${samples.slice(0, 3).join(', ')})` : ''}`,
        )),
  ].join('\n');
}

/** `overture corpus pull NAME`. */
export async function pull(
  { terminal, cwd, env, cacheDir, interrupt }: CliContext,
  name: string,
  options: { readonly to?: string },
): Promise<void> {
  const dir =
    options.to === undefined
      ? corpusFolder(cacheDir, name.replaceAll(/[^\w.-]/g, '_'))
      : resolve(cwd, options.to);
  const pulled = await pullCorpus(name, {
    dir,
    fetch: proxyFetch(env),
    signal: interrupt,
    onProgress: ({ what, received, total }) =>
      terminal.progress(`${what}: ${bytes(received)}${total ? ` of ${bytes(total)}` : ''}`),
  });
  if (terminal.json) return terminal.printJson(pulled);
  terminal.print(
    table(
      ['file', 'bytes', 'sha256', 'verified by', ''],
      pulled.files.map((file) => [
        file.path,
        `${file.bytes}`,
        file.sha256.slice(0, 16),
        file.verifiedBy,
        file.reused ? 'was there' : 'fetched',
      ]),
    ),
  );
}
