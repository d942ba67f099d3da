import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';

/** The part of a file handle that this lib uses. */
export interface FileHandleLike {
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }>;
  /** May write fewer bytes than asked. */
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ isFile(): boolean; size: number; mtimeMs: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file operations that this lib uses, passed in so that tests can make the n-th of them fail. */
export interface FileSystem {
  open(path: string, flags: string | number, mode?: number): Promise<FileHandleLike>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the missing parents as well; gives the first folder that was made. */
  mkdir(path: string, options: { recursive: true }): Promise<string | undefined>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; size: number; mtimeMs: number; ctimeMs: number; ino: number }>;
  rm(path: string, options: { force?: boolean; recursive?: boolean }): Promise<void>;
}

/** Node's own file system. */
export const nodeFileSystem: FileSystem = { open, rename, mkdir, readdir, lstat, rm };
