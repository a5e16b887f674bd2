/** The keys that a zod schema understands at a path, for hints. Looks through options, lists, maps and unions. */
import type * as z from 'zod';
import type { Path } from './diagnostic.ts';

type Schema = z.core.$ZodType;

/** Empty where the schema knows no keys, or does not know the path. */
export function keysAt(schema: Schema, path: Path): string[] {
  const here = alternatives(schema);
  const [part, ...rest] = path;
  if (part === undefined) return here.flatMap((one) => Object.keys(shapeOf(one) ?? {}));
  return here.flatMap((one) => {
    const inner = memberOf(one, part);
    return inner ? keysAt(inner, rest) : [];
  });
}

/** The schema without what is wrapped around it; each member of a union. */
function alternatives(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional') return alternatives(def.innerType);
  if (def.type === 'pipe') return alternatives(def.in);
  if (def.type === 'union') return def.options.flatMap(alternatives);
  return [schema];
}

function shapeOf(schema: Schema): z.core.$ZodShape | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'object' ? def.shape : undefined;
}

function memberOf(schema: Schema, part: string | number): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  if (def.type !== 'object') return undefined;
  return Object.hasOwn(def.shape, part) ? def.shape[part] : undefined;
}
