/** An ssh step on a kept connection, against a raw exec of the same strict bash on a kept connection of ssh2. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { JsonObject } from '../src/engine/core/model.ts';
import { sshStep } from '../src/steps/ssh.step.ts';
import { fakeCall } from '../test/unit/steps/fake-call.ts';
import { fakeContext } from '../test/unit/steps/fake-context.ts';
import { startSshd, USER } from '../test/unit/steps/ssh/start-sshd.ts';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const COMMANDS = 50;

const raw = (client: ssh2.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.exec('bash -euo pipefail -c true', (error, channel) => {
      if (error) reject(error);
      else channel.on('close', () => resolve()).resume();
    });
  });

async function step(config: JsonObject): Promise<void> {
  const begun = sshStep.begin(fakeContext({ type: 'ssh', config }));
  if (!begun.ok || begun.value.kind !== 'call') throw new Error(JSON.stringify(begun));
  const outcome = await sshStep.perform?.(begun.value.call, fakeCall());
  if (!outcome?.ok) throw new Error(JSON.stringify(outcome));
}

const repeatedly = async (act: () => Promise<void>): Promise<void> => {
  for (let command = 0; command < COMMANDS; command += 1) await act();
};

export const sshKept: Measure = {
  name: 'ssh-kept',
  aim: '<= 1.3',
  async run() {
    const server = await startSshd({ folder: mkdtempSync(join(tmpdir(), 'belay-ssh-bench-')) });
    const client = new ssh2.Client();
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('ready', resolve).once('error', reject);
        client.connect({
          host: '127.0.0.1',
          port: server.port,
          username: USER,
          privateKey: readFileSync(server.keyFile),
        });
      });
      client.setNoDelay(true);
      const config = { ...server.fields, command: 'true' };
      const { ratio, oursMs, baselineMs } = await paired(
        9,
        () => repeatedly(() => step(config)),
        () => repeatedly(() => raw(client)),
      );
      const each = (ms: number): string => (ms / COMMANDS).toFixed(2);
      return { ratio, detail: `${each(oursMs)} ms a command against ${each(baselineMs)} ms of a raw exec` };
    } finally {
      client.end();
      await server.stop();
      rmSync(server.folder, { recursive: true, force: true });
    }
  },
};
