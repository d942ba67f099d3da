import { SetupError } from './setup-error.mjs';

const oldestNode = 20;

/**
 * Refuses machines on which a later step would fail with words of its own.
 * @param {{ platform: string, arch: string, versions: { node: string }, report?: { getReport(): object } }}
 * machine `process`
 */
export function checkMachine({ platform, arch, versions, report }) {
  if (Number.parseInt(versions.node, 10) < oldestNode) {
    throw new SetupError(
      `Node must be version ${oldestNode} or newer. This is ${versions.node}; get a newer one from https://nodejs.org.`,
    );
  }
  if (platform !== 'linux' && platform !== 'darwin') {
    const hint = platform === 'win32' ? ' On Windows, use the Windows Subsystem for Linux.' : '';
    throw new SetupError(`Overture runs on Linux and macOS. This is ${platform}.${hint}`);
  }
  if (arch !== 'x64' && arch !== 'arm64')
    throw new SetupError(`Overture runs on x64 and arm64 processors. This is ${arch}.`);
  if (platform === 'darwin' && arch === 'x64') {
    throw new SetupError(
      'On macOS Overture needs an Apple silicon Mac: onnxruntime-node, which runs the models, has no program for Intel Macs any more.',
    );
  }
  if (platform === 'linux' && !usesGlibc(report)) {
    throw new SetupError(
      'Overture needs a Linux with glibc (Debian, Ubuntu, Fedora, …): onnxruntime-node has no program for musl (Alpine).',
    );
  }
}

function usesGlibc(report) {
  const { header } = report?.getReport() ?? {};
  return header === undefined || header.glibcVersionRuntime !== undefined;
}
