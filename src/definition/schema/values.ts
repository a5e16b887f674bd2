/** The small values of a definition: durations, sizes, names, maps of text. Each checks and converts at once. */
import * as z from 'zod';
import { DURATION_PATTERN, parseDuration } from '../duration.ts';
import { parseSize, SIZE_PATTERN } from '../size.ts';

const DURATION_EXPECTED = 'expected a duration such as `30s`, `10m` or `1h30m`, or a number of seconds';
const SIZE_EXPECTED = 'expected a size such as `512MB` or `1GB`, or a number of bytes';

/** Text or number to milliseconds. */
export const duration = z
  .union([z.number().min(0), z.string().regex(DURATION_PATTERN, DURATION_EXPECTED)], {
    error: DURATION_EXPECTED,
  })
  .transform((written, context) => {
    const ms = parseDuration(written);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `${DURATION_EXPECTED}, at most ten years` });
    return z.NEVER;
  });

export const timeout = duration.refine((ms) => ms > 0, { error: 'expected a duration above zero' });

/** Text or number to bytes. */
export const size = z
  .union([z.number().min(0), z.string().regex(SIZE_PATTERN, SIZE_EXPECTED)], { error: SIZE_EXPECTED })
  .transform((written, context) => {
    const bytes = parseSize(written);
    if (bytes !== undefined) return bytes;
    context.addIssue({ code: 'custom', message: SIZE_EXPECTED });
    return z.NEVER;
  });

/** A name that expressions can reach. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
export const identifier = z
  .string()
  .max(64)
  .regex(IDENTIFIER, 'expected a name of letters, digits, `_` and `-` that does not start with a digit');

/** Names that the shell sets itself, so that nobody else can; Belay's own are the marker of an attempt and values. */
const OWNED_NAME =
  /^(?:BASHOPTS|BASH_(?:ARGC|ARGV|LINENO|SOURCE|VERSINFO)|EUID|PIPESTATUS|PPID|SHELLOPTS|UID|_|BELAY_ATTEMPT|BELAY_SCRIPT|BELAY_V_*\d*)$/;

export const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable')
  .refine((name) => !OWNED_NAME.test(name), 'expected a name that neither the shell nor Belay sets itself');

/** Environment: numbers and booleans are written as they stand. */
export const environment = z.record(
  environmentName,
  z
    .union([z.string(), z.number(), z.boolean()], { error: 'expected text, a number or a boolean' })
    .transform(String),
);

/** A condition; `true` and `false` may stand as they are. */
export const condition = z
  .union([z.string().trim().min(1), z.boolean()], { error: 'expected an expression' })
  .transform(String);
