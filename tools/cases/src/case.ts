import type { Product } from './product.ts';

/** What a case found: whether the product did the right thing, and what it said. */
export interface Verdict {
  readonly right: boolean;
  /** The product's own sentence, or what was wrong with its result. */
  readonly message: string;
  /** True when this machine lacks something that the case needs; counted apart. */
  readonly skipped?: boolean;
}

/** Where a case finds its files. */
export interface CaseFiles {
  /** The folder with all cases. */
  readonly folder: string;
  /** An empty folder for whatever the case makes. */
  readonly scratch: string;
}

/** One situation from a public bug report, and how to tell whether the product handles it. */
export interface Case {
  /** Its file or folder, or only its number where it has no file. */
  readonly name: string;
  /** What is right, as a short phrase. */
  readonly expects: string;
  check(product: Product, files: CaseFiles): Promise<Verdict>;
}

/** The verdict that everything is as expected. */
export function right(message: string): Verdict {
  return { right: true, message };
}

/** The verdict that something is not as expected. */
export function wrong(message: string): Verdict {
  return { right: false, message };
}
