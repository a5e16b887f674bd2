import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CollectivePrior, shrunk } from '../../../src/learning/pack/collective-prior.ts';
import { countSessions } from '../../../src/learning/pack/count-sessions.ts';
import { mergePacks, type Pack, type PackSource, weighPack } from '../../../src/learning/pack/pack.ts';
import { packDocument, readPackDocument } from '../../../src/learning/pack/pack-document.ts';
import { packTemplate } from '../../../src/learning/pack/pack-template.ts';

const template = fc.constantFrom('git status', 'git add <path>', 'npm test', '__proto__', 'constructor');
const counts = fc.array(fc.tuple(template, fc.nat(50)), { maxLength: 4 }).map((rows) => new Map(rows));
const source: fc.Arbitrary<PackSource> = fc.record({
  epoch: fc.nat(2),
  weight: fc.constantFrom(0, 0.25, 0.5, 1),
  commands: counts,
  follows: fc.array(fc.tuple(template, counts), { maxLength: 3 }).map((rows) => new Map(rows)),
});
const name = fc.constantFrom('a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32));
const pack: fc.Arbitrary<Pack> = fc
  .array(fc.tuple(name, source), { maxLength: 3 })
  .map((rows) => new Map(rows));
/** With the keys in order, so that only what is in it counts. */
const content = (one: Pack): unknown => packDocument(one).sha256;

describe('merging', () => {
  test('the order of packs does not matter, nor how often one comes', () => {
    fc.assert(
      fc.property(pack, pack, pack, (a, b, c) => {
        expect(content(mergePacks(a, b))).toBe(content(mergePacks(b, a)));
        expect(content(mergePacks(mergePacks(a, b), c))).toBe(content(mergePacks(a, mergePacks(b, c))));
        expect(content(mergePacks(mergePacks(a, b), b))).toBe(content(mergePacks(a, b)));
      }),
      { numRuns: 300 },
    );
  });

  test('a source that has forgotten something replaces what it said before', () => {
    const follows = new Map();
    const before: PackSource = {
      epoch: 1,
      weight: 1,
      commands: new Map([
        ['a', 9],
        ['b', 2],
      ]),
      follows,
    };
    const after: PackSource = { epoch: 2, weight: 1, commands: new Map([['b', 2]]), follows };
    const [old, fresh] = [before, after].map((each): Pack => new Map([['a'.repeat(32), each]])) as [
      Pack,
      Pack,
    ];
    for (const merged of [mergePacks(old, fresh), mergePacks(fresh, old)])
      expect([...(merged.get('a'.repeat(32))?.commands ?? [])]).toEqual([['b', 2]]);
  });

  test('a weight bounds how far a pack is trusted', () => {
    fc.assert(
      fc.property(pack, (each) => {
        for (const { weight } of weighPack(each, 0.3).values()) expect(weight).toBeLessThanOrEqual(0.3);
      }),
    );
  });
});

describe('the document', () => {
  test('comes back as it was, through JSON', () => {
    fc.assert(
      fc.property(pack, (each) => {
        const read = readPackDocument(JSON.parse(JSON.stringify(packDocument(each), null, 2)));
        expect(read.ok && content(read.value)).toBe(content(each));
      }),
    );
  });

  const document = () =>
    JSON.parse(
      JSON.stringify(
        packDocument(
          new Map([
            ['a'.repeat(32), { epoch: 0, weight: 1, commands: new Map([['ls', 3]]), follows: new Map() }],
          ]),
        ),
      ),
    );

  test('a changed one is refused, whatever was changed', () => {
    for (const change of [
      (raw: ReturnType<typeof document>) => (raw.sources['a'.repeat(32)].commands.ls = 4),
      (raw: ReturnType<typeof document>) => (raw.sources['b'.repeat(32)] = raw.sources['a'.repeat(32)]),
      (raw: ReturnType<typeof document>) => (raw.more = 1),
      (raw: ReturnType<typeof document>) => (raw.sha256 = 'x'),
    ]) {
      const raw = document();
      change(raw);
      const read = readPackDocument(raw);
      expect(!read.ok && read.error.code).toBe('pack_changed');
    }
  });

  test('a newer one is refused by its version', () => {
    const read = readPackDocument({ ...document(), version: 2 });
    expect(!read.ok && read.error).toMatchObject({ code: 'pack_newer', message: /version 2/ });
  });

  test('anything else is refused without harm', () => {
    const odd = packDocument(
      new Map([
        ['a'.repeat(32), { epoch: -1, weight: 7, commands: new Map([['', 1.5]]), follows: new Map() }],
      ]),
    );
    for (const value of [odd, null, 1, [], {}, { format: 'belay-learning-pack' }]) {
      const read = readPackDocument(value);
      expect(!read.ok && read.error.code).toBe('pack_invalid');
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readPackDocument(value).ok).toBe(false);
      }),
    );
  });
});

test.each([
  ['git commit -m "fix the secret thing"', 'git commit -m <text>'],
  ['npm run build', 'npm run build'],
  ['npm run acme-internal', 'npm run <name>'],
  ['make deploy-acme', 'make <name>'],
  ['python -m acme.tool --fast=3', 'python -m <name> --fast=<value>'],
  ['cat customers.csv | grep smith | head -5', 'cat <path> | grep <word> | head -<number>'],
  ['./run-acme.sh --fast', ''],
  ['ACME_TOKEN=x acme deploy prod', 'acme <word>'],
])('a pack says of `%s` no more than `%s`', (command, shown) => {
  expect(packTemplate(command)).toBe(shown);
});

describe('counting', () => {
  const steps = (...commands: string[]) => ({ steps: commands.map((command) => ({ command })) });

  test('what follows what, without what came only once and without values', () => {
    const session = steps('git add a.ts', 'git commit -m "one"', 'npm test');
    const { commands, follows } = countSessions([session, session, steps('git add b', 'acmetool x')], 4);
    expect([...commands]).toEqual([
      ['git add <path>', 2],
      ['git commit -m <text>', 2],
      ['npm test', 2],
    ]);
    expect(follows.get('')?.get('git add <path>')).toBe(2);
    expect(follows.get('git add <path>')?.get('git commit -m <text>')).toBe(2);
  });

  test('what others ran next, as far as they are trusted, the own counts left out', () => {
    const session = steps('git add a.ts', 'git commit -m "one"');
    const other = steps('git add a.ts', 'git status');
    const mine = countSessions([other, other], 0);
    const theirs = countSessions([session, session, other, other, other], 0);
    const collective: Pack = new Map([
      ['a'.repeat(32), mine],
      ['b'.repeat(32), { ...theirs, weight: 0.5 }],
    ]);
    const next = new CollectivePrior(collective, 'a'.repeat(32)).after('git add z.ts', 5);
    expect(next).toEqual([
      { template: 'git status', share: 0.6, times: 1.5, sources: 1 },
      { template: 'git commit -m <text>', share: 0.4, times: 1, sources: 1 },
    ]);
    expect(new CollectivePrior(collective).after('./acme.sh', 5)).toEqual([]);
  });

  test('own counts outweigh the collective as they grow', () => {
    expect(shrunk(0, 0, 0.6)).toBeCloseTo(0.6);
    expect(shrunk(8, 8, 0)).toBeCloseTo(0.5);
    expect(shrunk(800, 800, 0)).toBeGreaterThan(0.98);
  });
});
