/** `notify` steps of tests: begun as the host does, then performed. */
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import type { Outcome } from '../../../../src/engine/core/step-type.ts';
import { notifyStep } from '../../../../src/steps/notify.step.ts';
import { type FakeCall, fakeCall } from '../fake-call.ts';
import { type Fake, fakeContext } from '../fake-context.ts';

type Telling = Partial<Fake> & { readonly io?: FakeCall };

/** What `begin` refuses is a failure too. */
export async function tell(
  config: JsonObject,
  { io = fakeCall(), ...telling }: Telling = {},
): Promise<Outcome> {
  const problem = notifyStep.schema.safeParse(config).error;
  if (problem) throw problem;
  const begun = notifyStep.begin(fakeContext({ type: 'notify', config, ...telling }));
  if (!begun.ok) return { ok: false, failure: begun.error };
  const action = begun.value;
  if (action.kind !== 'call' || !notifyStep.perform) throw new Error(`found ${action.kind}`);
  // as data, like anything that stands between the two
  return notifyStep.perform(JSON.parse(JSON.stringify(action.call)) as JsonObject, io);
}

/** The outputs of a step that succeeds. */
export async function told(config: JsonObject, telling?: Telling): Promise<JsonObject> {
  const outcome = await tell(config, telling);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  return outcome.outputs ?? {};
}

/** The failure of a step that fails. */
export async function refusal(config: JsonObject, telling?: Telling): Promise<Failure> {
  const outcome = await tell(config, telling);
  if (outcome.ok) throw new Error(`succeeded: ${JSON.stringify(outcome.outputs)}`);
  return outcome.failure;
}
