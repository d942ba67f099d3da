import type { WorkerProcess } from '@overture/worker/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KillServers, KillWorld } from './kill-world.ts';

/** A way to disturb a run. The run is started and disturbed, and must be able to continue after `disturb`. */
export interface KillCase {
  readonly name: string;
  /** Whether it takes a server down, and therefore needs its own servers. */
  readonly ownServers?: true;
  /**
   * The stage that must have been finished by a second attempt, because the first attempt's results are
   * discarded.
   */
  readonly again?: string;
  disturb(world: KillWorld, servers: KillServers): Promise<void>;
}

const stages = [
  'ingest',
  'createTinyBase',
  'tokenize',
  'computeFloors',
  'fineTune',
  'evaluate',
  'register',
] as const;

/** Every case. To add one: a row here. */
export const killCases: readonly KillCase[] = [
  ...stages.map((stage): KillCase => ({
    name: `worker killed in ${stage}, its work done and not recorded`,
    again: stage,
    disturb: (world) => killInStage(world, stage),
  })),
  {
    name: 'worker killed in the middle of the training',
    again: 'fineTune',
    async disturb(world) {
      await begin(world);
      killAlone(await world.training());
      await world.worker();
    },
  },
  {
    name: 'two workers, the one that trains killed',
    again: 'fineTune',
    async disturb(world) {
      await world.worker();
      await begin(world);
      killAlone(await world.training());
    },
  },
  {
    name: 'worker and its trainer frozen until the second attempt trains, then thawed',
    again: 'fineTune',
    disturb: (world) => freeze(world, (worker) => [worker.pid, ...worker.descendants()]),
  },
  {
    name: 'worker frozen, its trainer not, until the second attempt trains, then thawed',
    again: 'fineTune',
    disturb: (world) => freeze(world, (worker) => [worker.pid]),
  },
  {
    name: 'Temporal server killed and started again on its database file',
    ownServers: true,
    async disturb(world, { temporal }) {
      await begin(world);
      await world.training();
      await temporal.kill();
      await sleep(3_000);
      await temporal.start();
    },
  },
  {
    name: 'Postgres stopped for 60 seconds',
    ownServers: true,
    async disturb(world, { postgres }) {
      await begin(world);
      await world.training();
      const { resume } = await postgres.pause();
      await sleep(60_000);
      await resume();
    },
  },
];

async function begin(world: KillWorld): Promise<void> {
  await world.worker();
  await world.start();
}

/** Kills only the worker: its trainer must end by itself. */
function killAlone({ pid }: WorkerProcess): void {
  process.kill(pid, 'SIGKILL');
}

/**
 * The database delays the stage's record, so that the kill comes after the work is done and before it is
 * recorded.
 */
async function killInStage(world: KillWorld, stage: string): Promise<void> {
  const worker = await world.worker();
  await world.sql(`
    create function overture.hold() returns trigger language plpgsql as $$ begin
      if new.node = '${stage}' and new.attempt = 1 and new.state <> 'failed' then perform pg_sleep(25); end if;
      return new;
    end $$;
    create trigger hold before insert on overture.stage_executions for each row execute function overture.hold();`);
  await world.start();
  const held = `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  for (const until = performance.now() + 120_000; (await world.sql(held)).length === 0; await sleep(20)) {
    if (performance.now() > until)
      throw new Error(`Stage ${stage} should have been recorded by now. The worker said: ${worker.log()}`);
  }
  killAlone(worker);
  // A server notices only when it responds that its client is gone.
  await world.sql(`select pg_terminate_backend(pid) from (${held}) as holding`);
  await world.sql('drop trigger hold on overture.stage_executions');
  await world.worker();
}

async function freeze(world: KillWorld, who: (worker: WorkerProcess) => readonly number[]): Promise<void> {
  await begin(world);
  const first = await world.training();
  const frozen = who(first);
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  const second = await world.worker();
  for (const until = performance.now() + 180_000; second.descendants().length === 0; await sleep(100)) {
    if (performance.now() > until)
      throw new Error(`The second worker should train. It said: ${second.log()}`);
  }
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
}
