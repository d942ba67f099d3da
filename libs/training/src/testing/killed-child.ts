import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { ChildJob } from '@overture/runtime';
import fineTuneChild from '../fine-tune-child.ts';
import type { FineTuneFiles, FineTuneSummary } from '../fine-tune-in-child.ts';

/** A fine-tuning run that kills itself while it writes a checkpoint. */
export interface KilledJob {
  readonly files: FineTuneFiles;
  /**
   * Number of the operation on the checkpoint folder, from 1, before which the process kills itself; a write
   * is interrupted halfway. Infinity: never.
   */
  readonly operation: number;
}

/** Result of a run that was not killed. */
export interface UnkilledResult {
  readonly summary: FineTuneSummary;
  /** Number of operations on the checkpoint folder. */
  readonly operations: number;
}

/** The child process's job, started by `killAndResume`. */
const killedChild: ChildJob<KilledJob, UnkilledResult> = async ({ files, operation }, context) => {
  const operations = watch(files.checkpoints, operation);
  return { summary: await fineTuneChild(files, context), operations: operations() };
};

export default killedChild;

/** Counts operations on a folder and kills this process at the given one. */
function watch(folder: string, last: number): () => number {
  let count = 0;
  const isLast = (path: unknown): boolean => String(path).startsWith(folder) && ++count === last;
  const { open, rename, rm } = promises;
  promises.open = async (...parameters) => {
    if (isLast(parameters[0])) await die();
    const file = await open(...parameters);
    const { writeFile, sync } = file;
    file.writeFile = async (content, ...rest) => {
      if (isLast(parameters[0]))
        await die(() => file.write((content as Uint8Array).subarray(0, (content as Uint8Array).length / 2)));
      return writeFile.call(file, content, ...rest);
    };
    file.sync = async () => {
      if (isLast(parameters[0])) await die();
      return sync.call(file);
    };
    return file;
  };
  promises.rename = async (from, to) => {
    if (isLast(from)) await die();
    return rename(from, to);
  };
  promises.rm = async (path, options) => {
    if (isLast(path)) await die();
    return rm(path, options);
  };
  syncBuiltinESMExports(); // named imports in other modules now use these functions
  return () => count;
}

async function die(first?: () => Promise<unknown>): Promise<never> {
  await first?.();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined); // never resolves: the signal ends the process first
}
