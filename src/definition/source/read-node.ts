/**
 * Parsed YAML nodes into plain JSON. Owns the checks of keys (equal ones, merge keys, prototype keys, their
 * number), of the exact nesting (bounded roughly before), and of scalars that JSON cannot hold.
 */
import type { Node, Pair, Scalar, YAMLMap } from 'yaml';
import { DEFINITION_DEPTH_MAX, DEFINITION_KEYS_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';
import type { DiagnosticList, Finding, Path } from '../diagnostic.ts';
import { keyProblem, textProblem } from './key-rules.ts';
import { yamlPackage } from './yaml-package.ts';

/** undefined only with an error diagnostic. */
export function readNode(root: Node | null, list: DiagnosticList): Json | undefined {
  return new NodeReader(list).read(root, []);
}

class NodeReader {
  readonly #list: DiagnosticList;
  #keys = 0;

  constructor(list: DiagnosticList) {
    this.#list = list;
  }

  read(node: unknown, path: Path): Json | undefined {
    if (node === null || node === undefined) return null;
    if (yamlPackage().isScalar(node)) return this.#scalar(node, path);
    if (path.length >= DEFINITION_DEPTH_MAX) {
      const message = `the definition is nested deeper than ${DEFINITION_DEPTH_MAX} levels`;
      return this.#refuse({ code: 'limit', message, path });
    }
    if (yamlPackage().isSeq(node))
      return node.items.map((item, index) => this.read(item, [...path, index]) ?? null);
    if (yamlPackage().isMap(node)) return this.#map(node, path);
    const alias = yamlPackage().isAlias(node) ? `alias \`*${node.source}\`` : 'this kind of YAML node';
    const hint = 'write the value out; what many steps share goes under `defaults` or `env`';
    return this.#refuse({ code: 'alias', message: `${alias} is not supported`, hint, path });
  }

  #scalar(scalar: Scalar, path: Path): Json | undefined {
    const { value, source = '' } = scalar;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      const problem = textProblem(value);
      return problem ? this.#refuse({ ...problem, path }) : value;
    }
    const exact = typeof value === 'number' && Number.isFinite(value);
    if (exact && (!Number.isInteger(value) || Number.isSafeInteger(value))) return value;
    const message = `number \`${source.slice(0, 40)}\` cannot be held exactly`;
    return this.#refuse({ code: 'wrong_value', message, hint: 'quote it to keep it as text', path });
  }

  #map(map: YAMLMap, path: Path): Json | undefined {
    const read: { [key: string]: Json } = {};
    for (const pair of map.items) {
      this.#keys += 1;
      if (this.#keys > DEFINITION_KEYS_MAX) {
        const message = `the definition has more than ${DEFINITION_KEYS_MAX} keys`;
        if (this.#keys === DEFINITION_KEYS_MAX + 1) this.#list.add({ code: 'limit', message, path });
        return undefined;
      }
      const key = this.#key(pair, read, path);
      if (key === undefined) continue;
      const value = this.read(pair.value, [...path, key]);
      if (value !== undefined) read[key] = value;
    }
    return read;
  }

  #key(pair: Pair, read: { readonly [key: string]: Json }, path: Path): string | undefined {
    if (!yamlPackage().isScalar(pair.key) || pair.key.value === null) {
      return this.#refuse({ code: 'wrong_type', message: 'a key must be text', path });
    }
    const key = String(pair.key.value);
    const at = { path: [...path, key], key: true };
    if (key === '<<') {
      const hint = 'write the keys out; what many steps share goes under `defaults` or `env`';
      return this.#refuse({ ...at, code: 'merge_key', message: 'merge key `<<` is not supported', hint });
    }
    const problem = keyProblem(key) ?? textProblem(key);
    if (problem) return this.#refuse({ ...at, ...problem });
    if (Object.hasOwn(read, key)) {
      const hint = 'the first one would be lost: rename or remove one';
      return this.#refuse({ ...at, code: 'duplicate_key', message: `key \`${key}\` is there twice`, hint });
    }
    return key;
  }

  #refuse(finding: Finding): undefined {
    this.#list.add(finding);
    return undefined;
  }
}
