/** The page on which people answer questions, as a browser and as somebody without the right to answer meet it. */
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CODE_MS, personCode } from '../../../src/http/questions/person-code.ts';
import { SESSION_SECONDS } from '../../../src/http/questions/persons.ts';
import { browser, type Page } from './question-browser.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const NASTY = `<script>alert(1)</script>"'&\u202e`;
const FORM = {
  name: 'form',
  steps: [
    {
      id: 'ask',
      type: 'input',
      message: `Which one? ${NASTY}`,
      show: { title: 'diff', text: '- old\n+ <b>new</b>' },
      fields: {
        env: { type: 'string', enum: ['test', 'live "1"'], title: 'Environment' },
        count: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
        dry: { type: 'boolean', default: true },
        note: { type: 'string', description: 'why' },
      },
    },
  ],
};
const APPROVAL = { name: 'approve', steps: [{ id: 'go', type: 'approval', message: 'Release it?' }] };

let nowMs = Date.now();
/** One without keys, one with. */
let local: ScratchServer;
let keyed: ScratchServer;
let approver: string;
let operator: string;
beforeAll(async () => {
  [local, keyed] = await Promise.all([
    scratchServer({ now: () => nowMs, bounds: { refusalsPerSecondMax: 2 } }),
    scratchServer(),
  ]);
  approver = keyed.key('approver');
  operator = keyed.key('operator');
});
afterAll(() => Promise.all([local.end(), keyed.end()]));
afterEach(() => {
  // tries that were made are forgotten
  nowMs += 60_000;
});

const codeOfNow = () => personCode(local.belay.home, nowMs);

/** Starts a run and waits until it asks: its id, and the address of its page. */
async function asked(scratch: ScratchServer, definition: object) {
  const started = await scratch.call('workflow_execute', { definition, wait_seconds: 0 });
  if (started.kind !== 'done') throw new Error(JSON.stringify(started));
  const runId = started.structured.run_id as string;
  const view = await scratch.until(runId, ({ questions }) => questions.length > 0);
  const id = view.questions[0]?.question_id as string;
  return { runId, id, url: `${scratch.server.url}/questions/${runId}/${id}` };
}

const answeredBy = (scratch: ScratchServer, runId: string) => {
  const read = scratch.belay.journal.read(runId);
  return read.ok
    ? read.value.flatMap(({ event }) => (event.type === 'question.answered' ? [event] : []))
    : [];
};

const isEntry = ({ text }: Page): boolean =>
  text.includes('name="proof"') && !text.includes('Release it?') && !text.includes('name="token"');

describe('without keys', () => {
  it('shows the question to whoever has the code from a terminal', async () => {
    const { url } = await asked(local, FORM);
    const person = browser();
    expect(isEntry(await person.get(url))).toBe(true);
    const entered = await person.post(url, { proof: codeOfNow().toLowerCase().replace('-', ' ') });
    expect(entered.status).toBe(303);
    expect(entered.headers.get('set-cookie')).toMatch(/; Path=\/questions; HttpOnly; SameSite=Strict$/);

    const { text, headers } = await person.get(url);
    expect(text).toContain('Which one? &#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;\\u{202e}');
    expect(text).toContain('+ &#60;b&#62;new&#60;/b&#62;');
    expect(text).toContain('<option value="live &#34;1&#34;">');
    expect(text).toContain('<input type="number" name="answer.count" step="1" min="1" max="9" value="3">');
    expect(text).toContain('value="true" required checked');
    expect(text).not.toMatch(/<script|<b>new|\son\w+=|src=|https?:/);
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(text) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    // else browsers would send the form with `Origin: null`
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  it('takes an answer that fits, and shows what was sent of one that does not', async () => {
    const { runId, url } = await asked(local, FORM);
    const person = browser();
    await person.post(url, { proof: codeOfNow() });
    await person.get(url);
    const wrong = await person.post(url, {
      'answer.env': 'live "1"',
      'answer.count': '12',
      'answer.note': NASTY,
    });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('expected at most 9, found 12');
    expect(wrong.text).toContain('<option value="live &#34;1&#34;" selected>');
    expect(wrong.text).not.toContain('<script');

    const sent = {
      'answer.env': 'live "1"',
      'answer.count': '',
      'answer.dry': 'false',
      'answer.note': 'a\r\nb',
    };
    expect((await person.post(url, sent)).status).toBe(303);
    expect(answeredBy(local, runId)).toMatchObject([
      {
        answer: { env: 'live "1"', count: 3, dry: false, note: 'a\nb' },
        by: `page:${userInfo().username}`,
        via: 'form',
      },
    ]);
    const after = await person.get(url);
    expect(after.text).toContain('<b>Answered</b> by page:');
    expect(after.text).not.toContain('<form');
    // once more, from a page that was open elsewhere
    expect((await person.post(url, { ...sent, token: 'x' })).status).toBe(401);
  });

  it('takes a code for ten minutes at most, and not many tries', async () => {
    const { url } = await asked(local, APPROVAL);
    const stale = codeOfNow();
    nowMs += 2 * CODE_MS;
    const agent = browser();
    const statuses: number[] = [];
    for (const proof of [stale, '', 'AAAA-AAAA', approver, ...Array(20).fill('0000-0000')])
      statuses.push((await agent.post(url, { proof })).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // too many were tried: even the right one has to wait
    expect((await agent.post(url, { proof: codeOfNow() })).status).toBe(429);
    expect(agent.cookies.size).toBe(0);
  });

  it('takes no answer without the session, its token, and an own page', async () => {
    const { runId, id, url } = await asked(local, APPROVAL);
    const agent = browser();
    const yes = { 'answer.approved': 'true' };
    expect((await agent.post(url, yes)).status).toBe(401);
    const answer = { question_id: id, answer: { approved: true } };
    const rest = await local.send('POST', `/api/v1/runs/${runId}/answer`, { body: answer });
    expect([rest.status, rest.json.code]).toEqual([403, 'human_required']);

    const person = browser();
    await person.post(url, { proof: codeOfNow() });
    for (const [name] of person.cookies) agent.cookies.set(name, 'A'.repeat(43));
    expect(isEntry(await agent.get(url))).toBe(true);
    await person.get(url);
    expect((await person.post(url, { ...yes, token: 'A'.repeat(43) })).status).toBe(401);
    for (const origin of ['http://evil.example', 'null']) {
      await person.get(url);
      expect((await person.post(url, yes, { origin })).status).toBe(403);
    }
    await person.get(url);
    expect((await person.post(url, { ...yes, digest: '0'.repeat(64) })).status).toBe(409);
    expect(answeredBy(local, runId)).toEqual([]);

    await person.get(url);
    nowMs += SESSION_SECONDS * 1_000;
    const late = await person.post(url, yes);
    expect([late.status, isEntry(late)]).toEqual([401, true]);
    expect(answeredBy(local, runId)).toEqual([]);
  });

  it('says what became of a question that is not open any more', async () => {
    const { runId, url } = await asked(local, APPROVAL);
    const person = browser();
    await person.post(url, { proof: codeOfNow() });
    await local.call('workflow_cancel', { run_id: runId });
    await local.until(runId, ({ status }) => status === 'cancelled');
    const { text } = await person.get(url);
    expect(text).toContain('It is no longer asked');
    expect(text).toContain('The run is cancelled');
    const expiring = { ...APPROVAL, steps: [{ ...APPROVAL.steps[0], expires: '10ms' }] };
    const started = await local.call('workflow_execute', { definition: expiring, wait_seconds: 0 });
    const second = started.kind === 'done' ? (started.structured.run_id as string) : '';
    await local.until(second, ({ status }) => status === 'failed');
    expect((await person.get(url.replace(runId, second))).text).toContain('Nobody answered in time');
    const unknown = await person.get(url.replace(runId, 'nothing'));
    expect([unknown.status, unknown.text.includes('<form')]).toEqual([404, false]);
    expect((await person.get(`${url}x`)).status).toBe(404);
  });

  it('is no way in any more when the first key is made', async () => {
    const scratch = await scratchServer();
    const { runId, url } = await asked(scratch, APPROVAL);
    const person = browser();
    await person.post(url, { proof: personCode(scratch.belay.home, Date.now()) });
    await person.get(url);
    scratch.key('viewer');
    expect((await person.post(url, { 'answer.approved': 'true' })).status).toBe(401);
    expect((await person.get(url)).text).toContain('Your key');
    expect(answeredBy(scratch, runId)).toEqual([]);
    await scratch.end();
  });
});

describe('with keys', () => {
  it('takes the answer of an approver, under the name of the key', async () => {
    const { runId, url } = await asked(keyed, APPROVAL);
    const person = browser();
    const { status, text } = await person.answer(url, approver, {
      'answer.approved': 'false',
      'answer.reason': 'not today',
    });
    expect([status, text.includes('Answered')]).toEqual([200, true]);
    expect(answeredBy(keyed, runId)).toMatchObject([
      { answer: { approved: false, reason: 'not today' }, by: 'http:approver-1' },
    ]);
    expect(text).not.toContain(approver);
  });

  it('lets nobody in who may not speak for a person', async () => {
    const { runId, url } = await asked(keyed, APPROVAL);
    const code = personCode(keyed.belay.home, Date.now());
    for (const [proof, status] of [
      [operator, 403],
      [code, 401],
      ['x'.repeat(10_000), 401],
      [`${approver}x`, 401],
    ] as const) {
      const agent = browser();
      const refused = await agent.post(url, { proof });
      expect([refused.status, isEntry(refused), agent.cookies.size]).toEqual([status, true, 0]);
    }
    // a key in the header is for REST; the page wants a person
    const { text } = await keyed.send('GET', new URL(url).pathname, { key: approver });
    expect(text).toContain('name="proof"');
    expect(answeredBy(keyed, runId)).toEqual([]);
  });

  it('ends with the key', async () => {
    const { runId, url } = await asked(keyed, APPROVAL);
    const person = browser();
    await person.post(url, { proof: keyed.key('approver') });
    expect((await person.get(url)).text).toContain('Release it?');
    keyed.keys.revoke('approver-3');
    expect((await person.post(url, { 'answer.approved': 'true' })).status).toBe(401);
    expect(answeredBy(keyed, runId)).toEqual([]);
  });

  it('keeps to who may answer', async () => {
    const step = { ...APPROVAL.steps[0], approvals: 2, not_requester: true };
    const { runId, url } = await asked(keyed, { name: 'two', steps: [step] });
    const person = browser();
    const first = await person.answer(url, approver, { 'answer.approved': 'true' });
    expect(first.text).toContain('1 of 2 approved: http:approver-1');
    expect(first.text).toContain('somebody else has to');
    expect(first.text).not.toContain('<form');
    const other = await browser().answer(url, keyed.key('admin'), { 'answer.approved': 'true' });
    expect(other.text).toContain('Answered');
    expect(answeredBy(keyed, runId)).toMatchObject([{ by: 'http:admin-4' }]);
  });
});
