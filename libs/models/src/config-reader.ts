import { AppError } from '@overture/core';

/** The members of a config.json. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * Reads the object in a `config.json`. A member that is null counts as absent: exporters write null for
 * unknown values.
 * @param json the file's text or its parsed content
 * @throws AppError `MODEL_CONFIG_INVALID`
 */
export function readConfigObject(json: unknown, where: string): RawConfig {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json.replace(/^\ufeff/, ''));
    } catch (cause) {
      throw new AppError(
        'MODEL_CONFIG_INVALID',
        `${where} must be JSON. ${(cause as Error).message}. Fetch the file again.`,
        { details: { where }, cause },
      );
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
  throw new AppError(
    'MODEL_CONFIG_INVALID',
    `${where} must hold a JSON object. Got ${shown(value)} instead.`,
    { details: { where } },
  );
}

/**
 * Same as `readConfigObject`, from the bytes of a file: UTF-8, with or without a byte order mark.
 * @throws AppError `MODEL_CONFIG_INVALID`
 */
export function parseJsonObject(bytes: Uint8Array, where: string): RawConfig {
  return readConfigObject(new TextDecoder().decode(bytes), where);
}

/** Collects the problems of a configuration, key by key. */
export class ConfigProblems {
  readonly #raw: RawConfig;
  readonly #problems: string[] = [];

  constructor(raw: RawConfig) {
    this.#raw = raw;
  }

  /** Adds a problem unless `ok` is true. `what` completes "must be". */
  expect(key: string, what: string, ok: boolean): void {
    if (!ok) this.#problems.push(`"${key}" must be ${what}. Got ${shown(this.#raw[key])} instead.`);
  }

  /** Requires positive integers. */
  positiveIntegers(keys: readonly string[]): void {
    // the bound keeps a product of two sizes exact
    for (const key of keys)
      this.expect(
        key,
        'a positive integer',
        Number.isSafeInteger(this.#raw[key]) &&
          (this.#raw[key] as number) > 0 &&
          (this.#raw[key] as number) < 2 ** 31,
      );
  }

  /** Requires one of the choices, or that the key is absent. */
  oneOf(key: string, ...choices: readonly unknown[]): void {
    const value = this.#raw[key];
    this.expect(
      key,
      choices.map((choice) => JSON.stringify(choice)).join(' or '),
      value === undefined || choices.includes(value),
    );
  }

  /** Requires a number over 0 and under 1, or that the key is absent. */
  fraction(key: string): void {
    const value = this.#raw[key];
    this.expect(
      key,
      'a number over 0 and under 1',
      value === undefined || (typeof value === 'number' && value > 0 && value < 1),
    );
  }

  /** Requires unquantized weights: those that another library quantized can be read only by that library. */
  unquantized(): void {
    const { quant_method: method } = (this.#raw['quantization_config'] ?? {}) as {
      readonly quant_method?: unknown;
    };
    this.expect(
      'quantization_config',
      'absent: weights that are quantized by another library cannot be read',
      this.#raw['quantization_config'] === undefined || method === undefined,
    );
  }

  /** Requires that the padding token is in the vocabulary. */
  padToken(vocabKey: string): void {
    const [pad, vocab] = [this.#raw['pad_token_id'] ?? 0, this.#raw[vocabKey]];
    this.expect(
      'pad_token_id',
      'a row of the vocabulary',
      Number.isSafeInteger(pad) &&
        (pad as number) >= 0 &&
        (typeof vocab !== 'number' || (pad as number) < vocab),
    );
  }

  /** Requires that one member is divisible by another. */
  divisible(key: string, by: string): void {
    const [value, divisor] = [this.#raw[key], this.#raw[by]];
    if (typeof value === 'number' && typeof divisor === 'number')
      this.expect(key, `divisible by ${by} (${divisor})`, value % divisor === 0);
  }

  /** @throws AppError `MODEL_CONFIG_INVALID` with every problem */
  throwIfAny(where: string, kind: string): void {
    if (this.#problems.length === 0) return;
    throw new AppError(
      'MODEL_CONFIG_INVALID',
      `${where} does not describe a ${kind}-type model: ${this.#problems.join(' ')} Choose a base model of type "${kind.toLowerCase()}".`,
      {
        details: { where, problems: [...this.#problems] },
      },
    );
  }
}

/** Formats a value for an error message: JSON of at most 80 characters. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
}
