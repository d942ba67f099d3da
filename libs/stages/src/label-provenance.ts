import { labelSourcesOf, weakLabelsText } from '@overture/dialogue';

/** The provenance row for weak labels; none if there are none. */
export function labelProvenance(examples: readonly { readonly labelSource?: string }[]): {
  readonly labels?: string;
} {
  const text = weakLabelsText(labelSourcesOf(examples), examples.length);
  return text === undefined ? {} : { labels: text };
}
