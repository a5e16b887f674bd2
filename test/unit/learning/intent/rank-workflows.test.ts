/** Which workflow an intent means: by its words where they stand, and by earlier runs with a goal like it. */
import { expect, test } from 'vitest';
import { IntentMemory } from '../../../../src/learning/intent/intent-memory.ts';
import { rankWorkflows, workflowDocument } from '../../../../src/learning/intent/rank-workflows.ts';

const document = (name: string, description: string, steps = '', inputs = '') =>
  workflowDocument(name, { name, description, steps, inputs, tags: '' });

const LIBRARY = [
  document('deploy-service', 'Bring a service to an environment', 'docker push', 'env replicas'),
  document('release-notes', 'Collect the commits since the last tag', 'git log git tag', 'tag file'),
  document('clean-up', 'Remove old files', 'deploy notes', ''),
];

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

test('a word in the name counts more than one in a step', () => {
  const names = rankWorkflows(LIBRARY, 'show notes', NONE, []).map(({ name }) => name);
  expect(names[0]).toBe('release-notes');
  expect(rankWorkflows(LIBRARY, 'deployment', NONE, [])[0]?.name).toBe('deploy-service');
});

test('confidence is a share: sure where all words fit, small where few do, none where nothing does', () => {
  const [sure] = rankWorkflows(LIBRARY, 'write release notes', NONE, []);
  const [half] = rankWorkflows(LIBRARY, 'notes on painting my garden fence', NONE, []);
  expect(sure?.name).toBe('release-notes');
  expect(sure?.confidence).toBeGreaterThan(0.5);
  expect(half?.confidence ?? 0).toBeLessThan(0.3);
  expect(rankWorkflows(LIBRARY, 'please run it', NONE, [])).toEqual([]);
  expect(rankWorkflows([], 'release', NONE, [])).toEqual([]);
});

test('a workflow that is called just so is meant, whatever its words are worth', () => {
  const library = [document('make-a-change', ''), document('ship-change', 'Make a change, and ship it')];
  const ranked = rankWorkflows(library, 'Make a change!', NONE, []);
  expect(ranked).toMatchObject([{ name: 'make-a-change', confidence: 2.5 / 3 }]);
  expect(rankWorkflows(library, 'make that change', NONE, [])[0]?.confidence).toBeLessThan(0.8);
});

test('values of its inputs speak for a workflow', () => {
  const plain = rankWorkflows(LIBRARY, 'service api staging', NONE, [])[0]?.confidence ?? 0;
  const claimed = new Map([['deploy-service', ['api', 'staging']]]);
  expect(rankWorkflows(LIBRARY, 'service api staging', claimed, [])[0]?.confidence).toBeGreaterThan(plain);
});

test('a word that is open to be a value makes nothing fit more than wholly', () => {
  const guessed = new Map([['release-notes', ['notes', 'berlin']]]);
  const [first] = rankWorkflows(LIBRARY, 'release notes of berlin', NONE, [], guessed);
  const [whole] = rankWorkflows(LIBRARY, 'release notes', NONE, []);
  expect(first?.confidence).toBeLessThanOrEqual(whole?.confidence ?? 0);
});

test('earlier runs with a goal like it outvote words, and are told with their endings', () => {
  const memory = new IntentMemory();
  for (const ending of ['succeeded', 'failed', 'succeeded'] as const)
    memory.learn({ workflow: 'clean-up', goal: 'tidy the release folder', ending, inputs: { depth: 3 } });
  memory.learn({ workflow: 'deploy-service', goal: 'something else entirely' });
  const near = memory.near('tidy release folders');
  const [first] = rankWorkflows(LIBRARY, 'tidy release folders', NONE, near);
  expect(first?.name).toBe('clean-up');
  expect(first?.uses.map(({ ending }) => ending).sort()).toEqual(['failed', 'succeeded', 'succeeded']);
  expect(memory.near('paint the fence')).toEqual([]);
});

test('nothing is surer than the number of earlier runs allows', () => {
  const after = (runs: number): number => {
    const memory = new IntentMemory();
    for (let run = 0; run < runs; run += 1)
      memory.learn({ workflow: 'clean-up', goal: 'clean the folder up' });
    const near = memory.near('clean the folder up');
    const [first] = rankWorkflows(LIBRARY, 'clean the folder up', NONE, near);
    return first?.confidenceMax ?? Number.NaN;
  };
  expect(after(0)).toBeLessThan(0.85);
  expect(after(5)).toBeLessThan(0.95);
  expect(after(20)).toBeGreaterThan(0.95);
  expect(after(50)).toBeLessThan(0.995);
});

test('values come back newest first, and a restored memory answers the same', () => {
  const memory = new IntentMemory();
  for (const env of ['staging', 'prod', 'staging'])
    memory.learn({ workflow: 'deploy-service', goal: `go to ${env}`, inputs: { env } });
  expect(memory.valuesOf('deploy-service', 'env')).toEqual(['staging', 'prod']);
  expect(memory.valuesOf('deploy-service', 'other')).toEqual([]);
  const restored = IntentMemory.restore(structuredClone(memory.snapshot()));
  expect(restored.near('go to prod')).toEqual(memory.near('go to prod'));
  expect(restored.valuesOf('deploy-service', 'env')).toEqual(['staging', 'prod']);
});

test('how often the best was right moves what is said of the next best', () => {
  const [trusted, distrusted] = [new IntentMemory(), new IntentMemory()];
  const before = trusted.trust(0.5, 0);
  for (let run = 0; run < 60; run += 1) {
    trusted.learnRank(0.5, true, true);
    distrusted.learnRank(0.5, true, run % 5 === 0);
  }
  expect(trusted.trust(0.5, 0)).toBeGreaterThan(Math.max(0.8, before));
  expect(distrusted.trust(0.5, 0)).toBeLessThan(0.35);
  expect(IntentMemory.restore(distrusted.snapshot()).trust(0.5, 0)).toBe(distrusted.trust(0.5, 0));
});
