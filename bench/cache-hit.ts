/**
 * What a kept result costs: milliseconds for each step that an earlier result stands for, files or none, and how many
 * of its steps a workflow that runs again as it was is given.
 */
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scratch, scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { median, timed } from './measure.ts';

const STEPS = 100;
const ROUNDS = 5;
const AIM_MS = 5;
const AIM_RATE = 0.7;
const FILE_BYTES = 256 * 1024;

/** Each makes something of its own. */
const stepsOf = (command: (index: number) => string, cache: (index: number) => object) =>
  Array.from({ length: STEPS }, (_, index) => ({
    id: `s${index}`,
    command: command(index),
    outputs: { said: '{{ trim(stdout) }}' },
    ...cache(index),
  }));

const cachedIn = (view: { readonly steps: readonly { readonly status: string }[] }): number =>
  view.steps.filter(({ status }) => status === 'cached').length;

/** Milliseconds a step of runs whose steps are all hits. */
async function hitMs(scratch: Scratch, definition: object, before: () => void = () => {}): Promise<number> {
  await scratch.run(definition);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    before();
    times.push(
      await timed(async () => {
        const hits = cachedIn(await scratch.run(definition));
        if (hits !== STEPS) throw new Error(`${hits} of ${STEPS} steps were hits`);
      }),
    );
  }
  return median(times) / STEPS;
}

/** What reading, checking and writing the same bytes costs without Belay. */
async function bareMs(folder: string): Promise<number> {
  const source = join(folder, 'source');
  const copies = join(folder, 'copies');
  writeFileSync(source, Buffer.alloc(FILE_BYTES, 'x'));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(copies, { recursive: true, force: true });
    mkdirSync(copies);
    times.push(
      await timed(() => {
        for (let index = 0; index < STEPS; index += 1) {
          const bytes = readFileSync(source);
          hash('sha256', bytes);
          writeFileSync(join(copies, `${index}.new`), bytes);
          renameSync(join(copies, `${index}.new`), join(copies, String(index)));
        }
      }),
    );
  }
  return median(times) / STEPS;
}

export const cacheHit: Measure = {
  name: 'cache-hit',
  aim: '<= 1',
  async run() {
    const scratch = scratchBelay();
    try {
      const plain = {
        name: 'plain',
        checkpoints: false,
        steps: stepsOf(
          (index) => `echo ${index}`,
          () => ({ use_cache: true }),
        ),
      };
      const plainMs = await hitMs(scratch, plain);
      const out = join(scratch.folder, 'out');
      const files = {
        name: 'files',
        checkpoints: false,
        steps: stepsOf(
          (index) =>
            `mkdir -p out; head -c ${FILE_BYTES} /dev/zero | tr '\\0' x > out/${index}; echo ${index}`,
          (index) => ({ cache: { paths: [`out/${index}`] } }),
        ),
      };
      const filesMs = await hitMs(scratch, files, () => rmSync(out, { recursive: true, force: true }));
      const bare = await bareMs(scratch.folder);
      const worst = Math.max(plainMs, filesMs - bare);
      return {
        ratio: worst / AIM_MS,
        detail: `${plainMs.toFixed(2)} ms a hit, ${filesMs.toFixed(2)} ms with a file of ${FILE_BYTES / 1024} KB (${bare.toFixed(2)} ms bare), aim ${AIM_MS} beyond the bytes`,
      };
    } finally {
      scratch.close();
    }
  },
};

/** A build as people write one: sources, a step for each part, what is made of them, and steps that run each time. */
const BUILD = {
  name: 'build',
  checkpoints: false,
  steps: [
    {
      id: 'version',
      command: 'cat version',
      cache: { files: ['version'] },
      outputs: { it: '{{ trim(stdout) }}' },
    },
    {
      id: 'compile',
      foreach: ['a', 'b', 'c', 'd'],
      max_parallel: 4,
      command: 'mkdir -p out && tr a-z A-Z < src/{{ item }} > out/{{ item }}',
      cache: { files: ['src/{{ item }}'], paths: ['out'] },
    },
    { id: 'link', command: 'cat out/* > app', cache: { files: ['out/?'], paths: ['app'] } },
    { id: 'test', command: 'grep -q ONE app', cache_key: "{{ hash_files('app') }}" },
    { id: 'stamp', command: 'date +%N > stamp' },
    { id: 'pack', command: 'cat app stamp > pack', cache: { files: ['app', 'stamp'], paths: ['pack'] } },
  ],
};

export const cacheRate: Measure = {
  name: 'cache-rate',
  aim: '<= 1',
  async run() {
    const scratch = scratchBelay();
    try {
      mkdirSync(join(scratch.folder, 'src'));
      writeFileSync(join(scratch.folder, 'version'), '1');
      for (const name of ['a', 'b', 'c', 'd'])
        writeFileSync(join(scratch.folder, 'src', name), `one ${name}`);
      await scratch.run(BUILD);
      for (const name of ['out', 'app', 'pack'])
        rmSync(join(scratch.folder, name), { recursive: true, force: true });
      const { steps } = await scratch.run(BUILD);
      const tasks = steps.filter(({ type, id }) => type === 'shell' && id !== 'stamp');
      const rate = cachedIn({ steps: tasks }) / tasks.length;
      return {
        ratio: AIM_RATE / rate,
        detail: `${Math.round(rate * 100)} % hits (${cachedIn({ steps: tasks })} of ${tasks.length} steps that may be kept; one of them depends on what changes each time), aim ${AIM_RATE * 100} %`,
      };
    } finally {
      scratch.close();
    }
  },
};
