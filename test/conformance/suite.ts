/**
 * The official conformance suite as a process against a server, and what it found as values. Every server scenario that its
 * list has for a revision, or as an extension, is run; a scenario that fails is run again, alone, up to twice: the suite
 * gives some answers half a second, which a busy machine may need for itself.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const PROGRAM = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);

export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;

type Revision = (typeof REVISIONS)[number];

/** More failures than these are no matter of a busy machine. */
const FAILED_MAX = 5;
const REPEATS_MAX = 2;

/** The revision that the suite's extensions belong to. */
const OF_EXTENSIONS: Revision = '2026-07-28';

const TIMEOUT_MS = 120_000;

const checks = z.array(
  z.object({
    id: z.string(),
    status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
    errorMessage: z.string().optional(),
  }),
);

type Check = z.output<typeof checks>[number];

export interface ScenarioResult {
  readonly revision: Revision;
  readonly scenario: string;
  readonly checks: readonly Check[];
  /** How often it failed before. */
  readonly repeats: number;
}

/** Runs everything that applies; `tell` hears of each step. */
export async function runSuite(
  url: string,
  tell: (line: string) => void,
): Promise<readonly ScenarioResult[]> {
  const listed = scenarios((await suite('list', '--server')).stdout);
  const results: ScenarioResult[] = [];
  for (const revision of REVISIONS) {
    const first = await runSet(url, revision);
    const wanted = listed.filter(({ revisions }) =>
      revisions.some((each) => each === revision || (each === 'extension' && revision === OF_EXTENSIONS)),
    );
    const rest = wanted.filter(({ name }) => !first.some(({ scenario }) => scenario === name));
    for (const { name } of rest) first.push(await runOne(url, revision, name));
    results.push(...(await repeated(url, first, tell)));
  }
  return results;
}

async function repeated(
  url: string,
  results: readonly ScenarioResult[],
  tell: (line: string) => void,
): Promise<readonly ScenarioResult[]> {
  const failed = results.filter((result) => !isPassed(result));
  if (failed.length > FAILED_MAX) return results;
  const again: ScenarioResult[] = [];
  for (let result of failed) {
    const { revision, scenario } = result;
    while (!isPassed(result) && result.repeats < REPEATS_MAX) {
      tell(`${revision} ${scenario} failed and is run again`);
      result = { ...(await runOne(url, revision, scenario)), repeats: result.repeats + 1 };
    }
    again.push(result);
  }
  return [...results.filter(isPassed), ...again];
}

export const isPassed = (result: ScenarioResult): boolean =>
  result.checks.every(({ status }) => status !== 'FAILURE' && status !== 'WARNING');

/** All that the suite keeps together for a revision, in one process. */
async function runSet(url: string, revision: Revision): Promise<ScenarioResult[]> {
  return run(url, revision, '--requirements', revision);
}

async function runOne(url: string, revision: Revision, name: string): Promise<ScenarioResult> {
  const only = ['--scenario', name, '--spec-version', revision, '--force'];
  const [result] = await run(url, revision, ...only);
  if (!result) throw new Error(`the suite said nothing about ${name}`);
  return result;
}

/** A scenario that broke off has written none. */
function checksIn(path: string): readonly Check[] {
  if (!existsSync(path))
    return [{ id: 'broke-off', status: 'FAILURE', errorMessage: 'the scenario broke off' }];
  return checks.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** The suite's own exit code is left aside: it counts no extension. */
async function run(url: string, revision: Revision, ...args: readonly string[]): Promise<ScenarioResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-conformance-'));
  try {
    await suite('server', '--url', url, ...args, '-o', folder);
    return readdirSync(folder).map((name) => {
      const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
      if (scenario === undefined) throw new Error(`the suite wrote \`${name}\``);
      return { revision, scenario, checks: checksIn(join(folder, name, 'checks.json')), repeats: 0 };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function suite(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  try {
    return await promisify(execFile)(process.execPath, [PROGRAM, ...args], options);
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (code === 1 && stdout !== undefined) return { stdout };
    throw error;
  }
}

function scenarios(
  text: string,
): readonly { readonly name: string; readonly revisions: readonly string[] }[] {
  const found = [...text.matchAll(/^ {2}- (\S+) \[([^\]]+)\]$/gm)].map(([, name = '', revisions = '']) => ({
    name,
    revisions: revisions.split(','),
  }));
  if (found.length < 50) throw new Error(`the suite lists ${found.length} scenarios:\n${text}`);
  return found;
}
