import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const LOG = new URL('../../../../src/engine/host/log.ts', import.meta.url).href;

/** Runs a program that writes one line of each level and says whether pino was loaded before the first. */
function program(level: string | undefined) {
  const script = `
    import { createRequire } from 'node:module';
    const { log } = await import(${JSON.stringify(LOG)});
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => /pino/.test(path));
    const before = loaded();
    for (const level of ['debug', 'info', 'warn', 'error']) log[level]({ n: 1 }, level);
    process.stdout.write(JSON.stringify({ before, after: loaded() }));
  `;
  const { BELAY_LOG: _inherited, ...env } = process.env;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: level === undefined ? env : { ...env, BELAY_LOG: level },
  });
  const lines = ran.stderr.split('\n').filter((line) => line.startsWith('{'));
  return { out: JSON.parse(ran.stdout), messages: lines.map((line) => JSON.parse(line).msg) };
}

describe('log', { timeout: 60_000 }, () => {
  it.each([
    [undefined, ['warn', 'error']],
    ['no such level', ['warn', 'error']],
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['error', ['error']],
  ])('with BELAY_LOG %s writes to stderr, at once, %j', (level, messages) => {
    expect(program(level)).toEqual({ out: { before: false, after: true }, messages });
  });

  it('does not even load its writer for a line that is dropped', () => {
    expect(program('silent')).toEqual({ out: { before: false, after: false }, messages: [] });
  });
});
