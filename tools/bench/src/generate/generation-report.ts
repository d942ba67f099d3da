import { machineText, type Machine } from '../machine.ts';
import { median } from '../train/summarize.ts';
import type { Done, Task } from './generation-task.ts';

/** A measured peer and its results. */
export interface MeasuredPeer {
  readonly name: string;
  readonly description: string;
  /** Rounds by task. */
  readonly done: Readonly<Record<string, Done[]>>;
}

/** The measurements of the generation benchmark. */
export interface GenerationReportInput {
  /** Overture in float32 first, transformers second. */
  readonly peers: readonly MeasuredPeer[];
  readonly tasks: Readonly<
    Record<'prompt' | 'one, first' | 'one' | 'many, first' | 'many' | 'answers', Task>
  >;
  readonly rounds: number;
  readonly threads: number;
  readonly machine: Machine & { readonly loadBefore: number; readonly loadAfter: number };
}

/** The page `docs/results/generation.md`. */
export function generationReport({ peers, tasks, rounds, threads, machine }: GenerationReportInput): string {
  const seconds = (peer: MeasuredPeer, task: string): number =>
    median(peer.done[task]!.map((done) => done.seconds));
  // The time of generation alone, without the prompt and the first token.
  const further = (peer: MeasuredPeer, task: 'one' | 'many'): number =>
    median(
      peer.done[task]!.map((done, round) => done.seconds - peer.done[`${task}, first`]![round]!.seconds),
    );
  const tokensOf = ({ done }: MeasuredPeer, task: string): number =>
    done[task]![0]!.result.reduce((sum, { length }) => sum + length - 1, 0);
  const promptTokens = (task: Task): number => task.prompts.reduce((sum, { length }) => sum + length, 0);
  const answerTokens =
    promptTokens(tasks.answers) + ('prefix' in tasks.answers ? tasks.answers.prefix.length : 0);
  const rates = peers.map((peer) => [
    promptTokens(tasks.prompt) / seconds(peer, 'prompt'),
    tokensOf(peer, 'one') / further(peer, 'one'),
    tokensOf(peer, 'many') / further(peer, 'many'),
    tasks.answers.prompts.length / seconds(peer, 'answers'),
  ]);
  const rows = peers.map(
    ({ name }, i) =>
      `| ${name} | ${rates[i]!.map((rate, k) => `${rate.toFixed(1)} | ${(rate / rates[1]![k]!).toFixed(2)}`).join(' | ')} |`,
  );
  const busy = Math.max(machine.loadBefore, machine.loadAfter) > 1.5 * machine.cores;
  return `# Generating and scoring answers with SmolLM2-135M

Written by \`npm run bench -- generate\`. SmolLM2-135M-Instruct, the weights of its GGUF file (Q4_1) dequantized: the same float32 numbers for all; Overture's
int8 is made of them (\`quantizeGraph\`). Each figure is followed by its ratio to transformers'.

| | prompt, tokens/s | | one continued, tokens/s | | sixteen at a time, tokens/s | | prompts scored/s | |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

* Prompt: ${promptTokens(tasks.prompt)} tokens and the first token behind them. Continued: ${tokensOf(peers[0]!, 'one')} tokens behind one prompt of 128, ${tokensOf(peers[0]!, 'many')} behind sixteen of 128, less the time of
  prompts and first tokens. Scored: the logarithms of the probabilities of "yes" and "no" behind ${tasks.answers.prompts.length} prompts of 96 tokens that share a beginning of 512, ${answerTokens} tokens in
  all; the beginning is computed once by everyone, within the time. transformers copies its keys and values for every prompt, and reads prompts one by one.
* In int8 Overture reads prompts one by one, and continues them so, for a number must not depend on what is asked beside it.
${agreement(peers)}
* In turns: ${rounds} rounds after a warm-up, medians, ${threads} threads each.
* Machine: ${machineText(machine)}; load average ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after.${busy ? ' **Other programs shared the machine**: ratios are between peers that took turns, figures would be higher alone.' : ''}
${[...new Set(peers.map(({ description }) => description))].map((description) => `* ${description}.`).join('\n')}
`;
}

/** The agreement of the peers' output with that of transformers. */
function agreement(peers: readonly MeasuredPeer[]): string {
  const [reference] = [peers[1]!];
  const last = (peer: MeasuredPeer, task: string): Done['result'] => peer.done[task]!.at(-1)!.result;
  return peers
    .filter((peer) => peer !== reference)
    .map((peer) => {
      const continued = ['one', 'many'].flatMap((task) =>
        last(peer, task).map((tokens, i) => tokens.join() === last(reference, task)[i]!.join()),
      );
      const [scores, wanted] = [last(peer, 'answers'), last(reference, 'answers')];
      const differences = scores.flatMap((row, i) => row.map((value, k) => Math.abs(value - wanted[i]![k]!)));
      const margins = scores.map(([yes, no], i) => Math.abs(yes! - no! - (wanted[i]![0]! - wanted[i]![1]!)));
      const same = scores.filter(([yes, no], i) => yes! >= no! === wanted[i]![0]! >= wanted[i]![1]!).length;
      return `* ${peer.name} beside transformers: ${continued.filter(Boolean).length} of ${continued.length} continuations have the same tokens; the ${differences.length} logarithms of probabilities differ by ${number(median(differences))} in the median and ${number(Math.max(...differences))} at most,
  ln(p(yes) / p(no)) by ${number(median(margins))} and ${number(Math.max(...margins))}; the likelier answer is the same for ${same} of ${scores.length}.`;
    })
    .join('\n');
}

function number(value: number): string {
  return value < 0.01 ? value.toExponential(0) : value.toFixed(2);
}
