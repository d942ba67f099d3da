import type { FileHead } from '../reading/read-head.ts';
import type { FieldMap } from './field-map.ts';
import type { RawConversation } from './raw-conversation.ts';

/** A unit of an export, usually one conversation. */
export interface ExportRecord {
  readonly value: unknown;
  /** 1-based ordinal in the file, for messages. */
  readonly number: number;
}

/** Options for reading the records of an export. */
export interface ReadRecordsOptions {
  readonly map: FieldMap;
  readonly signal?: AbortSignal;
}

/**
 * A conversation export format of another product. To add one: a file in `converters` and a row of
 * `exportConverters`.
 */
export interface ExportConverter {
  readonly title: string;
  /** Whether a file that begins like this has this format. The first matching row is used. */
  readonly recognizes: (head: FileHead) => boolean;
  /** Members of the outermost object that may contain the list of conversations. */
  readonly lists: readonly string[];
  /** Whether texts are HTML; `detect`: those with tags or entities. */
  readonly html: 'always' | 'detect' | 'never';
  /** Converts one record; undefined if it is not a conversation. */
  readonly convert: (record: unknown, map: FieldMap) => RawConversation | undefined;
  /** Reads the records of a file that is not JSON. */
  readonly records?: (file: string, options: ReadRecordsOptions) => AsyncIterable<ExportRecord>;
}
