import { AppError } from '@overture/core';

const blockBytes = 512;

/**
 * The content of one file in an uncompressed tar archive (POSIX ustar: 512-byte headers, name at 0, size in
 * octal at 124). Long-name extensions are skipped, because the archive this is used for has none.
 * @throws AppError `TAR_MEMBER_MISSING`, `TAR_TRUNCATED`
 */
export function tarMember(archive: Uint8Array, name: string): Uint8Array {
  const seen: string[] = [];
  for (let offset = 0; offset + blockBytes <= archive.length;) {
    const header = archive.subarray(offset, offset + blockBytes);
    const member = text(header, 0, 100);
    if (member === '') break;
    const bytes = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    const start = offset + blockBytes;
    if (!Number.isSafeInteger(bytes) || start + bytes > archive.length) {
      throw new AppError(
        'TAR_TRUNCATED',
        `The archive should hold ${bytes} bytes of ${member} and ends before.`,
        { details: { member } },
      );
    }
    if (member.replace(/^\.\//, '') === name) return archive.subarray(start, start + bytes);
    seen.push(member);
    offset = start + Math.ceil(bytes / blockBytes) * blockBytes;
  }
  throw new AppError(
    'TAR_MEMBER_MISSING',
    `The archive should contain ${name}. It has ${seen.join(', ') || 'nothing'} instead.`,
    {
      details: { name },
    },
  );
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}
