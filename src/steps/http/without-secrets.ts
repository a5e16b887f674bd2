/** Hides the secrets that a call was given wherever they come back: in outputs and in failures. */
import type { Json } from '../../engine/core/model.ts';

/** The same value with every secret in its texts hidden. */
export function withoutSecrets<T extends Json>(value: T, secrets: readonly string[]): T {
  if (secrets.length === 0) return value;
  const hide = (text: string) => secrets.reduce((shown, each) => shown.replaceAll(each, '***'), text);
  const hidden = (one: Json): Json => {
    if (typeof one === 'string') return hide(one);
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map(hidden);
    return Object.fromEntries(Object.entries(one).map(([name, member]) => [hide(name), hidden(member)]));
  };
  return hidden(value) as T;
}
