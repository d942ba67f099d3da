export { runCli } from './run-cli.ts';
export type { CliContext } from './context.ts';
