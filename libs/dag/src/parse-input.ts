import { AppError, capList, didYouMean, quoted, shorten } from '@overture/core';
import { z } from 'zod';

/**
 * Parses input from a user or a file. `undefined` and `null` count as `{}`, because a form may send nothing.
 * @param what the name to use in the message, for example of the workflow
 * @throws AppError `INPUT_INVALID`, with one sentence for each wrong key: the key, its allowed values and the
 * received value.
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const problems = inputProblems(schema, result.error);
  throw new AppError(
    'INPUT_INVALID',
    `The input of ${what} is wrong. ${problems.join(' ')} Correct this and start again; a key that is left out has a default where it is not called missing.`,
    {
      details: { problems },
    },
  );
}

/**
 * Validates the output that a stage's implementation returned.
 * @throws AppError `STAGE_OUTPUT_INVALID` if the contract does not allow it, which is a bug in the
 * implementation.
 */
export function parseOutput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  stage: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = inputProblems(schema, result.error);
  throw new AppError(
    'STAGE_OUTPUT_INVALID',
    `Stage ${stage} returned an output that its contract does not allow. ${problems.join(' ')} This is a bug in its implementation.`,
    { details: { problems } },
  );
}

/** Maximum number of problems to report for a generated text. A text of another kind would have a hundred. */
const shownProblems = 3;

/**
 * Parses and validates a JSON text. The caller adds the source of the text to the error message.
 * @throws Error with one sentence for each of the first problems; `SyntaxError` if the text is not JSON.
 */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const result = schema.safeParse(JSON.parse(text), { reportInput: true });
  if (result.success) return result.data;
  throw new Error(inputProblems(schema, result.error, shownProblems).join(' '));
}

/** Describes one issue without its path, for callers that name the place themselves. */
export function issueSentence(issue: z.core.$ZodIssue): string {
  return sentences({ ...issue, path: [] }, z.unknown()).join(' ');
}

/**
 * Describes the first issues of a schema error, one sentence each: the path of the key, the allowed values
 * and the received value. The last sentence says how many more there are. The result is at most a few
 * kilobytes, regardless of the input.
 */
export function inputProblems(schema: z.ZodType, error: z.ZodError, most = 10): string[] {
  const total = error.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
  return capList(
    error.issues.slice(0, most).flatMap((issue) => sentences(issue, schema)),
    { most, total },
  );
}

function sentences(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const at = issue.path.map((key) => keyText(String(key)));
  const where = at.length === 0 ? 'It' : at.join('.');
  const got = `Got ${show(issue.input)} instead.`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = Object.keys(objectAt(schema, issue.path.map(String))?.shape ?? {});
      const hint = known.length === 0 ? '' : ` Known here: ${known.join(', ')}.`;
      return issue.keys
        .slice(0, shownKeys)
        .map(
          (key) => `${[...at, keyText(key)].join('.')} is not a known key.${didYouMean(key, known)}${hint}`,
        );
    }
    case 'invalid_type':
      return issue.input === undefined
        ? [`${where} is missing: it must be ${article(issue.expected)}.`]
        : [`${where} must be ${article(issue.expected)}. ${got}`];
    case 'too_small':
      if (issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array'))
        return [`${where} must not be empty. ${got}`];
      return [
        `${where} must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}${unit(issue.origin)}. ${got}`,
      ];
    case 'too_big':
      return [
        `${where} must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unit(issue.origin)}. ${got}`,
      ];
    case 'invalid_value':
      return [
        `${where} must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}. ${got}`,
      ];
    case 'invalid_union':
      return [`${where} ${unionHint(issue, schema)} ${got}`];
    case 'not_multiple_of':
      return [`${where} must be a multiple of ${issue.divisor}. ${got}`];
    case 'invalid_key':
      return [
        `${where} is not a known key. ${issue.issues
          .flatMap((inner) => sentences(inner, schema))
          .join(' ')
          .replace(/^It /, 'A key ')}`,
      ];
    case 'invalid_element':
      return issue.issues.flatMap((inner) =>
        sentences({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, schema),
      );
    default:
      return [issue.message.includes(' Got ') ? ownSentence(issue, at) : `${ownSentence(issue, at)} ${got}`];
  }
}

/** Maximum number of unknown keys to report for one object. */
const shownKeys = 10;

/** A key in a path, shortened: user data may contain keys of a megabyte. */
function keyText(key: string): string {
  return shorten(key, 100);
}

/**
 * The schema's own message as a sentence. Zod's default messages start with "Invalid" and describe types or
 * patterns, so they are replaced.
 */
function ownSentence({ code, message }: z.core.$ZodIssue, at: readonly string[]): string {
  const path = at.join('.');
  if (message.startsWith('Invalid'))
    return `${path === '' ? 'It' : path} ${code === 'invalid_format' ? 'has the wrong form' : 'is not allowed'}.`;
  const sentence = message.endsWith('.') ? message : `${message}.`;
  if (path !== '') return `${path}: ${sentence}`;
  return sentence.startsWith('must ') ? `It ${sentence}` : sentence;
}

function unionHint(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType): string {
  const forms = issue.errors.map((issues) =>
    issues
      .slice(0, shownProblems)
      .flatMap((inner) =>
        sentences(inner, schema).map((text) =>
          text
            .replace(/^It /, '')
            .replace(/ Got .*$/s, '')
            .replace(/\.$/, ''),
        ),
      )
      .join(' and '),
  );
  return `fits none of its forms: ${[...new Set(forms)].join('; or ')}.`;
}

function objectAt(schema: z.core.$ZodType, path: readonly string[]): z.ZodObject | undefined {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return undefined;
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  const field = inner.shape[key];
  return field === undefined ? undefined : objectAt(field, rest);
}

/** Removes the default, prefault, optional, nullable and readonly wrappers from a schema. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  )
    return unwrapped(schema.unwrap());
  return schema;
}

function article(expected: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    record: 'an object',
  };
  return words[expected] ?? (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
}

function unit(origin: string): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' items long' : '';
}

function show(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value) && value.length > 100) return `a list of ${value.length.toLocaleString('en-US')}`;
  try {
    return shorten(value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value), 80);
  } catch {
    // The value is nested too deeply, cyclic or not JSON.
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}
