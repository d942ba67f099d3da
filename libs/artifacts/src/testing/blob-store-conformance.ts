import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type Digest } from '@overture/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactStore, type ArtifactStore } from '../artifact-store.ts';
import type { BlobSpace, BlobStore } from '../blob-store.ts';

/** An adapter on an empty store, with a way to damage its content as a failing disk or a user could. */
export interface AdapterUnderTest {
  readonly blobs: BlobStore;
  /** Replaces or removes the bytes of a digest, bypassing the adapter. */
  alter(space: BlobSpace, digest: Digest, content: Uint8Array | undefined): Promise<void>;
  close?(): Promise<void>;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/**
 * Defines the tests that every adapter must pass. Call it in a test file with a function that opens the
 * adapter on an empty store.
 */
export function blobStoreConformance(name: string, open: () => Promise<AdapterUnderTest>): void {
  describe(`${name} as an artifact store`, () => {
    let adapter: AdapterUnderTest;
    let store: ArtifactStore;
    let scratch: string;

    beforeEach(async () => {
      adapter = await open();
      store = artifactStore(adapter.blobs);
      scratch = await mkdtemp(join(tmpdir(), 'overture-artifacts-'));
    });
    afterEach(async () => {
      await adapter.close?.();
      await rm(scratch, { recursive: true, force: true });
    });

    const writeTree = async (folder: string, files: Record<string, string>): Promise<string> => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(scratch, folder, path, '..'), { recursive: true });
        await writeFile(join(scratch, folder, path), content);
      }
      return join(scratch, folder);
    };
    const files = { 'config.json': '{}', 'onnx/model.onnx': 'weights', 'onnx/empty': '' };

    describe('files', () => {
      it('names content by its SHA-256 and gives it back', async () => {
        const ref = await store.put('corpus', text('hello'));
        expect(ref).toEqual({ kind: 'corpus', digest: digestOf('hello'), bytes: 5 });
        expect(await store.readBytes(ref)).toEqual(text('hello'));
        expect(await store.has(ref)).toBe(true);
        await store.verify(ref);
      });

      it('stores a stream of any cut like the whole', async () => {
        const content = new Uint8Array(3_000_000).map((_, i) => i * 31 + (i >> 8));
        const cut = async function* (): AsyncGenerator<Uint8Array> {
          for (let at = 0, size = 1; at < content.length; at += size, size = Math.min(size * 3 + 1, 900_000))
            yield content.subarray(at, at + size);
        };
        const ref = await store.put('tokens', cut());
        expect(ref).toEqual({ kind: 'tokens', digest: digestOf(content), bytes: content.length });
        expect(Buffer.compare(await store.readBytes(ref), content)).toBe(0);
      });

      it('stores empty content', async () => {
        const ref = await store.put('log', text(''));
        expect(ref.bytes).toBe(0);
        expect(await store.readBytes(ref)).toEqual(text(''));
      });

      it('keeps nothing of a stream that fails, and passes its error on', async () => {
        const failing = async function* (): AsyncGenerator<Uint8Array> {
          yield text('half');
          throw new Error('source gone');
        };
        await expect(store.put('corpus', failing())).rejects.toThrow('source gone');
        expect(await store.has({ kind: 'corpus', digest: digestOf('half'), bytes: 4 })).toBe(false);
      });

      it('takes many puts of equal content at once', async () => {
        const refs = await Promise.all(Array.from({ length: 20 }, () => store.put('corpus', text('same'))));
        expect(new Set(refs.map((ref) => ref.digest)).size).toBe(1);
        expect(await store.readBytes(refs[0]!)).toEqual(text('same'));
      });

      it('does not share its bytes with writers or readers', async () => {
        const content = text('mine');
        const ref = await store.put('corpus', content);
        content.fill(0);
        (await store.readBytes(ref)).fill(0);
        expect(await store.readBytes(ref)).toEqual(text('mine'));
      });
    });

    describe('trees', () => {
      it('stores a folder and copies it out', async () => {
        const ref = await store.putTree('bundle', await writeTree('in', files));
        expect(ref).toMatchObject({ kind: 'bundle', bytes: 9 });
        await store.materialize(ref, join(scratch, 'out/model'));
        for (const [path, content] of Object.entries(files))
          expect(await readFile(join(scratch, 'out/model', path), 'utf8')).toBe(content);
        expect(await store.has(ref)).toBe(true);
        await store.verify(ref);
      });

      it('gives equal folders equal digests and others different ones', async () => {
        const first = await store.putTree('bundle', await writeTree('a', files));
        const same = await store.putTree(
          'bundle',
          await writeTree('b', Object.fromEntries(Object.entries(files).reverse())),
        );
        const renamed = await store.putTree(
          'bundle',
          await writeTree('c', { 'config.jsn': '{}', 'onnx/model.onnx': 'weights', 'onnx/empty': '' }),
        );
        expect(same).toEqual(first);
        expect(renamed.digest).not.toBe(first.digest);
      });

      it('lists its files, each readable', async () => {
        const ref = await store.putTree('report', await writeTree('in', files));
        const listed = await store.listTree(ref);
        expect([...listed.keys()]).toEqual(['config.json', 'onnx/empty', 'onnx/model.onnx']);
        expect(await store.readBytes(listed.get('onnx/model.onnx')!)).toEqual(text('weights'));
      });

      it('refuses links in the folder', async () => {
        const folder = await writeTree('in', files);
        await symlink('/etc/hostname', join(folder, 'link'));
        await expect(store.putTree('bundle', folder)).rejects.toMatchObject({
          code: 'ARTIFACT_NOT_A_FILE',
          message: expect.stringContaining(
            `Got a symbolic link at ${join(folder, 'link')} instead. Put a copy of the file there.`,
          ),
        });
      });

      it.each(['../out', '/etc/passwd', 'a/../../b', 'a//b', '.', 'a\\b', ''])(
        'refuses a manifest with the path %j',
        async (path) => {
          const file = await store.put('file', text('evil'));
          const { digest } = await adapter.blobs.write(
            'trees',
            (async function* () {
              yield text(JSON.stringify({ [path]: { bytes: file.bytes, digest: file.digest } }));
            })(),
          );
          await expect(
            store.materialize({ kind: 'bundle', digest, bytes: 4 }, join(scratch, 'out')),
          ).rejects.toMatchObject({
            code: 'ARTIFACT_PATH',
            message: expect.stringContaining(
              `Got ${JSON.stringify(path)} in ${adapter.blobs.locate('trees', digest)} instead.`,
            ),
          });
          await expect(readFile(join(scratch, 'out'))).rejects.toThrow('ENOENT');
        },
      );

      it('does not copy over a folder that holds something', async () => {
        const ref = await store.putTree('bundle', await writeTree('in', files));
        await writeTree('out', { mine: 'kept' });
        await expect(store.materialize(ref, join(scratch, 'out'))).rejects.toMatchObject({
          code: 'ARTIFACT_TARGET_TAKEN',
          message: expect.stringContaining(`Got ${join(scratch, 'out')}, which holds something else.`),
        });
        expect(await readFile(join(scratch, 'out/mine'), 'utf8')).toBe('kept');
      });
    });

    describe('copies', () => {
      it('writes a file where it is wanted, apart from the store', async () => {
        const ref = await store.put('weights', text('weights'));
        const target = join(scratch, 'deep/model.safetensors');
        await store.materialize(ref, target);
        await writeFile(target, 'changed');
        expect(await store.readBytes(ref)).toEqual(text('weights'));
        await store.materialize(ref, target);
        expect(await readFile(target, 'utf8')).toBe('weights');
      });
    });

    describe('damage', () => {
      it('says what is missing, where, and what to do', async () => {
        const ref = { kind: 'corpus', digest: digestOf('never stored'), bytes: 12 };
        expect(await store.has(ref)).toBe(false);
        const expected = {
          code: 'ARTIFACT_MISSING',
          retryable: false,
          message: expect.stringMatching(
            new RegExp(
              `^Artifact ${ref.digest} must be at .+\\. Nothing is there: .+ Start the workflow again`,
            ),
          ),
        };
        await expect(store.readBytes(ref)).rejects.toMatchObject(expected);
        await expect(store.verify(ref)).rejects.toMatchObject(expected);
        await expect(store.materialize(ref, join(scratch, 'out'))).rejects.toMatchObject(expected);
        await expect(store.listTree(ref)).rejects.toMatchObject(expected);
      });

      it('notices altered bytes before a reader reaches their end', async () => {
        const ref = await store.put('corpus', text('hello'));
        await adapter.alter('files', ref.digest, text('hellO'));
        const expected = {
          code: 'ARTIFACT_CORRUPT',
          message: expect.stringContaining(
            `must hold the bytes its digest names. Got content with digest ${digestOf('hellO')} instead`,
          ),
        };
        const seen: Uint8Array[] = [];
        const reading = (async () => {
          for await (const chunk of store.read(ref)) seen.push(chunk);
        })();
        await expect(reading).rejects.toMatchObject(expected);
        expect(seen).toEqual([]);
        await expect(store.verify(ref)).rejects.toMatchObject(expected);
        await expect(store.materialize(ref, join(scratch, 'out'))).rejects.toMatchObject(expected);
        await expect(readFile(join(scratch, 'out'))).rejects.toThrow('ENOENT');
      });

      it('notices a cut file by its size', async () => {
        const ref = await store.put('corpus', text('hello'));
        await adapter.alter('files', ref.digest, text('hell'));
        expect(await store.has(ref)).toBe(false);
        await expect(store.readBytes(ref)).rejects.toThrow('Got 4 bytes where 5 were promised instead');
      });

      it('heals altered content when it is stored again', async () => {
        const ref = await store.put('corpus', text('hello'));
        await adapter.alter('files', ref.digest, text('hellO'));
        await store.put('corpus', text('hello'));
        await store.verify(ref);
      });

      it('notices a file missing from a tree, and an altered manifest', async () => {
        const ref = await store.putTree('bundle', await writeTree('in', files));
        await adapter.alter('files', digestOf('weights'), undefined);
        expect(await store.has(ref)).toBe(false);
        await expect(store.verify(ref)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
        await expect(store.materialize(ref, join(scratch, 'out'))).rejects.toMatchObject({
          code: 'ARTIFACT_MISSING',
        });
        await expect(readFile(join(scratch, 'out/config.json'))).rejects.toThrow('ENOENT');
        await adapter.alter('trees', ref.digest, text('{}'));
        expect(await store.has(ref)).toBe(false);
        await expect(store.listTree(ref)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
      });
    });
  });
}
