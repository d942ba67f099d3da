/**
 * An environment for child processes: without undefined members and npm's own variables, overridden by
 * `extra`.
 */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(env), ...Object.entries(extra)]) {
    // npm's variables describe the script that started us, and NODE_OPTIONS may contain a debugger's port.
    if (value !== undefined && !name.startsWith('npm_') && name !== 'NODE_OPTIONS') result[name] = value;
  }
  return result;
}
