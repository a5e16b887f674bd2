import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  evaluate,
  evaluateCondition,
  render,
  renderText,
} from '../../../../src/definition/expression/evaluate.ts';
import type { Scope } from '../../../../src/definition/expression/scope.ts';
import type { Json, JsonObject } from '../../../../src/engine/core/model.ts';

const steps: { [id: string]: JsonObject } = {
  build: { status: 'succeeded', outputs: { size: 5, list: [1, 2, 3], name: 'app' } },
  'go-live': { status: 'skipped' },
};
const asked: string[] = [];
const scope: Scope = {
  names: {
    inputs: {
      a: 1,
      n: 7,
      half: 0.5,
      env: 'prod',
      target: 80,
      tags: ['x', 1, null],
      map: { k: { z: 1 } },
      none: null,
    },
    stdout: ' hi \n',
    item: 'one',
  },
  step: (id) => {
    asked.push(id);
    return Object.hasOwn(steps, id) ? steps[id] : undefined;
  },
  cwd: '/',
  nowMs: Date.UTC(2026, 0, 2),
};

const resultOf = (source: string): Json => {
  const result = evaluate(source, scope);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const failureOf = (source: string): string => {
  const result = evaluate(source, scope);
  if (result.ok) throw new Error(`${source} gave ${JSON.stringify(result.value)}`);
  expect(result.error).toMatchObject({ code: 'expression', retry: 'final' });
  return `${result.error.message} / ${result.error.hint ?? ''}`;
};

describe('values', () => {
  test.each<[string, Json]>([
    ['inputs.a + 1', 2],
    ['inputs.n * 2', 14],
    ['inputs.n / 2', 3.5],
    ['inputs.n % 2 == 1', true],
    ['7 / 2', 3],
    ['7.0 / 2', 3.5],
    ['-inputs.n', -7],
    ['size(inputs.tags) > 0', true],
    ['1.5 < 2', true],
    ['inputs.n == 7 && inputs.n != 8', true],
    ['inputs.half + 1 >= 1.5', true],
    ["inputs.env == 'prod' ? 'a' : 'b'", 'a'],
    ["inputs.tags == ['x', 1, null]", true],
    ["inputs.map == {'k': {'z': 1.0}}", true],
    ['inputs.env == 1 || inputs.env == null', false],
    ["'x' in inputs.tags && 1 in inputs.tags && 'k' in inputs.map", true],
    ["{'a': [1, inputs.a]}", { a: [1, 1] }],
    ['build.outputs.size < {{ inputs.target }}', true],
    ['{{ steps.build.outputs.size }} == 5 && {{ inputs.a }} == 1', true],
    ['{{ inputs.env }}', 'prod'],
    ["steps['go-live'].status", 'skipped'],
    ["steps['go' + '-live'].status", 'skipped'],
    ['inputs.tags[0] + item', 'xone'],
    ['inputs.tags[inputs.a]', 1],
    ['1..4', [1, 2, 3, 4]],
    ['range(2, 4)', [2, 3, 4]],
    ['range(3)', [0, 1, 2]],
    ['range(1, 0)', []],
    ['range(3).map(x, x > 0, x * 2)', [2, 4]],
    ['build.outputs.list.filter(x, x > 1).all(y, y in build.outputs.list)', true],
    [
      'range(2).map(x, range(2).map(y, x + y))',
      [
        [0, 1],
        [1, 2],
      ],
    ],
    ['range(2).map(x, range(2).exists(x, x == 1) && x < 2)', [true, true]],
    ['[1, 2].exists_one(x, x == 1)', true],
    ["inputs.map.map(key, key + '!')", ['k!']],
    ['has(inputs.map.k.z) && !has(inputs.nope.deeper)', true],
    ["default(inputs.nope.x, 'd') + default(inputs.none, 'n') + inputs.env.default('e')", 'dnprod'],
    ['true || inputs.nope', true],
    ['inputs.nope && false', false],
    ['trim(stdout) + stdout.trim()', 'hihi'],
    ["upper('a') + lower('B')", 'Ab'],
    ["lines('a\\r\\nb\\n')", ['a', 'b']],
    ["split('a,b', ',')", ['a', 'b']],
    ["join(['a', 1, true], '-')", 'a-1-true'],
    ["replace('a.a', '.', '-') + substring('héllo', 1, 2)", 'a-aé'],
    ["int('12') + int(3.9)", 15],
    ["double('1.5') + 1", 2.5],
    ['string(inputs.map) + string(1.0) + string(null)', '{"k":{"z":1}}1'],
    ["'abc'.startsWith('a') && 'abc'.contains('b') && matches('abc', '^a.c$')", true],
    ['now()', '2026-01-02T00:00:00.000Z'],
    ["hash('abc')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ["hash({'a': 1, 'b': 2}) == hash({'b': 2, 'a': 1})", true],
    ['json(\'{"a": [1]}\').a[0]', 1],
    ["yaml('a: [1, x]').a", [1, 'x']],
    ["'{{' + 'x' + '}}'", '{{x}}'],
  ])('%s', (source, expected) => {
    expect(resultOf(source)).toEqual(expected);
  });

  test('numbers of JSON come back as they went in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = evaluate('inputs.v', { ...scope, names: { inputs: { v: value as Json } } });
        expect(result).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('failures name the expression, what is missing and the nearest name', () => {
  test.each([
    ['inputs.ev', '`inputs.ev` is not there / did you mean env?'],
    ['input.env', '`input` is not known / did you mean inputs?'],
    ['steps.nope.outputs', 'step `nope` has no result'],
    ['sise(inputs.tags)', 'there is no function `sise` / did you mean size?'],
    ['inputs.tags[9]', 'the list has 3 items, found index `9`'],
    ['inputs.env.x', '`x` is read from string'],
    ["inputs.env = 'prod'", 'equality is written =='],
    ['inputs.a == 1 and inputs.n == 2', 'logic is written &&'],
    ["'{{ inputs.env }}' == 'prod'", 'write inputs.env without quotes'],
    ['inputs.env + 1', '`+` does not take string and number'],
    ['inputs.env < 1', '`<` does not take string and number'],
    ['inputs.a ? 1 : 2', 'needs true or false, found number'],
    ["'x' in inputs.env", 'text.contains(part)'],
    ['trim()', '`trim` takes 1 arguments, found 0'],
    ['1 / 0', 'division by zero'],
    ['9007199254740993', 'beyond 2^53'],
    ['9223372036854775807 + 1', 'overflows 64 bits'],
    ['steps', 'name a step'],
    ["yaml('a: &x 1\\nb: *x')", 'cannot read the text'],
    ["json('{')", 'cannot read the text'],
    ['', 'is empty'],
    ["b'x'", 'not supported'],
  ])('%s', (source, message) => {
    expect(failureOf(source)).toContain(message);
  });

  test('a condition says what it found', () => {
    expect(evaluateCondition('inputs.a == 1', scope)).toEqual({ ok: true, value: true });
    expect(evaluateCondition('inputs.env', scope)).toMatchObject({
      ok: false,
      error: { message: 'expression `inputs.env`: a condition is true or false, found string `prod`' },
    });
  });
});

describe('nothing of the host is reachable, and work is bounded', () => {
  test.each([
    'inputs.constructor',
    'inputs.__proto__',
    "inputs['__proto__']",
    "''.constructor",
    'inputs.tags.length',
    'constructor',
    '__proto__',
    'toString',
    'process',
    "steps['constructor']",
    "{'__proto__': 1}",
    'toString()',
    'constructor(1)',
    "inputs.hasOwnProperty('a')",
  ])('%s', (source) => {
    expect(evaluate(source, scope).ok).toBe(false);
  });

  test.each([
    ['range(10000).map(x, range(10000).map(y, range(10000)))', 'too much work'],
    ['range(100000)', 'at most 10000 items'],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, ''],
    [`${'1 +'.repeat(3_000)} 1`, 'too large'],
    ['x'.repeat(20_000), 'longer than 16384'],
    [`json('${'['.repeat(8_000)}${']'.repeat(8_000)}') == json('${'['.repeat(10)}${']'.repeat(10)}')`, ''],
    ["matches(inputs.env, '(a+)+$')", 'repeats a group'],
    ["matches(inputs.env, '(a|aa)*$')", 'repeats a group'],
    ["matches(inputs.env, '((ab)?c){2,}')", 'repeats a group'],
    ["matches(inputs.env, '(a)\\\\1')", 'refers back'],
    ["matches(inputs.env, '[')", 'cannot be read'],
    ["matches(join(range(10000), 'a'), '^a*a*a*a*b$')", 'too costly'],
  ])('%.60s', (source, message) => {
    const result = evaluate(source, scope);
    if (message !== '') expect(failureOf(source)).toContain(message);
    expect(result.ok && result.value).toBe(false);
  });

  test('only the steps that an expression refers to are asked for, once each', () => {
    asked.length = 0;
    resultOf("steps.build.outputs.size == 5 && build.outputs.name == 'app' && inputs.a == 1");
    expect(asked).toEqual(['build']);
  });
});

describe('templates', () => {
  test('a string that is one expression keeps its type, everything else is text', () => {
    const template = {
      list: '{{ inputs.tags }}',
      text: 'n={{ inputs.n }} {{ inputs.map }} {{ inputs.none }}.',
      nested: [1, true, null, { x: ' {{ inputs.n }}\n' }],
      literal: "{{ '{{' }} and }}",
      map: "{{ {'a': {'b': 1}} }}",
    };
    expect(render(template, scope)).toEqual({
      ok: true,
      value: {
        list: ['x', 1, null],
        text: 'n=7 {"k":{"z":1}} .',
        nested: [1, true, null, { x: 7 }],
        literal: '{{ and }}',
        map: { a: { b: 1 } },
      },
    });
  });

  test.each(['${{ inputs.a }}', '{{.Names}}', '{{ inputs.a', '{{ }}', '{{#each}}'])(
    '%s is refused',
    (template) => {
      expect(renderText(template, scope).ok).toBe(false);
      expect(render({ x: [template] }, scope).ok).toBe(false);
    },
  );

  test('hostile braces cost one pass, and a text has a bound of expressions', () => {
    expect(renderText('{{ {{{ }}'.repeat(20_000), scope).ok).toBe(false);
    expect(renderText('{{ inputs.a }}'.repeat(1_001), scope)).toMatchObject({
      ok: false,
      error: { message: 'a text holds at most 1000 `{{ }}`' },
    });
  });

  test('text without braces is itself', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('{{'));
        expect(renderText(text, scope)).toEqual({ ok: true, value: text });
      }),
    );
  });
});
