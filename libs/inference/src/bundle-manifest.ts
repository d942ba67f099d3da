import { AppError } from '@overture/core';
import { inputProblems } from '@overture/dag';
import { dialogueTags, protocols, type Protocol } from '@overture/dialogue';
import { poolings } from '@overture/models';
import { shortestMaxLength, templateVersion, textTemplateSchema } from '@overture/tokenization';
import { z } from 'zod';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 hexadecimal digits');

/**
 * The schema of `overture.json`: everything that a predictor needs besides the network. Strict, because a key
 * unknown to this version may change the meaning of a prediction.
 */
export const bundleManifest = z.strictObject({
  format: z.literal('overture-bundle'),
  formatVersion: z.literal(1),
  /** The base model, by name and by the digests of its files. */
  base: z.strictObject({
    name: z.string().min(1),
    digests: z.record(z.string(), digest).optional(),
    license: z.string().optional(),
  }),
  /** How a conversation is rendered as text, and how a system turn is labeled. */
  text: z.strictObject({
    protocol: z.enum(Object.keys(protocols) as [Protocol, ...Protocol[]]),
    tagSet: z.strictObject({ name: z.string().min(1), tags: z.array(z.enum(dialogueTags)).min(1) }),
    templateVersion: z.int(),
    maxLength: z.int().min(shortestMaxLength),
    /** The same rules as data, for other readers. */
    template: textTemplateSchema,
  }),
  pooling: z.enum(poolings),
  decision: z.strictObject({
    /**
     * Initiative is predicted from this probability on. It refers to the output of the bundle's own graph.
     */
    threshold: z.number().min(0).max(1),
    /** The number by which the logits were divided before export, to calibrate them. */
    temperature: z.number().gt(0),
  }),
  /** For readers: the training settings, and the scores on the validation split. */
  training: z.strictObject({
    settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    measured: z.record(z.string(), z.number()),
  }),
  /** The quality of the int8 graph on the validation split; absent if none was requested. */
  int8: z
    .strictObject({
      /** Whether the bundle contains it: its macro-F1 is at most `largestDrop` below that of float32. */
      kept: z.boolean(),
      largestDrop: z.number().min(0).max(1),
      examples: z.int().min(1),
      /** At the bundle's threshold. */
      macroF1: z.strictObject({ float32: z.number(), int8: z.number() }),
      /** The share of examples with the same decision. */
      sameDecisions: z.number().min(0).max(1),
      /** The largest difference in a probability. */
      largestDifference: z.number().min(0).max(1),
    })
    .optional(),
  /** SHA-256 of every other file except the card. */
  files: z.record(z.string(), digest),
});

/** The content of `overture.json`. */
export type BundleManifest = z.output<typeof bundleManifest>;

/**
 * Parses `overture.json` and reports all problems together.
 * @throws AppError `BUNDLE_INVALID`, `BUNDLE_TEMPLATE_UNKNOWN`
 */
export function parseBundleManifest(text: string, where: string): BundleManifest {
  const value = parseJson(text, where);
  checkTemplate(value, where);
  const parsed = bundleManifest.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = inputProblems(bundleManifest, parsed.error);
  throw new AppError(
    'BUNDLE_INVALID',
    `${where} must describe a bundle of format version 1. ${problems.join(' ')} Export the model again with this version of Overture.`,
    {
      details: { where, problems },
    },
  );
}

/** Checked first: a bundle with an older template may lack keys of this one. */
function checkTemplate(value: unknown, where: string): void {
  const written = z.object({ text: z.object({ templateVersion: z.int() }) }).safeParse(value).data
    ?.text.templateVersion;
  if (written === undefined || written === templateVersion) return;
  throw new AppError(
    'BUNDLE_TEMPLATE_UNKNOWN',
    `${where} names text template ${written}; this version of Overture reads template ${templateVersion}. Train the model again, or use the version that it was trained with.`,
    {
      details: { where, expected: templateVersion, received: written },
    },
  );
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      'BUNDLE_INVALID',
      `${where} must be JSON. It is not: ${(cause as Error).message}. Export the model again.`,
      { details: { where }, cause },
    );
  }
}
