import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

export function thisMachine(): Machine {
  return { processor: cpus()[0]?.model.trim() ?? 'unknown processor', cores: cpus().length, memoryGiB: totalmem() / 2 ** 30 };
}

export function machineText({ processor, cores, memoryGiB }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGiB.toFixed(0)} GiB`;
}
