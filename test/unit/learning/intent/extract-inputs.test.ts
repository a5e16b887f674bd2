/** Which values an intent names: by name, choice, earlier value, pattern, type; and what is better left open. */
import { describe, expect, test } from 'vitest';
import type { InputSpec, Json } from '../../../../src/engine/core/model.ts';
import { extractInputs } from '../../../../src/learning/intent/extract-inputs.ts';

const need = (spec: Partial<InputSpec>): InputSpec => ({ type: 'string', required: true, ...spec });

const DEPLOY = {
  service: need({}),
  env: need({ enum: ['staging', 'prod'] }),
  replicas: need({ type: 'integer', required: false }),
};

function fits({ type, enum: choices, pattern }: InputSpec, value: Json): boolean {
  if (choices && !choices.includes(value)) return false;
  if (type === 'integer' && !Number.isInteger(value)) return false;
  return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(String(value));
}

function found(
  intent: string,
  specs: { readonly [name: string]: InputSpec },
  { earlier = {}, own = [] }: { earlier?: { [name: string]: readonly Json[] }; own?: readonly string[] } = {},
): { readonly [name: string]: Json } {
  const isOwn = (word: string) => own.includes(word);
  const values = extractInputs(intent, { specs, fits, isOwn, earlier: (name) => earlier[name] ?? [] });
  return Object.fromEntries([...values].map(([name, { value }]) => [name, value]));
}

describe('names, numbers and choices', () => {
  const cases: readonly [string, { readonly [name: string]: Json }][] = [
    ['deploy to staging with 3 replicas', { env: 'staging', replicas: 3 }],
    ['deploy to Production, replicas: 5', { env: 'prod', replicas: 5 }],
    ['replicas=2 env=prod service=web', { replicas: 2, env: 'prod', service: 'web' }],
    ['--service web --env prod', { service: 'web', env: 'prod' }],
    ['the service is web, with three replicas.', { service: 'web', replicas: 3 }],
    ['deploy to staging or prod', {}],
    ['set replicas to many', {}],
    ['replicas=2.5', {}],
    ['use 2 or 3 replicas', {}],
    ['', {}],
  ];
  test.each(cases)('%s', (intent, expected) => {
    expect(found(intent, DEPLOY)).toEqual(expected);
  });
});

test('a word is the value of one input', () => {
  const specs = { from: need({ enum: ['a1', 'b1'] }), to: need({ enum: ['a1', 'b1'] }) };
  expect(found('copy a1', specs)).toEqual({ from: 'a1' });
});

test('a value that it had before is known again', () => {
  expect(found('deploy API to prod', DEPLOY, { earlier: { service: ['web', 'api'] } })).toEqual({
    service: 'api',
    env: 'prod',
  });
});

test('the only word left is taken where one value is missing, and the intent says more than that', () => {
  expect(found('deploy api to prod', DEPLOY, { own: ['deploy'] })).toEqual({ service: 'api', env: 'prod' });
  expect(found('deploy api web to prod', DEPLOY, { own: ['deploy'] })).toEqual({ env: 'prod' });
  expect(found('deploy', DEPLOY)).toEqual({});
  expect(found('publish service notes', { tag: need({}) }, { own: ['service', 'notes'] })).toEqual({});
  expect(found('hello', { service: need({}) })).toEqual({});
  expect(found('deploy with 3 replicas', { tag: need({}) }, { own: ['deploy', 'with'] })).toEqual({});
});

test('switches are turned on and off', () => {
  const specs = { dry_run: need({ type: 'boolean' }), cache: need({ type: 'boolean' }) };
  expect(found('a dry run without cache', specs)).toEqual({ dry_run: true, cache: false });
  expect(found('do not use the cache', specs)).toEqual({ cache: false });
  expect(found('do a dry run', specs)).toEqual({ dry_run: true });
  expect(found('cache=no dry-run: yes', { cache: specs.cache, 'dry-run': specs.dry_run })).toEqual({
    cache: false,
    'dry-run': true,
  });
});

test('patterns and types pick the one word that fits, and nothing where two do', () => {
  const specs = { tag: need({ pattern: 'v\\d.*' }), repository: need({ type: 'file' }), title: need({}) };
  expect(found('release v1.4.0 of ./shop as "The Big One"', specs)).toEqual({
    tag: 'v1.4.0',
    repository: './shop',
    title: 'The Big One',
  });
  expect(found('release v1 and v2 of ./a and ./b', { tag: specs.tag, repository: specs.repository })).toEqual(
    {},
  );
  expect(found('merge fix/sum', { repository: specs.repository })).toEqual({});
});

test('any text is read in bounded time', () => {
  const words = Array.from({ length: 20_000 }, (_, at) => `service${at}=x`).join(' ');
  expect(found(words, DEPLOY)).toEqual({});
  expect(found(`"${'`'.repeat(1_000)}`, DEPLOY)).toEqual({});
});

test('the only number is that of the only input that needs one', () => {
  const specs = { number: need({ type: 'integer' }), tries: need({ type: 'integer', required: false }) };
  expect(found('fix bug 9', specs)).toEqual({ number: 9 });
  expect(found('fix bug 9 or 10', specs)).toEqual({});
  expect(found('fix bug 9.5', specs)).toEqual({});
  expect(found('deploy 3', DEPLOY)).toEqual({});
  expect(found('add 1', { a: need({ type: 'number' }), b: need({ type: 'number' }) })).toEqual({});
});

test('a list may stand before its name', () => {
  const specs = { regions: need({ type: 'array' }) };
  expect(found('deploy to eu,us regions', specs)).toEqual({ regions: ['eu', 'us'] });
  expect(found('deploy to all regions', specs)).toEqual({});
});

test('a value that any word could be is a guess, and a word that joins is none', () => {
  const specs = { ...DEPLOY, tag: need({ pattern: 'v\\d.*' }), package: need({ pattern: '[a-z0-9_]+' }) };
  const question = { specs, fits, isOwn: () => false, earlier: () => [] };
  const guesses = (intent: string) => {
    const values = extractInputs(intent, question);
    return [...values].map(([name, { isGuess = false }]) => [name, isGuess]);
  };
  expect(guesses('deploy service web_1 at v1.2 to prod')).toEqual([
    ['env', false],
    ['service', true],
    ['tag', false],
  ]);
  expect(guesses('update pg_dump')).toEqual([['package', true]]);
  expect(found('bump packages and run tests', { package: need({}) })).toEqual({});
});

test('a value that is named and may not be given is told', () => {
  const told: [string, Json][] = [];
  const question = { specs: DEPLOY, fits, isOwn: () => false, earlier: () => [] };
  const misfit = (name: string, value: Json) => told.push([name, value]);
  extractInputs('deploy env=test with 2.5 replicas', { ...question, misfit });
  expect(told).toEqual([
    ['env', 'test'],
    ['replicas', 2.5],
  ]);
});
