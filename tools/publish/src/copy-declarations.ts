import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The start of a specifier in a declaration file. */
const specifiers = /(from |import\()(['"])([^'"]+)\2/g;

/**
 * Copies the declarations that an entry reaches, from the `dist` of its libs (written by typecheck) to
 * `to/LIB/FILE.d.ts`. Package names are replaced by relative paths.
 */
export function copyDeclarations(
  entry: string,
  { root, to }: { readonly root: string; readonly to: string },
): void {
  const libs = join(root, 'libs');
  const placed = new Map<string, string>();
  const place = (source: string): string => {
    const [lib = '', , ...rest] = relative(libs, source).split(sep);
    return join(to, lib, ...rest).replace(/\.ts$/, '.d.ts');
  };
  const visit = (source: string): void => {
    if (placed.has(source)) return;
    const target = place(source);
    placed.set(source, target);
    const [lib = '', , ...rest] = relative(libs, source).split(sep);
    const text = readFileSync(join(libs, lib, 'dist', ...rest).replace(/\.ts$/, '.d.ts'), 'utf8');
    const rewritten = text.replace(
      specifiers,
      (whole: string, before: string, quote: string, specifier: string) => {
        const next = sourceOf(specifier, source, libs);
        if (next === undefined) return whole;
        visit(next);
        const path = relative(dirname(target), place(next))
          .replaceAll(sep, '/')
          .replace(/\.d\.ts$/, '.js');
        return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
      },
    );
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, rewritten.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
  };
  visit(entry);
}

function sourceOf(specifier: string, from: string, libs: string): string | undefined {
  if (specifier.startsWith('.')) return resolve(dirname(from), specifier);
  const [scope, lib] = specifier.split('/');
  return scope === '@overture' && lib !== undefined ? join(libs, lib, 'src', 'index.ts') : undefined;
}
