import { readFile, writeFile } from 'node:fs/promises';
import { freePort } from './free-port.ts';

/** The ports of a stack's servers. */
export interface StackPorts {
  readonly temporal: number;
  readonly ui: number;
  readonly postgres: number;
}

/** Temporal's own defaults, so that its command line and its users find the server where they expect it. */
const usual = { temporal: [7233], ui: [8233], postgres: [] } as const;

/**
 * The ports of the last start if they are still free, so that bookmarks of the UI remain valid. Otherwise the
 * default ports, or else any free ones.
 */
export async function choosePorts(
  file: string,
  options: { readonly anew?: boolean } = {},
): Promise<StackPorts> {
  const remembered = options.anew ? {} : await readPorts(file);
  const choose = async (name: keyof StackPorts): Promise<number> =>
    freePort(options.anew ? [] : [...(remembered[name] ? [remembered[name]] : []), ...usual[name]]);
  const ports = {
    temporal: await choose('temporal'),
    ui: await choose('ui'),
    postgres: await choose('postgres'),
  };
  await writeFile(file, `${JSON.stringify(ports)}\n`);
  return ports;
}

async function readPorts(file: string): Promise<Partial<StackPorts>> {
  try {
    const data = JSON.parse(await readFile(file, 'utf8')) as Partial<Record<keyof StackPorts, unknown>>;
    const port = (value: unknown): number | undefined =>
      Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
        ? (value as number)
        : undefined;
    return { temporal: port(data.temporal), ui: port(data.ui), postgres: port(data.postgres) };
  } catch {
    return {};
  }
}
