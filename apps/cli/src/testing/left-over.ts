import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * Processes, files of a running stack and listening servers left behind by the commands of a home. Empty if
 * all is well.
 */
export async function leftOver(home: string): Promise<string[]> {
  const [processes, files, ports] = await Promise.all([
    processesOf(home),
    readdir(home).catch(() => []),
    listening(home),
  ]);
  return [
    ...processes,
    ...files.filter((name) => /^(stack\.lock|stack\.json|children\.json)/.test(name)),
    ...ports,
  ];
}

/**
 * Every process whose command line or environment contains the home. Postgres overwrites its environment, but
 * its arguments contain its data folder.
 */
async function processesOf(home: string): Promise<string[]> {
  if (process.platform !== 'linux') {
    const rows = execFileSync('ps', ['-A', '-ww', '-E', '-o', 'pid=,command='], { encoding: 'utf8' }).split(
      '\n',
    );
    return rows.filter((row) => row.includes(home) && Number.parseInt(row, 10) !== process.pid);
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, env, stat] = await Promise.all(
        ['cmdline', 'environ', 'stat'].map((file) =>
          readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
        ),
      );
      const ended =
        stat === undefined || ['Z', 'X', undefined].includes(stat.slice(stat.lastIndexOf(')') + 2)[0]);
      return !ended && `${command}${env}`.includes(home)
        ? [`process ${pid}: ${command?.replaceAll('\0', ' ').trim()}`]
        : [];
    }),
  );
  return found.flat();
}

async function listening(home: string): Promise<string[]> {
  const ports = JSON.parse(await readFile(join(home, 'ports.json'), 'utf8').catch(() => '{}')) as Record<
    string,
    number
  >;
  const open = await Promise.all(
    Object.entries(ports).map(async ([name, port]) =>
      (await answers(port)) ? [`${name} still listens on port ${port}`] : [],
    ),
  );
  return open.flat();
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
