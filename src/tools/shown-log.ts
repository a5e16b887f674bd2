/**
 * What of a step's log may be shown. The file holds what the step wrote as it wrote it; whoever shows some of it takes it
 * from here, with the secrets of the run masked.
 * 1. A log is shown only where the variables of the run have the values that they had when the step ran: others could not
 *    be masked.
 * 2. A secret that is cut by the edge of what is shown is hidden whole.
 */
import type { SecretDigests } from '../engine/core/events.ts';
import type { AttemptRef } from '../engine/core/ports.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { maskedPart, secretBytesMax } from '../engine/host/mask.ts';
import { attemptPath } from '../engine/host/process/attempt-files.ts';
import { logPieces } from '../engine/host/process/log-pieces.ts';
import { readStepLog, stepLogSize } from '../engine/host/process/step-log.ts';
import type { Belay } from './belay.ts';
import { namesText } from './stranded-run.ts';

/** Of a Belay, what it takes to read logs. */
export type LogAccess = Pick<Belay, 'home' | 'secrets' | 'journal'>;

/** The last lines of the last attempt of a step, as many as fit into `bytesMax`; or why they are not shown. */
export function shownTail(
  access: LogAccess,
  run: RunState,
  step: StepState,
  query: { readonly tailLines: number; readonly bytesMax: number },
): string {
  if (step.seq === undefined) return '';
  const attempt = { runId: run.runId, seq: step.seq };
  if (stepLogSize(access.home, attempt) === 0) return '';
  const withheld = withheldLog(access, run, attempt);
  if (withheld !== undefined) return withheld;
  const tail = readStepLog(access.home, attempt, query);
  // a secret may begin before the tail, and one that is being written may end after it
  const fromByte = Math.max(0, tail.fromByte - secretBytesMax(run.workflow));
  const bytesMax = tail.nextByte - fromByte;
  const { text } = readStepLog(access.home, attempt, { fromByte, bytesMax });
  const from = Math.max(0, text.length - tail.text.length);
  return maskedPart(run.workflow, text, from, step.status !== 'running').shown;
}

/** What stands in place of a log that cannot be masked here: why, and the way out; undefined for any other. */
export function withheldLog(access: LogAccess, run: RunState, attempt: AttemptRef): string | undefined {
  if (!run.secrets) return undefined;
  const secrets = secretsAt(access, run, run.secrets, attempt.seq);
  // a variable that was not set then is not in the log
  const lacking = access.secrets
    .lacking({ workflow: run.workflow, secrets })
    .filter((name) => secrets[name] !== undefined);
  if (lacking.length === 0) return undefined;
  const found = logPieces(access.home, attempt).map(({ path }) => path);
  const paths = new Set(found.length === 0 ? [attemptPath(access.home, attempt, 'log')] : found);
  const names = lacking.map((name) => `\`${name}\``).join(' and ');
  const [it, they] = lacking.length === 1 ? ['it', 'it was'] : ['them', 'they were'];
  return `(not shown: the log may hold the value of ${names}, and ${namesText(lacking)} not set here as when the step ran; set ${it} as ${they} then, or read ${[...paths].join(' and ')})\n`;
}

interface Given {
  readonly seq: number;
  readonly secrets: SecretDigests;
}

/** Of each run by its latest digests: a later change replaces them. */
const histories = new WeakMap<SecretDigests, readonly Given[]>();

/** A run that is resumed may go on with other values; what was written before holds the earlier ones. */
function secretsAt({ journal }: LogAccess, run: RunState, latest: SecretDigests, seq: number): SecretDigests {
  const history = histories.get(latest) ?? givenSecrets(journal, run.runId);
  histories.set(latest, history);
  return history.findLast((given) => given.seq < seq)?.secrets ?? latest;
}

function givenSecrets(journal: LogAccess['journal'], runId: string): readonly Given[] {
  const read = journal.read(runId);
  return (read.ok ? read.value : []).flatMap(({ seq, event }) =>
    'secrets' in event && event.secrets ? [{ seq, secrets: event.secrets }] : [],
  );
}
