import { join } from 'node:path';

/** Where one home (`.overture/` beside the project, or `OVERTURE_HOME`) keeps its things; all paths absolute if `home` is. */
export interface HomePaths {
  readonly home: string;
  /** What runs now and how to reach it; holds the database password, so only its owner may read it. */
  readonly state: string;
  /** Held by the process that owns the running stack, for as long as it runs. */
  readonly lock: string;
  /** Processes started by the guardian and not yet seen ending, for whoever comes after a double crash. */
  readonly children: string;
  /** Ports of the last start. */
  readonly ports: string;
  readonly temporalDatabase: string;
  readonly postgres: string;
  readonly artifacts: string;
  readonly logs: string;
}

/** The paths under a home; creates nothing. */
export function homePaths(home: string): HomePaths {
  return {
    home,
    state: join(home, 'stack.json'),
    lock: join(home, 'stack.lock'),
    children: join(home, 'children.json'),
    ports: join(home, 'ports.json'),
    temporalDatabase: join(home, 'temporal.db'),
    postgres: join(home, 'postgres'),
    artifacts: join(home, 'artifacts'),
    logs: join(home, 'logs'),
  };
}

/** What `cacheFolder` needs to know about the machine. */
export interface MachineSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
}

/**
 * The folder for downloads that every clone of the user shares: `OVERTURE_CACHE`, else `$XDG_CACHE_HOME/overture`, else
 * `~/Library/Caches/overture` on macOS and `~/.cache/overture` elsewhere (XDG Base Directory Specification 0.8).
 */
export function cacheFolder({ env, platform, userHome }: MachineSettings): string {
  if (env['OVERTURE_CACHE']) return env['OVERTURE_CACHE'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'overture');
  return platform === 'darwin' ? join(userHome, 'Library', 'Caches', 'overture') : join(userHome, '.cache', 'overture');
}
