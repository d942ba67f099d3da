import { AppError } from '@overture/core';

/**
 * Sets `key.path=value` in an object. The value is parsed as JSON if possible; otherwise it is text.
 * @throws AppError `INPUT_INVALID` naming the option
 */
export function applySetting(target: Record<string, unknown>, setting: string): void {
  const [, key, value] = /^([A-Za-z][\w.]*)=(.*)$/s.exec(setting) ?? [];
  if (key === undefined || value === undefined)
    throw new AppError(
      'INPUT_INVALID',
      `--set must be key=value, such as training.epochs=2. Got ${JSON.stringify(setting)} instead.`,
    );
  assign(target, key.split('.'), parsed(value));
}

/** Sets the value at a path, creating objects as needed. */
export function assign(
  target: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) target[key] = {};
  else target[key] = { ...inner };
  assign(target[key] as Record<string, unknown>, rest, value);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
