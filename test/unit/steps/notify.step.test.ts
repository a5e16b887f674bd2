/** `notify` as a whole: what it accepts, several targets at once, and what a failure makes of its run. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { notifyStep } from '../../../src/steps/notify.step.ts';
import { callForRun, stepOf } from '../../e2e/fixtures/run-template.ts';
import { scratchBelay } from '../../fixtures/scratch-belay.ts';
import { fakeCall } from './fake-call.ts';
import { fakeContext } from './fake-context.ts';
import { web } from './http/web.ts';
import { mailServer } from './notify/mail-server.ts';
import { refusal, tell, told } from './notify/notifying.ts';

const fine = () => web((_, response) => response.end('ok'));
const broken = () =>
  web((_, response) => {
    response.statusCode = 503;
    response.end();
  });

const SMTP = { host: 'mail.example' };
const EMAIL = { to: 'a@b.c', from: 'd@e.f', smtp: SMTP };
test.each<[JsonObject, boolean]>([
  [{ message: 'm', slack: 'https://hooks.example/x' }, true],
  [{ message: 'm', desktop: true }, true],
  [{ message: 'm', desktop: false }, false],
  [{ message: 'm' }, false],
  [{ message: 'm', slack: 'https://hooks.example/x', desktop: true }, false],
  [{ message: 'm', to: [{ desktop: true }, { slack: 'https://hooks.example/x' }] }, true],
  [{ message: 'm', desktop: true, to: [{ desktop: true }] }, false],
  [{ message: 'm', to: [{ desktop: true, slack: 'https://hooks.example/x' }] }, false],
  [{ message: 'm', to: [{}] }, false],
  [{ message: 'm', to: [] }, false],
  [{ desktop: true }, false],
  [{ webhook: { url: 'https://x.example/' } }, false],
  [{ webhook: { url: 'https://x.example/', json: { a: 1 } } }, true],
  [{ to: [{ desktop: true }, { webhook: { url: 'https://x.example/', json: 1 } }] }, false],
  [{ message: 'm', webhook: { url: 'https://x.example/', auth: { bearer: 'written-down' } } }, false],
  [{ message: 'm', webhook: { url: 'https://x.example/', method: 'GET' } }, false],
  [{ message: 'm', email: EMAIL }, true],
  [{ message: 'm', email: { ...EMAIL, to: ['a@b.c', 'd@e.f'] } }, true],
  [{ message: 'm', email: { ...EMAIL, smtp: { ...SMTP, user: 'u', password_env: 'P' } } }, true],
  [{ message: 'm', email: { ...EMAIL, to: '{{ inputs.who }}', from: 'Ann <{{ inputs.me }}>' } }, true],
  [{ message: 'm', email: { ...EMAIL, to: ['a@b.c', 'ann'] } }, false],
  [{ message: 'm', email: { ...EMAIL, smtp: { ...SMTP, user: 'u' } } }, false],
  [{ message: 'm', email: { ...EMAIL, smtp: { ...SMTP, password_env: 'P' } } }, false],
  [{ message: 'm', email: { ...EMAIL, smtp: { ...SMTP, user: 'u', password: 'x' } } }, false],
  [
    { message: 'm', email: { ...EMAIL, smtp: { ...SMTP, user: 'u', password_env: 'P', tls: 'none' } } },
    false,
  ],
])('schema on %j: %s', (config, valid) => {
  expect(notifyStep.schema.safeParse(config).success).toBe(valid);
});

test.each([
  ['to', 'a@b.c, d@e.f'],
  ['from', 'ann'],
])('a literal `%s` that is no mail address is found before the run', (field, written) => {
  const config = { message: 'm', email: { ...EMAIL, [field]: written } };
  const { error } = notifyStep.schema.safeParse(config);
  expect(error?.issues).toMatchObject([
    { path: ['email', field], message: expect.stringContaining('expected `ann@example.org`') },
  ]);
});

const begin = (config: JsonObject, idempotent = false) =>
  notifyStep.begin(fakeContext({ type: 'notify', config, step: { idempotent } }));

test('sent at most once, unless the step is idempotent', () => {
  const config = { message: 'm', slack: 'https://hooks.example/x' };
  expect(begin(config)).toMatchObject({ value: { kind: 'call', repeatable: false, timeoutMs: 30_000 } });
  expect(begin(config, true)).toMatchObject({ value: { repeatable: true } });
});

test('several targets: each is told, and the log says which', async () => {
  const [slack, hook, mail] = [await fine(), await fine(), await mailServer()];
  const smtp = { host: '127.0.0.1', port: mail.port, tls: 'none' };
  const io = fakeCall();
  const to = [
    { slack: `${slack.origin}/secret-path` },
    { webhook: { url: `${hook.origin}/secret-path` } },
    { email: { to: 'bea@example.org', from: 'ann@example.org', smtp } },
  ];
  const { sent } = await told({ message: 'm', to }, { io });
  expect([slack.seen.length, hook.seen.length, mail.received.length]).toEqual([1, 1, 1]);
  expect(sent).toMatchObject([{ to: 'slack' }, { to: 'webhook' }, { to: 'email' }]);
  expect(io.written.text.trim().split('\n')).toHaveLength(3);
  expect(io.written.text).toContain('sent to bea@example.org by mail');
  expect(io.written.text).not.toContain('secret-path');
  expect(io.notes).toEqual([]);
});

test('another run is told by a signal, with the words or a payload of its own', async () => {
  const io = fakeCall();
  const to = [
    { signal: { run_id: 'r-2', name: 'built' } },
    { signal: { run_id: 'r-2', name: 'sized', payload: { bytes: 7 } } },
  ];
  const { sent } = await told({ message: 'm', to }, { io });
  expect(sent).toEqual([{ to: 'signal' }, { to: 'signal' }]);
  expect(io.signals).toEqual([
    { runId: 'r-2', name: 'built', payload: { message: 'm', run_id: 'run-1', step: 'subject' } },
    { runId: 'r-2', name: 'sized', payload: { bytes: 7 } },
  ]);
});

test('one of two fails: the other is told, and not again by a retry', async () => {
  const [good, bad] = [await fine(), await broken()];
  const to = [{ slack: `${good.origin}/` }, { slack: `${bad.origin}/` }];
  const outcome = await tell({ message: 'm', to });
  expect(good.seen).toHaveLength(1);
  expect(outcome).toMatchObject({
    ok: false,
    outputs: { sent: [{ to: 'slack' }] },
    failure: { code: 'notify_failed', retry: 'final', data: { sent: [expect.stringContaining('Slack')] } },
  });
});

test('all fail in passing: a retry may help', async () => {
  const bad = await broken();
  const to = [{ slack: `${bad.origin}/` }, { webhook: { url: `${bad.origin}/` } }];
  expect(await refusal({ message: 'm', to })).toMatchObject({ code: 'notify_failed', retry: 'again' });
});

test('made again after the death of its host, it passes over those that were reached', async () => {
  const [first, second] = [await fine(), await fine()];
  const config = { message: 'm', to: [{ slack: `${first.origin}/` }, { slack: `${second.origin}/` }] };
  const io = fakeCall();
  await told(config, { io, step: { idempotent: true } });
  expect(io.notes).toHaveLength(2);
  const note = { reached: 0 };
  expect(io.notes).toContainEqual(note);
  await told(config, { notes: [note], step: { idempotent: true } });
  expect([first.seen.length, second.seen.length]).toEqual([1, 2]);
});

test('the plan says what would be said to whom, and shows no path', () => {
  const values = { n: 3, key: 'xyz-secret' };
  const config = { message: '{{ n }} done', slack: 'https://hooks.example/{{ key }}' };
  expect(notifyStep.plan?.(fakeContext({ type: 'notify', config, values }))).toEqual({
    does: 'says `3 done` to Slack at `hooks.example`',
  });
  expect(notifyStep.plan?.(fakeContext({ type: 'notify', config }))).toEqual({
    does: 'says `{{ n }} done` to slack',
    unknown: '`n` is unknown',
  });
});

test.each<[string, JsonObject, JsonObject, string, string]>([
  ['says nothing', {}, {}, 'partial', 'soft_failed'],
  ['has other defaults', {}, { defaults: { on_failure: 'stop' } }, 'partial', 'soft_failed'],
  ['says stop', { on_failure: 'stop' }, {}, 'failed', 'failed'],
])('a failed notification of a step that %s, in a run', async (_, more, whole, status, stepStatus) => {
  const scratch = scratchBelay();
  onTestFinished(() => scratch.close());
  const { origin } = await broken();
  const view = await callForRun(scratch, 'workflow_execute', {
    definition: {
      name: 'told',
      ...whole,
      steps: [
        { id: 'tell', type: 'notify', message: 'm', slack: `${origin}/services/xyz-secret`, ...more },
        { id: 'after', type: 'set', values: { a: 1 } },
      ],
    },
  });
  expect(view.status).toBe(status);
  expect(stepOf(view, 'tell')).toMatchObject({ status: stepStatus, error: { code: 'status' } });
  expect(JSON.stringify(stepOf(view, 'tell'))).not.toContain('xyz-secret');
});

test('a whole run that mails, with a password of the environment that is nowhere recorded', async () => {
  vi.stubEnv('NOTIFY_TEST_PASSWORD', 's3cret pass');
  onTestFinished(() => void vi.unstubAllEnvs());
  const scratch = scratchBelay();
  onTestFinished(() => scratch.close());
  const server = await mailServer();
  const { port } = server;
  const ca = 'ca.pem';
  const definition = {
    name: 'mails',
    prerequisites: [{ env: 'NOTIFY_TEST_PASSWORD' }],
    inputs: { who: { type: 'string', required: true } },
    steps: [
      { id: 'trust', command: `printf '%s' "$CERT" > ${ca}`, env: { CERT: server.certificate.cert } },
      {
        id: 'tell',
        type: 'notify',
        title: 'Run {{ run.workflow }}',
        message: 'Hello {{ inputs.who }}',
        email: {
          to: 'bea@example.org',
          from: 'belay@example.org',
          smtp: { host: '127.0.0.1', port, user: 'ann', password_env: 'NOTIFY_TEST_PASSWORD', ca },
        },
      },
    ],
  };
  const view = await callForRun(scratch, 'workflow_execute', { definition, inputs: { who: 'Bea' } });
  expect(view.status, view.reason).toBe('succeeded');
  expect(server.received).toMatchObject([{ user: 'ann', isSecure: true, body: 'Hello Bea' }]);
  const events = scratch.belay.journal.read(view.run_id);
  expect(JSON.stringify(events)).not.toContain('s3cret pass');
});
