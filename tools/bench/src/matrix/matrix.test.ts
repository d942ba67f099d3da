import { expect, it } from 'vitest';
import { runCases } from './check-matrix.ts';
import { matrixCases } from './matrix-cases.ts';

/** Each action once, and resets in each way. The whole matrix is `npm run matrix`. */
const chosen = [
  'reset, running, to a signal in the middle of an activity, override',
  'reset, running a child, to the start of the child, go on',
  'reset, parked, to a park, retry',
  'reset, completed, to the first workflow task, retry',
  'reset, continued, parked, the first execution, to the last workflow task, go on',
  'terminate, running a child',
  'cancel, activity paused',
  'an unknown signal, asking',
  'pause and unpause the activity, running',
  'pause and unpause the workflow, parked',
  'execution timeout, parked',
  'run timeout, running',
];

it('a run in any state, whatever happens to it, agrees with the registry, with nothing doubled and nothing left', async () => {
  const cases = chosen.map(
    (name) => matrixCases.find((each) => each.name === name) ?? expect.fail(`no case "${name}"`),
  );
  const outcomes = await runCases(cases, 6);
  expect(outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(outcomes.length).toBe(chosen.length + 1);
});
