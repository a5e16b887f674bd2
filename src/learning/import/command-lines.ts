/**
 * Plain JSON Lines, two forms. A session a line: `commands` and, where known, `rc`, `desc` and `cwd` as lists of the same
 * length (`cwd` also one for all), `intent`, `ts`. Or a command a line: `command` and, where known, `exit_code`, `cwd`,
 * `at`, `duration_ms`, `intent`, `session`.
 */
import { exitCodeOf, type JsonRecord, listOf, recordOn, textOf, timeOf } from './json-line.ts';
import type { SessionBuilder } from './session-builder.ts';

export function readCommandLines(lines: Iterable<string>, to: SessionBuilder): void {
  let session: string | undefined;
  let isOpen = false;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const record = recordOn(line);
    if (record && Array.isArray(record.commands)) {
      readSession(record, to);
      to.close();
      isOpen = false;
    } else if (record && typeof record.command === 'string') {
      const name = textOf(record.session);
      if (name !== undefined && (name !== session || !isOpen))
        to.begin({ goal: textOf(record.goal), project: textOf(record.cwd), at: timeOf(record.at) });
      else if (name === undefined && isOpen) to.close();
      isOpen = name !== undefined;
      session = name;
      readCommand(record, record.command, isOpen, to);
    } else to.skip('broken');
  }
}

function readSession(record: JsonRecord, to: SessionBuilder): void {
  const places = listOf(record.cwd);
  const only = textOf(record.cwd);
  const [codes, words] = [listOf(record.rc), listOf(record.desc)];
  to.begin({ goal: textOf(record.intent), project: only ?? textOf(places[0]), at: timeOf(record.ts) });
  for (const [i, command] of listOf(record.commands).entries()) {
    if (typeof command !== 'string') to.skip('broken');
    else
      to.add({
        command,
        exitCode: exitCodeOf(codes[i]),
        place: only ?? textOf(places[i]),
        intent: textOf(words[i]),
      });
  }
}

function readCommand(record: JsonRecord, text: string, isInSession: boolean, to: SessionBuilder): void {
  const took = record.duration_ms;
  const command = {
    command: text,
    at: timeOf(record.at),
    exitCode: exitCodeOf(record.exit_code),
    durationMs: typeof took === 'number' && took >= 0 ? Math.round(took) : undefined,
    place: textOf(record.cwd),
    intent: textOf(record.intent),
  };
  if (isInSession) to.add(command);
  else to.flow(command);
}
