import { actionCases } from './action-cases.ts';
import { resetCases } from './reset-cases.ts';
import { timeoutCases } from './timeout-cases.ts';
import type { MatrixCase } from './matrix-case.ts';

/** Every case of the matrix. */
export const matrixCases: readonly MatrixCase[] = [...resetCases, ...actionCases, ...timeoutCases];
