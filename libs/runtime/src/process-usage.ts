/** Resources that a process has used since its start. */
export interface ProcessUsage {
  /** User and system CPU time of all threads. */
  readonly cpuSeconds: number;
  /** Peak resident memory. */
  readonly peakBytes: number;
}

/** Resource usage of this process so far. */
export function ownUsage(): ProcessUsage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); // microseconds, and KiB
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
}

/** Combines the usage of several processes: total CPU time, and the largest peak memory of any process. */
export function usageTogether(usages: readonly ProcessUsage[]): ProcessUsage {
  return usages.reduce(
    (all, { cpuSeconds, peakBytes }) => ({
      cpuSeconds: all.cpuSeconds + cpuSeconds,
      peakBytes: Math.max(all.peakBytes, peakBytes),
    }),
    { cpuSeconds: 0, peakBytes: 0 },
  );
}
