import { matrixCases } from './matrix-cases.ts';
import { openMatrixWorld } from './matrix-world.ts';

/** Options of the matrix. */
export interface CheckMatrixOptions {
  /** Only cases whose names contain this text. Default: all. */
  readonly only?: string;
  /** Maximum concurrency. A case mostly waits. */
  readonly atOnce: number;
  /** Prints one JSON object at the end instead of lines. */
  readonly json: boolean;
}

/** The outcome of one case. */
export interface MatrixOutcome {
  readonly name: string;
  /** What differed. Empty if the case was right. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/**
 * Resets, terminates, pauses, cancels, signals and times out runs in every state, and prints which of them
 * agree with the registry afterwards, with nothing doubled and nothing left.
 * @returns whether all do
 */
export async function checkMatrix({ only = '', atOnce, json }: CheckMatrixOptions): Promise<boolean> {
  const cases = matrixCases.filter(({ name }) => name.includes(only));
  if (cases.length === 0)
    throw new Error(`No case has "${only}" in its name. The first one is "${matrixCases[0]?.name}".`);
  const outcomes = await runCases(cases, atOnce, (outcome) => json || process.stdout.write(lineOf(outcome)));
  const survived = outcomes.filter(({ problems }) => problems.length === 0).length;
  process.stdout.write(
    json
      ? `${JSON.stringify({ survived, of: outcomes.length, cases: outcomes }, null, 2)}\n`
      : `${survived} of ${outcomes.length} survived\n`,
  );
  return survived === outcomes.length;
}

/** Runs cases on servers of their own, and replays all their histories at the end. */
export async function runCases(
  cases: typeof matrixCases,
  atOnce: number,
  onOutcome: (outcome: MatrixOutcome) => void = () => undefined,
): Promise<MatrixOutcome[]> {
  await using world = await openMatrixWorld();
  const outcomes: MatrixOutcome[] = [];
  const queue = [...cases.entries()];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [number, { name, run }] = next;
        const from = performance.now();
        const problems = await run(world, `case-${number}`).catch((thrown: Error) => [thrown.message]);
        const outcome = { name, problems, seconds: (performance.now() - from) / 1000 };
        outcomes.push(outcome);
        onOutcome(outcome);
      }
    }),
  );
  const from = performance.now();
  const { count, problems } = await world.replayed();
  const outcome = {
    name: `${count} histories of these cases replayed`,
    problems,
    seconds: (performance.now() - from) / 1000,
  };
  onOutcome(outcome);
  return [...outcomes, outcome];
}

function lineOf({ name, problems, seconds }: MatrixOutcome): string {
  return `${problems.length === 0 ? 'right' : 'WRONG'}  ${name} (${seconds.toFixed(1)} s)${problems.map((problem) => `\n       ${problem}`).join('')}\n`;
}
