import type { DownloadProgress } from '@overture/downloads';

/** The output and the clock of a progress line. */
export interface ProgressLineOptions {
  readonly write: (text: string) => void;
  /** Whether the output is a terminal, where a line can be overwritten. */
  readonly live: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Prints permanent lines, and the progress of a download. */
export interface ProgressLine {
  line(text: string): void;
  progress(progress: DownloadProgress): void;
}

const liveEveryMs = 100;
const plainEveryMs = 5_000;

/** On a terminal, one line that is overwritten; elsewhere, a new one every few seconds. */
export function progressLine({ write, live, now }: ProgressLineOptions): ProgressLine {
  let open = false;
  let last = now();
  const line = (text: string): void => {
    write(`${open ? '\r\x1b[K' : ''}overture setup: ${text}\n`);
    open = false;
  };
  return {
    line,
    progress: ({ what, received, total }) => {
      if (now() - last < (live ? liveEveryMs : plainEveryMs)) return;
      last = now();
      const text = `${what}: ${megabytes(received)}${total ? ` of ${megabytes(total)} MB (${Math.floor((100 * received) / total)} %)` : ' MB'}`;
      if (!live) return line(text);
      write(`\r\x1b[Koverture setup: ${text}`);
      open = true;
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
