/** What a process took from its start on. */
export interface ProcessUsage {
  /** Of all its threads, in its own code and in the system's. */
  readonly cpuSeconds: number;
  /** The most memory that was resident at a time. */
  readonly peakBytes: number;
}

/** Of the calling process, until now. */
export function ownUsage(): ProcessUsage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); // microseconds, and KiB
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
}

/** Of several processes: their processor time together, and the most memory that one of them had. */
export function usageTogether(usages: readonly ProcessUsage[]): ProcessUsage {
  return usages.reduce((all, { cpuSeconds, peakBytes }) => ({ cpuSeconds: all.cpuSeconds + cpuSeconds, peakBytes: Math.max(all.peakBytes, peakBytes) }), { cpuSeconds: 0, peakBytes: 0 });
}
