/** Who is asked, and which key goes where. */
import { describe, expect, test } from 'vitest';
import { type Choice, chooseProviders } from '../../../../src/steps/agent/choose-providers.ts';

const chosen = (choice: Partial<Choice>) =>
  chooseProviders({
    written: undefined,
    model: undefined,
    temperature: undefined,
    run: {},
    host: {},
    which: () => undefined,
    ...choice,
  });

const found = (choice: Partial<Choice>) => {
  const providers = chosen(choice);
  if (!providers.ok) throw new Error(providers.error.message);
  return providers.value;
};

describe('where none is written', () => {
  test('the caller, who needs no key', () => {
    expect(found({})).toEqual([{ kind: 'caller' }]);
    expect(found({ host: { OPENAI_API_KEY: 'k' } })).toEqual([{ kind: 'caller' }]);
  });

  test('what the environment configures, else the caller', () => {
    const host = { OPENAI_BASE_URL: 'http://local:1/v1', OPENAI_MODEL: 'small', ANTHROPIC_API_KEY: 'k' };
    expect(found({ host, model: 'claude-x' })).toEqual([
      { kind: 'openai', baseUrl: 'http://local:1/v1', model: 'small' },
      { kind: 'anthropic', baseUrl: 'https://api.anthropic.com', model: 'claude-x', key: 'k' },
      { kind: 'caller' },
    ]);
    expect(found({ host: { ...host, OPENAI_API_KEY: 'o' }, model: 'big' })).toEqual([
      { kind: 'openai', baseUrl: 'http://local:1/v1', model: 'big', key: 'o' },
      { kind: 'caller' },
    ]);
  });
});

describe('a key of the host', () => {
  const host = { OPENAI_API_KEY: 'of-the-host', ANTHROPIC_API_KEY: 'of-the-host', ANTHROPIC_MODEL: 'm' };
  const which = () => '/bin/claude';

  test('does not go where the definition says', () => {
    const written = [
      { provider: 'openai', base_url: 'http://else:1', model: 'm' } as const,
      'caller' as const,
    ];
    expect(JSON.stringify(found({ written, host }))).not.toContain('of-the-host');
    const run = { OPENAI_BASE_URL: 'http://else:1', ANTHROPIC_BASE_URL: 'http://else:2' };
    for (const one of ['openai', 'anthropic', 'claude_code'] as const)
      expect(JSON.stringify(found({ written: [one, 'caller'], model: 'm', run, host, which }))).not.toContain(
        'of-the-host',
      );
  });

  test('is not what `key_env` names: the run has to declare it', () => {
    const written = [{ provider: 'openai', base_url: 'http://x:1', model: 'm', key_env: 'MINE' } as const];
    const refused = chosen({ written, host: { MINE: 'of-the-host' } });
    expect(refused).toMatchObject({ ok: false, error: { code: 'no_provider' } });
    expect(JSON.stringify(refused)).toContain('prerequisites: [{ env: MINE }]');
    expect(found({ written, run: { MINE: 'declared' } })).toMatchObject([{ key: 'declared' }]);
  });

  test('goes to the service of its name', () => {
    expect(found({ written: ['anthropic', 'openai'], model: 'm', host })).toEqual([
      { kind: 'anthropic', baseUrl: 'https://api.anthropic.com', model: 'm', key: 'of-the-host' },
      { kind: 'openai', baseUrl: 'https://api.openai.com/v1', model: 'm', key: 'of-the-host' },
    ]);
  });
});

test('those that are not configured are passed over, and named when none is left', () => {
  const written = ['openai', 'anthropic', 'claude_code'] as const;
  expect(found({ written: [...written, 'caller'] })).toEqual([{ kind: 'caller' }]);
  const refused = chosen({ written });
  expect(refused).toMatchObject({ ok: false, error: { code: 'no_provider', retry: 'final' } });
  for (const name of written) expect(JSON.stringify(refused)).toContain(name);
});
