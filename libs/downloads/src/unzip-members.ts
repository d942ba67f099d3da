import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Unzip, UnzipInflate } from 'fflate';

/** A file extracted from a zip archive. */
export interface UnzippedMember {
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

interface Output {
  readonly hash: ReturnType<typeof createHash>;
  pending: Uint8Array[];
  handle?: FileHandle;
  bytes: number;
}

/**
 * Extracts named members of a zip file to their own paths, in one pass and in constant memory. Members that
 * are missing in the archive are absent from the result.
 */
export async function unzipMembers(
  archive: string,
  members: ReadonlyMap<string, string>,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<Map<string, UnzippedMember>> {
  const outputs = new Map<string, Output>();
  let failure: Error | undefined;
  const unzip = new Unzip((file) => {
    if (!members.has(file.name)) return;
    const output: Output = { hash: createHash('sha256'), pending: [], bytes: 0 };
    outputs.set(file.name, output);
    file.ondata = (error, chunk) => {
      failure ??= error ?? undefined;
      if (chunk) output.pending.push(chunk);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 18, signal: options.signal })) {
      unzip.push(chunk as Buffer);
      if (failure) throw failure;
      await flush(outputs, members, options.onBytes);
    }
    unzip.push(new Uint8Array(0), true);
    await flush(outputs, members, options.onBytes);
  } finally {
    for (const { handle } of outputs.values()) await handle?.close();
  }
  return new Map(
    [...outputs].map(([name, { bytes, hash }]) => [name, { bytes, sha256: hash.digest('hex') }]),
  );
}

async function flush(
  outputs: ReadonlyMap<string, Output>,
  paths: ReadonlyMap<string, string>,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  for (const [name, output] of outputs) {
    output.handle ??= await open(paths.get(name) as string, 'w');
    for (const chunk of output.pending.splice(0)) {
      output.hash.update(chunk);
      output.bytes += chunk.byteLength;
      await output.handle.writeFile(chunk);
      onBytes?.(chunk.byteLength);
    }
  }
}
