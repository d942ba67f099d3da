import type { z } from 'zod';

/** What the documentation says about a setting, besides its range and default. */
export interface SettingNotes {
  /** What it does, as a noun phrase or an imperative. */
  readonly description: string;
  /** When to change it. */
  readonly whenToChange: string;
  /** The publication or program that defines it. */
  readonly source?: string;
}

/** Adds notes to the schema of a setting. They are part of its JSON Schema. */
export function setting<Schema extends z.ZodType>(schema: Schema, notes: SettingNotes): Schema {
  return schema.meta({ ...notes });
}

/**
 * The notes of a setting.
 * @throws Error if it was not declared with `setting`
 */
export function notesOf(schema: z.ZodType): SettingNotes {
  const notes = schema.meta() as SettingNotes | undefined;
  if (notes?.whenToChange === undefined)
    throw new Error('This schema has no notes: declare it with setting().');
  return notes;
}
