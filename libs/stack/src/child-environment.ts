/** An environment as child processes take it: no undefined members, none of npm's own, those of `extra` on top. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(env), ...Object.entries(extra)]) {
    // npm's variables describe the script that started us, and NODE_OPTIONS may hold a debugger's port.
    if (value !== undefined && !name.startsWith('npm_') && name !== 'NODE_OPTIONS') result[name] = value;
  }
  return result;
}
