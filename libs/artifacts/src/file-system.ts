import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';

/** The parts of Node's file handle that this library uses. */
export interface FileHandleLike {
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }>;
  /** May write fewer bytes than requested. */
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ isFile(): boolean; size: number; mtimeMs: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file operations that this library uses. They are injected so that tests can make the n-th one fail. */
export interface FileSystem {
  open(path: string, flags: string | number, mode?: number): Promise<FileHandleLike>;
  rename(from: string, to: string): Promise<void>;
  /** Creates the folder and its missing parents. Returns the first folder that was created. */
  mkdir(path: string, options: { recursive: true }): Promise<string | undefined>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<{
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
    size: number;
    mtimeMs: number;
    ctimeMs: number;
    ino: number;
  }>;
  rm(path: string, options: { force?: boolean; recursive?: boolean }): Promise<void>;
}

/** Node's file system. */
export const nodeFileSystem: FileSystem = { open, rename, mkdir, readdir, lstat, rm };
