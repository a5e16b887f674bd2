/**
 * What a workflow needs before any of its steps may run: programs with versions, variables, reachable addresses,
 * free disk. All are checked, all that is missing is said at once.
 */
import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Prerequisite } from '../core/model.ts';
import type { RunState } from '../core/state.ts';
import { declaredEnvironment } from './environment.ts';
import { findProgram } from './find-program.ts';

const CHECK_MS_MAX = 10_000;

/** One line for each prerequisite that is not met. */
export async function checkPrerequisites(
  run: Pick<RunState, 'workflow' | 'env' | 'cwd'>,
): Promise<readonly string[]> {
  const problems = await Promise.all(run.workflow.prerequisites.map((each) => whatIsWrong(each, run)));
  return problems.filter((problem) => problem !== undefined);
}

/** One that cannot even be looked at (no such folder, say) is not met. */
async function whatIsWrong(
  prerequisite: Prerequisite,
  run: Pick<RunState, 'workflow' | 'env' | 'cwd'>,
): Promise<string | undefined> {
  try {
    return await problemOf(prerequisite, run);
  } catch (error) {
    return `\`${prerequisite.kind}\` cannot be checked: ${error instanceof Error ? error.message : error}`;
  }
}

function problemOf(
  prerequisite: Prerequisite,
  run: Pick<RunState, 'workflow' | 'env' | 'cwd'>,
): Promise<string | undefined> | string | undefined {
  switch (prerequisite.kind) {
    case 'tool':
      return toolProblem(prerequisite.tool, prerequisite.version, run);
    case 'env':
      return { ...declaredEnvironment(run.workflow), ...run.env }[prerequisite.env] === undefined
        ? `environment variable \`${prerequisite.env}\` is not set`
        : undefined;
    case 'reachable':
      return reachProblem(prerequisite.reachable);
    case 'disk':
      return diskProblem(prerequisite.bytes, run.cwd);
  }
}

async function toolProblem(
  tool: string,
  wanted: string | undefined,
  run: Pick<RunState, 'env' | 'cwd'>,
): Promise<string | undefined> {
  const file = findProgram(tool, run.env.PATH ?? '', run.cwd);
  if (file === undefined) return `tool \`${tool}\` is not on the PATH`;
  if (wanted === undefined) return undefined;
  const { versionFits } = await import('./version.ts');
  const found = await toolVersion(file, run);
  if (found === undefined) return `tool \`${tool}\` does not tell its version, wanted ${wanted}`;
  return versionFits(found, wanted) ? undefined : `tool \`${tool}\` is version ${found}, wanted ${wanted}`;
}

async function toolVersion(file: string, run: Pick<RunState, 'env' | 'cwd'>): Promise<string | undefined> {
  // loaded when asked for: it costs more than all of the host, and few runs ask for versions
  const [{ execa }, { versionIn }] = await Promise.all([import('execa'), import('./version.ts')]);
  for (const argument of ['--version', '-version', 'version', '-V']) {
    const result = await execa(file, [argument], {
      cwd: run.cwd,
      env: { ...run.env },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
      timeout: CHECK_MS_MAX,
      maxBuffer: 64 * 1024,
    });
    const version = versionIn(result.all);
    if (version !== undefined && result.exitCode === 0) return version;
  }
  return undefined;
}

/** A URL has to answer; for `host:port` it is enough that somebody listens. */
async function reachProblem(address: string): Promise<string | undefined> {
  const port = /^(\[[^\]]+\]|[^:/]+):(\d{1,5})$/.exec(address);
  return port ? portProblem(port[1] ?? '', Number(port[2])) : urlProblem(address);
}

function portProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, timeout: CHECK_MS_MAX });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem === undefined ? undefined : `\`${host}:${port}\` cannot be reached: ${problem}`);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no answer in ${CHECK_MS_MAX} ms`));
    socket.once('error', (error) => end(error.message));
  });
}

async function urlProblem(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(CHECK_MS_MAX) });
    await response.body?.cancel();
    return response.status < 500 ? undefined : `\`${url}\` answers with status ${response.status}`;
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return `\`${url}\` cannot be reached: ${cause}`;
  }
}

async function diskProblem(bytes: number, cwd: string): Promise<string | undefined> {
  const disk = await statfs(cwd);
  const free = disk.bavail * disk.bsize;
  return free >= bytes ? undefined : `${free} bytes are free where the run works, ${bytes} are wanted`;
}
