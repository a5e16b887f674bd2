/** Notifications over HTTP: what a Slack-compatible and any other webhook are sent, and what nobody gets to see. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { web } from '../http/web.ts';
import { refusal, told } from './notifying.ts';

const fine = () => web((_, response) => response.end('ok'));
const bodies = (seen: readonly { readonly body: string }[]) =>
  seen.map(({ body }) => JSON.parse(body) as unknown);

test('Slack: text with the title above it, and members of its own', async () => {
  const { origin, seen } = await fine();
  const values = { key: 'T0/B0/xyz', n: 3, room: '#ops' };
  const slack = { url: `${origin}/services/{{ key }}`, json: { channel: '{{ room }}' } };
  const outputs = await told({ title: 'Done', message: '{{ n }} of 3', slack }, { values });
  expect(seen).toMatchObject([
    { method: 'POST', url: '/services/T0/B0/xyz', headers: { 'content-type': 'application/json' } },
  ]);
  expect(bodies(seen)).toEqual([{ text: '*Done*\n3 of 3', channel: '#ops' }]);
  expect(outputs).toEqual({ sent: [{ to: 'slack', status: 200 }] });
});

test('Slack: no value mentions a channel or hides a link', async () => {
  const { origin, seen } = await fine();
  const values = { evil: '<!channel> <https://evil.example|here> & so on' };
  await told({ message: '{{ evil }}', slack: `${origin}/` }, { values });
  expect(bodies(seen)).toEqual([{ text: '&lt;!channel&gt; &lt;https://evil.example|here&gt; &amp; so on' }]);
});

test('what a value holds is not read as a template', async () => {
  const { origin, seen } = await fine();
  const values = { message: '{{ env.TOKEN }}', 'env.TOKEN': 'secret' };
  const config = { message: '{{ message }}' };
  await told({ ...config, slack: `${origin}/` }, { values });
  await told({ ...config, webhook: { url: `${origin}/` } }, { values });
  expect(seen).toHaveLength(2);
  for (const { body } of seen) expect(body).not.toContain('secret');
});

test('a webhook: title, message, run and step, or JSON of its own, with headers and a login', async () => {
  const { origin, seen } = await fine();
  const values = { n: 3, t: 's3cret' };
  const webhook = { url: `${origin}/hook`, headers: { 'X-N': '{{ n }}' }, auth: { bearer: '{{ t }}' } };
  await told({ title: 'T', message: 'm {{ n }}', webhook }, { values });
  await told({ webhook: { url: `${origin}/hook`, method: 'PUT', json: { n: '{{ n }}' } } }, { values });
  expect(bodies(seen)).toEqual([{ title: 'T', message: 'm 3', run_id: 'run-1', step: 'subject' }, { n: 3 }]);
  expect(seen).toMatchObject([
    { method: 'POST', headers: { 'x-n': '3', authorization: 'Bearer s3cret' } },
    { method: 'PUT', headers: { 'content-type': 'application/json' } },
  ]);
});

test.each<[number, string]>([
  [400, 'final'],
  [404, 'final'],
  [429, 'again'],
  [503, 'again'],
])('an answer with status %i: %s, and no word of path or query', async (status, retry) => {
  const { origin } = await web((request, response) => {
    response.statusCode = status;
    response.end(`you asked ${request.url}`);
  });
  const values = { key: 'T0/B0/xyz' };
  for (const target of [
    { slack: `${origin}/services/{{ key }}?token=abcdef` },
    { webhook: { url: `${origin}/services/{{ key }}?token=abcdef` } },
  ]) {
    const failure = await refusal({ message: 'm', ...target }, { values });
    expect(failure).toMatchObject({ code: 'status', retry, data: { status } });
    expect(failure.message).toContain(`status ${status}, expected 2xx`);
    expect(JSON.stringify(failure)).not.toMatch(/xyz|abcdef/);
  }
});

test.each(['/services/xyz', '/1', '/1?key=xyz', '/127.0.0.1:1/127'])(
  'nobody listens, and the host is named whole and without its path: %s',
  async (path) => {
    const failure = await refusal({ message: 'm', slack: `http://127.0.0.1:1${path}` });
    expect(failure).toMatchObject({ code: 'unreachable', retry: 'again' });
    expect(failure.message).toBe('`http://127.0.0.1:1/***` cannot be reached: nothing listens there');
  },
);

test('an answer that leads elsewhere is none: the message did not arrive', async () => {
  const other = await fine();
  const { origin } = await web((_, response) => {
    response.writeHead(302, { location: `${other.origin}/login` });
    response.end();
  });
  const failure = await refusal({ message: 'm', slack: `${origin}/` });
  expect(failure).toMatchObject({ code: 'redirect', retry: 'final' });
  expect(other.seen).toEqual([]);
});

test.each<[JsonObject, string]>([
  [{ slack: '{{ url }}' }, 'slack'],
  [{ webhook: { url: '{{ url }}' } }, 'webhook'],
])('a URL that is a secret leads to no private address, unless that is allowed: %j', async (target) => {
  const { origin, seen } = await fine();
  const values = { url: `${origin}/x` };
  expect(await refusal({ message: 'm', ...target }, { values })).toMatchObject({ code: 'address_refused' });
  expect(seen).toEqual([]);
  await told({ message: 'm', ...target, allow_private: true }, { values });
  expect(seen).toHaveLength(1);
});
