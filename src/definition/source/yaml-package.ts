/**
 * The YAML package, loaded with the first text: most processes that list tools or look at runs read none, and it is a
 * sixth of what they would load.
 */
import { createRequire } from 'node:module';

let loaded: typeof import('yaml') | undefined;

export function yamlPackage(): typeof import('yaml') {
  loaded ??= createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return loaded;
}
