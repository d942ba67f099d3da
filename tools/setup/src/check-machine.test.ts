import { describe, expect, it } from 'vitest';
// @ts-expect-error Plain JavaScript, because it runs before anything is installed.
import { checkMachine } from '../bootstrap/check-machine.mjs';

const glibc = { getReport: () => ({ header: { glibcVersionRuntime: '2.36' } }) };
const machine = { platform: 'linux', arch: 'x64', versions: { node: '20.19.0' }, report: glibc };

describe('checkMachine', () => {
  it('lets the machines pass that Overture runs on', () => {
    expect(() => checkMachine(machine)).not.toThrow();
    expect(() => checkMachine({ ...machine, platform: 'darwin', arch: 'arm64' })).not.toThrow();
  });

  it.each([
    [{ versions: { node: '18.20.0' } }, 'Node must be version 20 or newer. This is 18.20.0'],
    [
      { platform: 'win32' },
      'Overture runs on Linux and macOS. This is win32. On Windows, use the Windows Subsystem for Linux.',
    ],
    [{ arch: 'ia32' }, 'Overture runs on x64 and arm64 processors. This is ia32.'],
    [{ platform: 'darwin' }, 'needs an Apple silicon Mac'],
    [{ report: { getReport: () => ({ header: {} }) } }, 'needs a Linux with glibc'],
  ])('has a clear word for others: %o', (difference, message) => {
    expect(() => checkMachine({ ...machine, ...difference })).toThrow(message);
  });
});
