import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader, type LongLine } from '../../../src/mcp/line-reader.ts';

function reader(bytesMax: number) {
  const lines: string[] = [];
  const long: LongLine[] = [];
  const sink = { line: (text: string) => lines.push(text), longLine: (line: LongLine) => long.push(line) };
  return { lines, long, reader: new LineReader(bytesMax, sink) };
}

describe('LineReader', () => {
  it('finds the same lines however the bytes are cut', () => {
    const text = fc.array(
      fc.string({ unit: 'binary', maxLength: 40 }).map((line) => line.replace(/\s/g, '_')),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (expected, step) => {
        const { lines, reader: under } = reader(1_000);
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        for (let at = 0; at < bytes.length; at += step) under.push(bytes.subarray(at, at + step));
        expect(lines).toEqual(
          expected.filter((line) => line !== '').map((line) => Buffer.from(line).toString()),
        );
      }),
    );
  });

  it('drops a line over the limit, keeps its ends and goes on with the next', () => {
    const { lines, long, reader: under } = reader(1_000);
    const body = 'x'.repeat(999);
    under.push(Buffer.from(`{"id":7,"${body}`));
    under.push(Buffer.from(`${body}","id":8}\nnext\n`));
    expect(lines).toEqual(['next']);
    expect(long).toHaveLength(1);
    expect(long[0]?.bytes).toBe(999 * 2 + 18);
    expect(long[0]?.head.startsWith('{"id":7,')).toBe(true);
    expect(long[0]?.tail.endsWith('"id":8}')).toBe(true);
    expect(long[0]?.head.length).toBeLessThan(300);
  });

  it('takes a line of exactly the limit', () => {
    const { lines, long, reader: under } = reader(4);
    under.push(Buffer.from('1234\n12345\n'));
    expect(lines).toEqual(['1234']);
    expect(long).toHaveLength(1);
  });

  it('takes what is left at the end of the stream, without line endings and blank lines', () => {
    const { lines, reader: under } = reader(100);
    under.push(Buffer.from('a\r\n\r\n  \nb'));
    under.end();
    under.end();
    expect(lines).toEqual(['a', 'b']);
  });
});
