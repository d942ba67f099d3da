import type { MatrixWorld } from './matrix-world.ts';
import { actionCases } from './action-cases.ts';
import { resetCases } from './reset-cases.ts';
import { timeoutCases } from './timeout-cases.ts';

/** A case of the matrix. */
export interface MatrixCase {
  readonly name: string;
  /**
   * Runs the case.
   * @param id its workflow id
   * @returns what differed; nothing if it was right
   */
  run(world: MatrixWorld, id: string): Promise<string[]>;
}

/** Every case of the matrix. */
export const matrixCases: readonly MatrixCase[] = [...resetCases, ...actionCases, ...timeoutCases];
