/** For tests and measurements in other projects. */
export { inventedExports } from './invented-exports.ts';
