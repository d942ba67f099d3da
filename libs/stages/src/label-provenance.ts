import { labelSourcesOf, weakLabelsText } from '@overture/dialogue';

/** The row of a report's provenance that says that its labels are weak; none where they are not. */
export function labelProvenance(examples: readonly { readonly labelSource?: string }[]): { readonly labels?: string } {
  const text = weakLabelsText(labelSourcesOf(examples), examples.length);
  return text === undefined ? {} : { labels: text };
}
