import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SetupError } from './setup-error.mjs';

/**
 * How long to leave sources alone that did not have everything: asking them anew each time would cost every
 * start its seconds.
 */
const askAgainMs = 3_600_000;

/**
 * Fetches what npm does not bring (the Temporal server, the base model), by the project's own code under its
 * own Node. Skipped while what the last time found is still there unchanged.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
export async function provision(root, env) {
  const record = join(root, 'node_modules', '.overture-provision.json');
  const key = [
    homedir(),
    env.OVERTURE_CACHE,
    env.XDG_CACHE_HOME,
    env.OVERTURE_MODELS,
    env.TEMPORAL_ADDRESS,
  ].join('\n');
  if (stillThere(record, key)) return;
  const node = join(root, 'node_modules', '.bin', 'node');
  const child = spawn(node, [join(root, 'tools', 'setup', 'src', 'main.ts')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 2],
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  const output = await text(child.stdout);
  const how = await ended;
  if (how !== 0) throw new SetupError(`not everything that is needed could be fetched (${how}); see above.`);
  const { files, lacking } = JSON.parse(output);
  const until = lacking.length === 0 ? null : Date.now() + askAgainMs;
  writeFileSync(
    record,
    JSON.stringify({ key, files: files.map((path) => ({ path, ...identity(path) })), until }),
  );
}

function stillThere(record, key) {
  try {
    const found = JSON.parse(readFileSync(record, 'utf8'));
    if (found.key !== key || (found.until !== null && found.until < Date.now())) return false;
    return found.files.every(({ path, size, modified }) => {
      const now = identity(path);
      return now?.size === size && now.modified === modified;
    });
  } catch {
    return false;
  }
}

function identity(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { size: found.size, modified: found.mtimeMs };
}
