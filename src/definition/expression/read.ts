/** Reading names, keys and list items. Only own properties of plain data are seen; what is missing is named. */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { nearestName } from './nearest-name.ts';
import type { Run } from './run.ts';
import { ExpressionError, typeName, type Value } from './value.ts';

const missing = (message: string, wrong: string, known: readonly string[]): ExpressionError => {
  const nearest = nearestName(wrong, known);
  const list = known.length > 0 && known.length <= 12 ? `known here: ${known.join(', ')}` : undefined;
  return new ExpressionError(message, { missing: true, hint: nearest ? `did you mean ${nearest}?` : list });
};

/** What a plan cannot say is no mistake of whoever wrote the name, and has no value that `default` could give it. */
const awaited = (name: string): ExpressionError =>
  new ExpressionError(`\`${name}\` is not known before the run`);

/** A name of the scope, else the step of that id. */
export function readName(run: Run, name: string): Value {
  const { names } = run.scope;
  if (Object.hasOwn(names, name)) return names[name]!;
  const step = findStep(run, name);
  if (step) return step;
  if (name === 'steps') {
    throw new ExpressionError('`steps` stands for no value by itself', {
      hint: 'name a step: steps.build.outputs',
    });
  }
  if (run.scope.isPlan) throw awaited(name);
  throw missing(`\`${name}\` is not known`, name, Object.keys(names));
}

/** `steps.<id>`. */
export function readStep(run: Run, id: string): JsonObject {
  const step = findStep(run, id);
  if (step) return step;
  if (run.scope.isPlan) throw awaited(id);
  throw new ExpressionError(`step \`${id}\` has no result`, {
    missing: true,
    hint: 'check the id, and that the step runs before this one',
  });
}

function findStep(run: Run, id: string): JsonObject | undefined {
  run.steps ??= new Map();
  if (!run.steps.has(id)) run.steps.set(id, run.scope.step(id));
  return run.steps.get(id);
}

/** `map.key`; `text` is the whole access for the message. */
export function readKey(from: Value, key: string, text: string): Json {
  if (from === null || typeof from !== 'object' || Array.isArray(from)) {
    throw new ExpressionError(`\`${text}\` is not there: \`${key}\` is read from ${typeName(from)}`, {
      missing: true,
    });
  }
  const map = from as JsonObject;
  if (Object.hasOwn(map, key) && map[key] !== undefined) return map[key];
  throw missing(`\`${text}\` is not there`, key, Object.keys(map));
}

/** `list[0]` or `map[key]`. */
export function readIndex(from: Value, index: Value, text: string): Json {
  if (!Array.isArray(from)) {
    if (typeof index === 'object' || typeof index === 'boolean') {
      throw new ExpressionError(`\`${text}\`: a key is a string or a number, found ${typeName(index)}`);
    }
    return readKey(from, String(index), text);
  }
  const item = typeof index === 'number' || typeof index === 'bigint' ? from[Number(index)] : undefined;
  if (item !== undefined) return item;
  throw new ExpressionError(
    `\`${text}\` is not there: the list has ${from.length} items, found index \`${String(index)}\``,
    {
      missing: true,
      hint: 'the first item has index 0',
    },
  );
}
