import { homePaths } from './paths.ts';
import { lockHolder } from './stack-lock.ts';
import { readStackState, type StackState } from './stack-state.ts';

/** The stack that currently runs in this home, if any. Starts nothing and does not wait. */
export async function readRunningStack(home: string): Promise<StackState | undefined> {
  const paths = homePaths(home);
  const [holder, state] = await Promise.all([lockHolder(paths.lock), readStackState(paths.state)]);
  return holder !== undefined && state?.owner.token === holder.token ? state : undefined;
}
