import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Prerequisite, Workflow } from '../../../../src/engine/core/model.ts';
import { checkPrerequisites } from '../../../../src/engine/host/prerequisites.ts';
import { versionFits, versionIn } from '../../../../src/engine/host/version.ts';

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/broken' ? 503 : 204;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

const problems = (...prerequisites: Prerequisite[]) =>
  checkPrerequisites({
    workflow: { prerequisites } as unknown as Workflow,
    env: { PATH: process.env.PATH ?? '' },
    cwd: process.cwd(),
  });

test('what is there is no problem', async () => {
  expect(
    await problems(
      { kind: 'tool', tool: 'git' },
      { kind: 'tool', tool: 'node', version: '>=18' },
      { kind: 'env', env: 'PATH' },
      { kind: 'reachable', reachable: `http://127.0.0.1:${port}/health` },
      { kind: 'reachable', reachable: `127.0.0.1:${port}` },
      { kind: 'disk', bytes: 1 },
    ),
  ).toEqual([]);
});

test.each<[string, Prerequisite, string]>([
  ['a missing tool', { kind: 'tool', tool: 'no-such-tool' }, '`no-such-tool` is not on the PATH'],
  ['an old tool', { kind: 'tool', tool: 'git', version: '>=999' }, 'wanted >=999'],
  ['a missing variable', { kind: 'env', env: 'NO_SUCH_VARIABLE_HERE' }, '`NO_SUCH_VARIABLE_HERE`'],
  ['a full disk', { kind: 'disk', bytes: Number.MAX_SAFE_INTEGER }, 'are free'],
  ['a closed port', { kind: 'reachable', reachable: '127.0.0.1:1' }, '`127.0.0.1:1` cannot be reached'],
  ['a closed URL', { kind: 'reachable', reachable: 'http://127.0.0.1:1/' }, 'cannot be reached'],
])('%s is named', async (_what, prerequisite, words) => {
  const [problem, ...more] = await problems(prerequisite);
  expect(problem).toContain(words);
  expect(more).toEqual([]);
});

test('a URL that answers with a server error is not reachable', async () => {
  const [problem] = await problems({ kind: 'reachable', reachable: `http://127.0.0.1:${port}/broken` });
  expect(problem).toContain('503');
});

test.each([
  ['git version 2.39.5', '>=2.20', true],
  ['git version 2.39.5', '<2', false],
  ['v24.21.0', '18.x || 24.x', true],
  ['v24.21.0', '18.x', false],
  ['openjdk 17.0.15 2025-04-15', '17', true],
  ['tool 1.2.3.4 (build 9)', '~1.2', true],
])('%s against %s: %s', (printed, wanted, fits) => {
  expect(versionFits(versionIn(printed) ?? '', wanted)).toBe(fits);
});
