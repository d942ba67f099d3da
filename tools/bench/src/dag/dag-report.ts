import { machineText, type Machine } from '../machine.ts';
import { stagesAtOnce } from '@overture/worker';
import { median } from '../train/summarize.ts';
import type { Rounds } from './measure-overture.ts';

/** The times of another orchestrator, in the order of the shapes. */
export interface PeerSeconds {
  readonly name: string;
  readonly keeps: string;
  readonly seconds: readonly number[];
}

/** The measurements of the orchestration benchmark. */
export interface DagReportInput {
  readonly rounds: number;
  readonly overture: readonly Rounds[];
  readonly peers: readonly PeerSeconds[];
  readonly rerun: { readonly first: number; readonly again: readonly number[] };
  readonly machine: Machine & { readonly loadBefore: number; readonly loadAfter: number };
}

/** The report as Markdown. */
export function dagReport({ rounds, overture, peers, rerun, machine }: DagReportInput): string {
  const shapes = overture.map(({ wide, deep }) => `${wide} wide × ${deep} deep`);
  const row = (name: string, keeps: string, seconds: readonly number[]): string =>
    `| ${[name, keeps, ...seconds.flatMap((each, i) => [`${each.toFixed(2)} s`, `${((each * 1000) / stagesOf(overture[i] as Rounds)).toFixed(1)} ms`])].join(' | ')} |`;
  const ratios = overture.map((each) => {
    const byRound = each.overture.map((seconds, i) => seconds / each.bare[i]!);
    return `${(median(each.overture) / median(each.bare)).toFixed(2)} times (by round ${Math.min(...byRound).toFixed(2)} to ${Math.max(...byRound).toFixed(2)})`;
  });
  return `# Orchestration

What a stage costs when it does nothing: \`npm run bench -- dag --stages ${stagesOf(overture[0] as Rounds)} --rounds ${rounds}\` on ${machineText(machine)}, load ${machine.loadBefore.toFixed(1)} before and
${machine.loadAfter.toFixed(1)} after. Every stage takes the outputs of two stages of the level before. Medians of ${rounds} rounds, after one that does not count, for Overture and bare Temporal, in turns on the
same server (Temporal on its database file) with one worker that has ${stagesAtOnce.light} stages at work at a time, as the product's own; once for the Python orchestrators. Overture's stages are durable, recorded in Postgres with their lineage, and reusable.

| | keeps | ${shapes.map((shape) => `${shape} | a stage`).join(' | ')} |
|---|---|${shapes.map(() => '---:|---:|').join('')}
${[
  row(
    'Overture',
    'history, registry, cache',
    overture.map((each) => median(each.overture)),
  ),
  row(
    'Overture, all reused',
    'history, registry, cache',
    overture.map((each) => median(each.reused)),
  ),
  row(
    'Temporal, bare activities',
    'history',
    overture.map((each) => median(each.bare)),
  ),
  ...peers.map(({ name, keeps, seconds }) => row(name, keeps, seconds)),
].join('\n')}

Overture took ${ratios.map((ratio, i) => `for ${shapes[i]} ${ratio}`).join(' and ')} what the bare activities took; the goal is 1.3 at most. A reused stage took ${overture.map((each, i) => `${((median(each.reused) * 1000) / stagesOf(each)).toFixed(2)} ms (${shapes[i]})`).join(' and ')}; the goal is 1 ms at most. Its history had
${overture.map(({ history: { events, bytes } }, i) => `${events} events and ${(bytes / 1e6).toFixed(1)} MB (${shapes[i]})`).join(' and ')}.

\`trainInitiativeModel\` on the sample corpus with the tiny base took ${rerun.first.toFixed(1)} s, and ${median(rerun.again).toFixed(2)} s when nothing had changed; the goal is below 1 s.
`;
}

function stagesOf({ wide, deep }: Rounds): number {
  return wide * deep;
}
