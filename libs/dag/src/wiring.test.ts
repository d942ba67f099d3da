import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const file = fileURLToPath(new URL('./wiring.test-d.ts', import.meta.url));
const marker = /\/\/ @ts-expect-error (.*)$/;

describe('wrong wiring', () => {
  const source = readFileSync(file, 'utf8');
  const lines = source.split('\n');
  const expected = lines.flatMap((line, i) =>
    marker.test(line) ? [{ line: i + 1, sentence: (marker.exec(line) as RegExpExecArray)[1] as string }] : [],
  );
  const diagnostics = compile(source.replaceAll('@ts-expect-error', ''));

  it('is seen by the compiler in nothing else', () => {
    expect(diagnostics.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
    expect(expected.length).toBeGreaterThanOrEqual(10);
  });

  it.each(expected)('says: $sentence', ({ line, sentence }) => {
    expect(diagnostics.find((diagnostic) => diagnostic.line === line)?.text).toContain(sentence);
  });
});

/** The errors marked in the file's text, each with its zero-based line. */
function compile(text: string): { line: number; text: string }[] {
  const config = ts.readConfigFile(
    fileURLToPath(new URL('../../../tsconfig.base.json', import.meta.url)),
    ts.sys.readFile,
  ).config as { compilerOptions: object };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      composite: false,
      declaration: false,
      declarationMap: false,
      emitDeclarationOnly: false,
      noEmit: true,
    },
    '.',
  );
  const host = ts.createCompilerHost(options);
  const original = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, text, version) : original(name, version, ...rest);
  const program = ts.createProgram([file], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ start, messageText }) => ({
    line: text.slice(0, start).split('\n').length - 1,
    text: ts.flattenDiagnosticMessageText(messageText, '\n'),
  }));
}
