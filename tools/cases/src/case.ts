import type { Product } from './product.ts';

/** The outcome of a case: whether the product did the right thing, and its message. */
export interface Verdict {
  readonly right: boolean;
  /** The product's own message, or the problem with its result. */
  readonly message: string;
  /** True if this machine lacks something that the case needs; counted separately. */
  readonly skipped?: boolean;
}

/** The folders of a case. */
export interface CaseFiles {
  /** The folder with all cases. */
  readonly folder: string;
  /** An empty folder for files that the case creates. */
  readonly scratch: string;
}

/** A situation from a public bug report, with a check of how the product handles it. */
export interface Case {
  /** Its file or folder, or only its number if it has no file. */
  readonly name: string;
  /** The expected behavior, as a short phrase. */
  readonly expects: string;
  check(product: Product, files: CaseFiles): Promise<Verdict>;
}

/** The verdict for expected behavior. */
export function right(message: string): Verdict {
  return { right: true, message };
}

/** The verdict for unexpected behavior. */
export function wrong(message: string): Verdict {
  return { right: false, message };
}
