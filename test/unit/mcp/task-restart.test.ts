/** A task outlives the server that gave it out: killed, and looked for at the next one, as programs over pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { TAKES_TASKS } from './raw-client.ts';

const BIN = fileURLToPath(new URL('../../../bin/belay.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'belay-task-'));
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children)
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close');
  rmSync(folder, { recursive: true, force: true });
});

const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': TAKES_TASKS,
};

/** Requests one after the other; what is told meanwhile is passed over. */
function server() {
  const child = spawn(process.execPath, [BIN, '--home', join(folder, 'home'), 'mcp'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let id = 0;
  return {
    child,
    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
    async send(method: string, params: object): Promise<any> {
      id += 1;
      const request = { jsonrpc: '2.0', id, method, params: { ...params, _meta } };
      child.stdin.write(`${JSON.stringify(request)}\n`);
      for (;;) {
        const line = await lines.next();
        if (line.done) throw new Error('the server is gone');
        const message = JSON.parse(line.value);
        if (message.id === id) return message.result ?? message;
      }
    },
  };
}

it('a task goes on where the killed server left it, and is answered at the next', {
  timeout: 60_000,
}, async () => {
  const first = server();
  const definition = {
    name: 'asks-late',
    steps: [
      { id: 'make', command: 'echo made >> made' },
      { id: 'go', type: 'approval', message: 'Go on?' },
    ],
  };
  const { taskId } = await first.send('tools/call', { name: 'workflow_execute', arguments: { definition } });
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const second = server();
  let task = await second.send('tasks/get', { taskId });
  const status = async () => {
    task = await second.send('tasks/get', { taskId });
    return task.status;
  };
  await expect.poll(status, { timeout: 30_000 }).toBe('input_required');
  const [key = ''] = Object.keys(task.inputRequests);
  const inputResponses = { [key]: { action: 'accept', content: { approved: true } } };
  await second.send('tasks/update', { taskId, inputResponses });
  await expect.poll(status, { timeout: 30_000 }).toBe('completed');
  expect(task.result.structuredContent).toMatchObject({ status: 'succeeded' });
  second.child.stdin.end();
  await once(second.child, 'close');
});
