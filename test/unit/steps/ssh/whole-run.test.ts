/** Whole definitions with ssh steps, through the real engine and the real program, on real servers. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Scratch } from '../../../e2e/cli-program.ts';
import { scratchBelay } from '../../../fixtures/scratch-belay.ts';
import { sshd, until } from './sshd.ts';
import { hasSshd } from './start-sshd.ts';

const opened = () => {
  const scratch = scratchBelay();
  onTestFinished(() => scratch.close());
  return scratch;
};

describe.skipIf(!hasSshd)('a run with ssh steps', { timeout: 30_000 }, () => {
  test('goes to several hosts side by side, with values that no shell reads', async () => {
    const servers = [await sshd(), await sshd()];
    const known_hosts = join(servers[0]!.folder, 'all_known');
    writeFileSync(known_hosts, servers.map(({ knownLine }) => `${knownLine}\n`).join(''));
    const { host, user } = servers[0]!.fields;
    const hostile = `'"; touch ~/pwned; $(touch ~/pwned) \`touch ~/pwned\` \\ \n é`;
    const view = await opened().run({
      name: 'several',
      outputs: { said: '{{ steps.each.outputs.results.map(r, r.said) }}', all: '{{ steps.check.stdout }}' },
      steps: [
        {
          id: 'each',
          foreach: servers.map(({ port, keyFile }) => ({ port, keyFile })),
          max_parallel: 2,
          type: 'ssh',
          ...{ host: host as string, user: user as string, known_hosts },
          port: '{{ item.port }}',
          auth: { key_file: '{{ item.keyFile }}' },
          env: { OTHER: hostile },
          command: `printf '%s|' {{ item.port }} "{{ '${'x'}' + string(index) }}"; printf %s "$OTHER"; echo note >&2`,
          outputs: { said: '{{ stdout }}' },
        },
        {
          id: 'check',
          type: 'ssh',
          ...servers[0]!.fields,
          command: 'printf "%s " {{ each.count }} "$(ls -A ~)"',
        },
      ],
    });
    expect(view.outputs).toEqual({
      said: servers.map(({ port }, index) => `${port}|x${index}|${hostile}`),
      all: '2  ',
    });
  });

  test('a key from a declared variable is in no journal, answer or log', async () => {
    const server = await sshd();
    const key = readFileSync(server.keyFile, 'utf8');
    process.env.BELAY_TEST_SSH_KEY = key;
    onTestFinished(() => void delete process.env.BELAY_TEST_SSH_KEY);
    const scratch = opened();
    const view = await scratch.run({
      name: 'secret',
      prerequisites: [{ env: 'BELAY_TEST_SSH_KEY' }],
      steps: [
        {
          id: 'a',
          type: 'ssh',
          ...server.fields,
          auth: { key: '{{ env.BELAY_TEST_SSH_KEY }}' },
          command: 'echo in; echo $BELAY_TEST_SSH_KEY-none',
          shell: 'sh',
          env: { BELAY_TEST_SSH_KEY: '' },
          outputs: { said: '{{ stdout }}' },
        },
      ],
    });
    expect(view.steps[0]).toMatchObject({ outputs: { said: 'in\n-none\n' } });
    const read = scratch.belay.journal.read(view.run_id);
    expect(read.ok).toBe(true);
    const secret = key.split('\n')[2] as string;
    expect(JSON.stringify([view, read])).not.toContain(secret);
  });

  test('is tried again by exit code, and a lost command is not', async () => {
    const server = await sshd();
    const scratch = opened();
    const retry = { attempts: 3, delay: '10ms', on: ['exit:75'] };
    const command = 'echo x >> ~/tries; test $(wc -l < ~/tries) -ge 3 || exit 75';
    await scratch.run({ name: 'again', steps: [{ id: 'a', type: 'ssh', ...server.fields, command, retry }] });
    expect(readFileSync(join(server.home, 'tries'), 'utf8')).toBe('x\nx\nx\n');
    const lost = { id: 'a', type: 'ssh', ...server.fields, command: 'echo x >> ~/begun; sleep 300' };
    const definition = { name: 'lost', steps: [{ ...lost, retry: { attempts: 3, delay: '10ms' } }] };
    const begun = await scratch.call('workflow_execute', {
      definition: JSON.stringify(definition),
      wait_seconds: 0,
    });
    if (begun.kind !== 'done') throw new Error(JSON.stringify(begun));
    const begunThere = join(server.home, 'begun');
    await until(() => existsSync(begunThere) && readFileSync(begunThere, 'utf8') !== '');
    server.cut();
    const run = String((begun.structured as { run_id?: unknown }).run_id);
    const view = await scratch.until(run, ({ status }) => status === 'failed');
    expect(view.steps[0]).toMatchObject({ attempts: 1, error: { code: 'connection_lost' } });
    expect(readFileSync(begunThere, 'utf8')).toBe('x\n');
  });

  test('a dry run shows where it would go, and goes nowhere', async () => {
    const server = await sshd();
    const scratch = opened();
    const step = {
      id: 'a',
      type: 'ssh',
      ...server.fields,
      command: 'echo {{ inputs.v }}',
      sudo: true,
      detach: true,
    };
    const definition = { name: 'dry', inputs: { v: { type: 'string' } }, steps: [step] };
    const answer = await scratch.call('workflow_execute', {
      definition: JSON.stringify(definition),
      inputs: { v: 'x' },
      dry_run: true,
    });
    const text = JSON.stringify(answer);
    expect(text).toContain(
      `runs a detached script on \`${server.fields.user}@127.0.0.1:${server.port}\` as \`root\``,
    );
    expect(text).toContain('echo x');
    expect(server.logins()).toBe(0);
  });

  test('a detached command outlives kill -9 of its host; the next one finds it, and it ran once', async () => {
    const server = await sshd();
    const scratch = new Scratch();
    onTestFinished(() => scratch.end());
    const step = {
      id: 'long',
      type: 'ssh',
      ...server.fields,
      detach: true,
      command: 'echo $$ >> ~/runs; until [ -e ~/go ]; do sleep 0.05; done; echo done',
      outputs: { said: '{{ trim(stdout) }}' },
    };
    const outputs = { said: '{{ steps.long.outputs.said }}' };
    scratch.write('long.yaml', JSON.stringify({ name: 'long', outputs, steps: [step] }));
    const first = scratch.start('run', 'long.yaml');
    await until(() => existsSync(join(server.home, 'runs')));
    const [{ run_id: run } = { run_id: '' }] = (await scratch.json('history')).answer.runs;
    first.child.kill('SIGKILL');
    await first.ended;
    const second = scratch.start('status', run, '--watch');
    await until(() => server.logins() >= 2);
    writeFileSync(join(server.home, 'go'), '');
    expect((await second.ended).status).toBe(0);
    const { answer } = await scratch.json('status', run);
    expect(answer).toMatchObject({ status: 'succeeded', outputs: { said: 'done' } });
    expect(readFileSync(join(server.home, 'runs'), 'utf8').trim().split('\n')).toHaveLength(1);
  });
});
