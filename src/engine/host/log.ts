/**
 * The one logger: JSON lines to stderr through pino, written at once so that a crash loses none.
 * pino is loaded with the first line that is written, because most processes never write one.
 * Level from BELAY_LOG (`silent`, `error`, `warn`, `info`, `debug`; `warn` unless said).
 */
import { createRequire } from 'node:module';
import type { Logger } from 'pino';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

/** Writes one line; `fields` are searchable, `message` is for people. An `err` field keeps its stack. */
type Write = (fields: object, message: string) => void;

let pinoLogger: Logger | undefined;

function open(): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
  const stderr = pino.destination({ dest: 2, sync: true });
  // Nobody reads stderr any more (the parent is gone): losing the line is better than dying of it.
  stderr.on('error', () => {});
  return pino({ level: 'debug', redact: [] }, stderr);
}

/** Lines below the level that BELAY_LOG names at the time of the call are dropped. */
function writer(level: Level): Write {
  const rank = LEVELS.indexOf(level);
  return (fields, message) => {
    const wanted = process.env.BELAY_LOG ?? 'warn';
    const least = wanted === 'silent' ? -1 : LEVELS.indexOf(wanted as Level);
    // An unknown word must not silence a server: it counts as `warn`.
    if (rank > (least === -1 && wanted !== 'silent' ? LEVELS.indexOf('warn') : least)) return;
    pinoLogger ??= open();
    pinoLogger[level](fields, message);
  };
}

/** The process-wide logger; never writes to stdout. */
export const log: { readonly [level in Level]: Write } = {
  error: writer('error'),
  warn: writer('warn'),
  info: writer('info'),
  debug: writer('debug'),
};
