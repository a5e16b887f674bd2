import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../../../src/definition/expression/evaluate.ts';
import type { Json } from '../../../../src/engine/core/model.ts';

let cwd = '';

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'belay-expression-'));
});
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const write = (path: string, text: string): void => {
  mkdirSync(join(cwd, path, '..'), { recursive: true });
  writeFileSync(join(cwd, path), text);
};
const outcome = (source: string): Json => {
  const result = evaluate(source, { names: {}, step: () => undefined, cwd, nowMs: 0 });
  return result.ok ? result.value : result.error.message;
};

describe('read and exists', () => {
  test('start at the scope folder and take regular files only', () => {
    write('a/b.txt', 'héllo');
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(cwd, 'pipe')]);
    expect(outcome("read('a/b.txt')")).toBe('héllo');
    expect(outcome("exists('a/b.txt') && exists('a') && !exists('a/c')")).toBe(true);
    expect(outcome("read('a/c')")).toContain('`a/c` cannot be read: there is no such file');
    expect(outcome("default(read('a/c'), 'none')")).toBe('none');
    expect(outcome("read('a')")).toContain('not a regular file');
    expect(outcome("read('pipe')")).toContain('not a regular file');
    expect(outcome("read('/dev/zero')")).toContain('not a regular file');
  });

  test('a file over the limit is refused', () => {
    write('big', 'x'.repeat(8 * 1024 * 1024 + 1));
    expect(outcome("read('big')")).toContain('more than the 8388608 that may be read');
  });
});

describe('hash_files', () => {
  test('changes with names and bytes of what matches, and with nothing else', () => {
    write('src/a.ts', '1');
    write('src/deep/er/b.ts', '2');
    const before = outcome("hash_files('src/**')");
    expect(outcome("hash_files('src/**/*.ts')")).toBe(before);
    expect(outcome("hash_files('{src,nope}/**/[a].ts')")).not.toBe(before);
    write('src/.hidden', 'x');
    write('other.ts', 'x');
    expect(outcome("hash_files('src/**')")).toBe(before);
    write('src/deep/er/b.ts', '3');
    expect(outcome("hash_files('src/**')")).not.toBe(before);
    expect(outcome("hash_files('src/*.ts')")).toBe(outcome("hash_files('./src/?.ts')"));
    expect(outcome("hash_files('nothing/**')")).toBe(outcome("hash('')"));
  });

  test('hostile globs end', () => {
    write(`many/${'a'.repeat(100)}`, '');
    expect(outcome(`hash_files('many/${'*a'.repeat(60)}b')`)).toBe(outcome("hash('')"));
    expect(outcome(`hash_files('${'{a,b}'.repeat(10)}')`)).toContain('too many alternatives');
  });
});

describe('parse_coverage', () => {
  test.each<[string, string, Json]>([
    [
      'cobertura.xml',
      '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "x.dtd"><!-- <coverage> --><coverage line-rate="0.5" branch-rate="0.25" lines-covered="171" lines-valid="200" branches-covered="1" branches-valid="3"><packages/></coverage>',
      { line_coverage: 85.5, branch_coverage: 33.33, lines_covered: 171, lines_total: 200 },
    ],
    [
      'rates.xml',
      "<coverage line-rate='0.875' branch-rate='0'></coverage>",
      { line_coverage: 87.5, branch_coverage: 0 },
    ],
    [
      'lcov.info',
      'TN:\nSF:a.js\nFNF:2\nFNH:1\nLF:10\nLH:8\nBRF:4\nBRH:1\nend_of_record\nSF:b.js\nLF:10\nLH:9\nend_of_record\n',
      { line_coverage: 85, branch_coverage: 25, function_coverage: 50, lines_covered: 17, lines_total: 20 },
    ],
    [
      'coverage-summary.json',
      '{"total": {"lines": {"total": 10, "covered": 9, "pct": 90}, "branches": {"pct": 80}, "functions": {"pct": "Unknown"}, "statements": {"pct": 91.5}}}',
      { line_coverage: 90, branch_coverage: 80, statement_coverage: 91.5, lines_covered: 9, lines_total: 10 },
    ],
  ])('%s', (file, text, expected) => {
    write(file, text);
    expect(outcome(`parse_coverage('${file}')`)).toEqual(expected);
  });

  test.each([
    '',
    'hello',
    '{}',
    '{',
    '{"total": null}',
    '<html></html>',
    '<coverage',
    '<coverage></coverage>',
  ])('refuses %j', (text) => {
    write('wrong', text);
    expect(outcome("parse_coverage('wrong')")).toMatch(/is no coverage report|is not complete XML/);
  });
});

describe('parse_junit', () => {
  test('counts the cases themselves', () => {
    write(
      'junit.xml',
      `<testsuites tests="99"><testsuite name="a &lt; b"><testcase name="x > y" time="0.5"/>
      <testcase name="2" time="1.25"><failure message="no"><![CDATA[<testcase>]]></failure><system-out/></testcase>
      <testcase name="3"><error/></testcase><testcase name="4"><skipped/></testcase></testsuite></testsuites>`,
    );
    expect(outcome("parse_junit('junit.xml')")).toEqual({
      tests: 4,
      failures: 1,
      errors: 1,
      skipped: 1,
      passed: 1,
      time: 1.75,
    });
    expect(outcome("parse_junit('junit.xml').failures == 1")).toBe(true);
  });

  test.each([
    ['entities', '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite>&a;</testsuite>', 'internal DTD'],
    ['nesting', '<testsuite>'.repeat(5_000), 'nested deeper'],
    ['no end', `<testsuite ${'a="'.repeat(50_000)}`, 'not complete XML'],
    ['long attribute run', `<testsuite ${'a'.repeat(500_000)}`, 'not complete XML'],
    ['another format', '<coverage></coverage>', 'is no JUnit report'],
  ])('hostile XML: %s', (_, text, message) => {
    write('hostile.xml', text);
    expect(outcome("parse_junit('hostile.xml')")).toContain(message);
  });
});
