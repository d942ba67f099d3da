/** Runs the checks of the whole workspace. Ends with exit code 1 if one of them finds something. */
import { checks, findings } from './checks.ts';

for (const [name, { finds, program, everything }] of Object.entries(checks)) {
  const found = await findings(program, everything);
  console.log(found === undefined ? `✓ ${name}` : `✗ ${name}: ${finds}\n${found}`);
  if (found !== undefined) process.exitCode = 1;
}
