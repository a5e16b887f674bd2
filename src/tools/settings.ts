/**
 * `HOME/settings.json`: what a person allows on this machine. Read when a Belay opens, written by commands only.
 * 1. A file that others may write is not read: whoever can change it decides which code runs here.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { LowSync } from 'lowdb';
import { JSONFileSync } from 'lowdb/node';
import { z } from 'zod';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { settingsPath } from './home-folder.ts';

const settingsSchema = z.strictObject({
  step_types: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe('path of a module, or name of a package in HOME/node_modules'),
        sha256: z
          .string()
          .regex(/^[\da-f]{64}$/)
          .describe('of the file that is loaded'),
      }),
    )
    .optional(),
  learning: z.boolean().optional().describe('false: nothing is learned from runs'),
});

export type Settings = z.output<typeof settingsSchema>;

/** The settings, `{}` where there is no file; an error names the file and what is wrong with it. */
export function readSettings(home: string): Result<Settings, string> {
  const path = settingsPath(home);
  if (!existsSync(path)) return ok({});
  if ((statSync(path).mode & 0o022) !== 0)
    return err(`\`${path}\` may be written by others: take that right away (\`chmod go-w\`)`);
  let raw: unknown;
  try {
    raw = new JSONFileSync(path).read();
  } catch (error) {
    return err(`\`${path}\` is no JSON: ${(error as Error).message}`);
  }
  const parsed = settingsSchema.safeParse(raw ?? {});
  return parsed.success ? ok(parsed.data) : err(`\`${path}\`: ${z.prettifyError(parsed.error)}`);
}

/** Changes the settings; the file is whole at every moment. */
export function changeSettings(
  home: string,
  change: (settings: Settings) => Settings,
): Result<Settings, string> {
  const before = readSettings(home);
  if (!before.ok) return before;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const document = new LowSync<Settings>(new JSONFileSync(settingsPath(home)), {});
  document.data = change(before.value);
  document.write();
  return ok(document.data);
}
