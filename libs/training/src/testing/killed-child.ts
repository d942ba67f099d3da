import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { ChildJob } from '@overture/runtime';
import fineTuneChild from '../fine-tune-child.ts';
import type { FineTuneFiles, FineTuneSummary } from '../fine-tune-in-child.ts';

/** A fine-tuning run that kills itself while it writes a checkpoint. */
export interface KilledJob {
  readonly files: FineTuneFiles;
  /** Before which of its operations on the checkpoints' folder, counted from 1; a write is killed half done. Infinity: not at all. */
  readonly operation: number;
}

export interface UnkilledResult {
  readonly summary: FineTuneSummary;
  /** How many operations there were. */
  readonly operations: number;
}

/** The job of the child process; started by `killAndResume`. */
const killedChild: ChildJob<KilledJob, UnkilledResult> = async ({ files, operation }, context) => {
  const operations = watch(files.checkpoints, operation);
  return { summary: await fineTuneChild(files, context), operations: operations() };
};

export default killedChild;

/** Counts what is done to a folder, and kills this process at one of its moments. */
function watch(folder: string, last: number): () => number {
  let count = 0;
  const isLast = (path: unknown): boolean => String(path).startsWith(folder) && ++count === last;
  const { open, rename, rm } = promises;
  promises.open = async (...parameters) => {
    if (isLast(parameters[0])) await die();
    const file = await open(...parameters);
    const { writeFile, sync } = file;
    file.writeFile = async (content, ...rest) => {
      if (isLast(parameters[0])) await die(() => file.write((content as Uint8Array).subarray(0, (content as Uint8Array).length / 2)));
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
  syncBuiltinESMExports(); // named imports of other modules now see these
  return () => count;
}

async function die(first?: () => Promise<unknown>): Promise<never> {
  await first?.();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined); // the signal comes before anything else does
}
