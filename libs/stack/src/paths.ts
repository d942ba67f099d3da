import { join } from 'node:path';

/**
 * The paths in one home (`.overture/` beside the project, or `OVERTURE_HOME`). All paths are absolute if
 * `home` is.
 */
export interface HomePaths {
  readonly home: string;
  /**
   * The state of the running stack and how to reach it. Contains the database password, so only its owner may
   * read it.
   */
  readonly state: string;
  /** The lock of the process that owns the running stack, held while the stack runs. */
  readonly lock: string;
  /** Processes started by the guardian and not yet seen to end. Used to clean up after a double crash. */
  readonly children: string;
  /** Ports of the last start. */
  readonly ports: string;
  readonly temporalDatabase: string;
  readonly postgres: string;
  readonly artifacts: string;
  readonly logs: string;
}

/** The paths in a home. Creates nothing. */
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

/** The facts about the machine that `cacheFolder` depends on. */
export interface MachineSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
}

/**
 * The folder for downloads shared by all of the user's clones: `OVERTURE_CACHE`, or else
 * `$XDG_CACHE_HOME/overture`. The default is `~/Library/Caches/overture` on macOS and `~/.cache/overture`
 * elsewhere (XDG Base Directory Specification 0.8).
 */
export function cacheFolder({ env, platform, userHome }: MachineSettings): string {
  if (env['OVERTURE_CACHE']) return env['OVERTURE_CACHE'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'overture');
  return platform === 'darwin'
    ? join(userHome, 'Library', 'Caches', 'overture')
    : join(userHome, '.cache', 'overture');
}
