import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftOver } from './left-over.ts';
import { OvertureProcess, type CommandEnd } from './overture-process.ts';

/** A home and the folder in which commands run. */
export interface LifecyclePlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The problems found in a round, as sentences; empty if all went well. */
export interface LifecycleRound {
  readonly name: string;
  readonly problems: readonly string[];
  /** From the last signal to the end of the command. */
  readonly milliseconds: number;
}

/** A training that no machine can finish before it is interrupted. */
export const longTraining = [
  'train',
  '--base',
  'tiny',
  '--no-cache',
  '--set',
  'training.epochs=100',
  '--set',
  'training.batchSize=1',
];

const stackTrace = /^\s+at .+:\d+:\d+\)?$/m;
/** Longer than the time within which the command treats a second Ctrl-C as an echo. */
const betweenInterruptsMs = 600;

/**
 * Interrupts a busy command twice and starts the next one at once, repeatedly. The last one ends by itself.
 * @param afterMs when to interrupt each command, in milliseconds after its run has started
 */
export async function interruptTwice(
  place: LifecyclePlace,
  afterMs: readonly number[],
): Promise<LifecycleRound[]> {
  const rounds: LifecycleRound[] = [];
  for (const after of afterMs) {
    const command = new OvertureProcess(longTraining, place);
    const started = await command.prints('Run train-');
    await pauseUnlessEnded(command, after);
    command.signal();
    await pauseUnlessEnded(command, betweenInterruptsMs);
    if (command.running) command.signal();
    const end = await command.ended;
    const problems = [
      ...(started ? [] : [`The command ended before its run started: ${end.err}`]),
      ...(end.code === 130 ? [] : [`The exit code must be 130. Got ${end.code}: ${end.err}`]),
      ...commonProblems(end),
    ];
    rounds.push({
      name: `train interrupted twice after ${after} ms`,
      problems,
      milliseconds: end.milliseconds,
    });
  }
  rounds.push(await nextCommand(place));
  return rounds;
}

/**
 * Kills the guardian of a command's stack some time after the command was started, and runs the next command.
 */
export async function killGuardian(
  place: LifecyclePlace,
  args: readonly string[],
  afterMs: number,
): Promise<LifecycleRound[]> {
  const command = new OvertureProcess(args, place);
  const guardian = await guardianOf(place.home, command);
  await pauseUnlessEnded(command, afterMs);
  if (guardian !== undefined) process.kill(guardian, 'SIGKILL');
  const end = await command.ended;
  const sentences = end.err.split('\n').filter((line) => line.startsWith('error:'));
  const problems = [
    ...(guardian === undefined ? [`The command ended before it had a guardian: ${end.err}`] : []),
    ...(end.code === 5 ? [] : [`The exit code must be 5. Got ${end.code}: ${end.err}`]),
    ...(sentences.length === 1 &&
    /The process that watches over the stack (was killed|ended)/.test(sentences[0] as string)
      ? []
      : [`There must be one sentence about the guardian. Got ${end.err}`]),
    ...commonProblems(end),
    ...(await leftOver(place.home)),
  ];
  return [
    { name: `guardian of ${args[0]} killed after ${afterMs} ms`, problems, milliseconds: end.milliseconds },
    await nextCommand(place),
  ];
}

/** Interrupts a command once, some time after it was started. */
export async function interruptOnce(
  place: LifecyclePlace,
  args: readonly string[],
  afterMs: number,
): Promise<LifecycleRound> {
  const command = new OvertureProcess(args, place);
  await pauseUnlessEnded(command, afterMs);
  command.signal();
  const end = await command.ended;
  const wanted = args[0] === 'start' && end.out.includes('Ctrl-C stops it') ? 0 : 130;
  const problems = [
    ...(end.code === wanted ? [] : [`The exit code must be ${wanted}. Got ${end.code}: ${end.err}`]),
    ...commonProblems(end),
    ...(await leftOver(place.home)),
  ];
  return { name: `${args[0]} interrupted after ${afterMs} ms`, problems, milliseconds: end.milliseconds };
}

/** Runs a command with an unknown flag. It must suggest the right one and start nothing. */
export async function wrongFlag(place: LifecyclePlace): Promise<LifecycleRound> {
  const end = await new OvertureProcess(['train', '--corpsu', 'x'], place).ended;
  const problems = [
    ...(end.code === 2 ? [] : [`The exit code must be 2. Got ${end.code}: ${end.err}`]),
    ...(end.err.includes("unknown option '--corpsu'") && end.err.includes('Did you mean --corpus?')
      ? []
      : [`The message must name the flag. Got ${end.err}`]),
    ...(await leftOver(place.home)),
  ];
  return { name: 'wrong flag', problems, milliseconds: end.milliseconds };
}

/** Runs a quick command that needs a stack. It must work and leave nothing behind. */
async function nextCommand(place: LifecyclePlace): Promise<LifecycleRound> {
  const end = await new OvertureProcess(['runs', 'ls', '--json'], place).ended;
  const problems = [
    ...(end.code === 0 ? [] : [`The next command failed with exit code ${end.code}: ${end.err}`]),
    ...commonProblems(end),
    ...(await leftOver(place.home)),
  ];
  return { name: 'the next command', problems, milliseconds: end.milliseconds };
}

function commonProblems({ err }: CommandEnd): string[] {
  return [
    ...(stackTrace.test(err) ? [`There is a stack trace: ${err}`] : []),
    ...(err.includes('Ended what a killed stack had left running')
      ? [`The command found what an earlier one had left running: ${err}`]
      : []),
  ];
}

async function pauseUnlessEnded(command: OvertureProcess, milliseconds: number): Promise<void> {
  await Promise.race([sleep(milliseconds), command.ended]);
}

async function guardianOf(home: string, command: OvertureProcess): Promise<number | undefined> {
  while (command.running) {
    const children = JSON.parse(await readFile(join(home, 'children.json'), 'utf8').catch(() => '[]')) as {
      name: string;
      pid: number;
    }[];
    const guardian = children.find(({ name }) => name === 'guardian');
    if (guardian !== undefined) return guardian.pid;
    await sleep(5);
  }
  return undefined;
}
