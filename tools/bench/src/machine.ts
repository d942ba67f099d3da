import { cpus, totalmem } from 'node:os';

/** The machine of a measurement. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

/** The machine that runs this process. */
export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGiB: totalmem() / 2 ** 30,
  };
}

/** A machine in words, such as for a report. */
export function machineText({ processor, cores, memoryGiB }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGiB.toFixed(0)} GiB`;
}
