import type { MatrixWorld } from './matrix-world.ts';

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
