import type { FileHead } from '../reading/read-head.ts';
import type { FieldMap } from './field-map.ts';
import type { RawConversation } from './raw-conversation.ts';

/** A unit of an export: mostly one conversation. */
export interface ExportRecord {
  readonly value: unknown;
  /** 1-based ordinal in the file, for messages. */
  readonly number: number;
}

export interface ReadRecordsOptions {
  readonly map: FieldMap;
  readonly signal?: AbortSignal;
}

/** A way in which other products export conversations. A new one is one file in `converters` and one row of `exportConverters`. */
export interface ExportConverter {
  readonly title: string;
  /** Whether a file that begins like this is of this shape; of several, the first row wins. */
  readonly recognizes: (head: FileHead) => boolean;
  /** Members of the outermost object that may hold the list of conversations. */
  readonly lists: readonly string[];
  /** Whether texts are HTML; `detect`: those that have tags or entities. */
  readonly html: 'always' | 'detect' | 'never';
  /** One conversation; undefined for a record that is none. */
  readonly convert: (record: unknown, map: FieldMap) => RawConversation | undefined;
  /** How the file becomes records, where it is not JSON. */
  readonly records?: (file: string, options: ReadRecordsOptions) => AsyncIterable<ExportRecord>;
}
