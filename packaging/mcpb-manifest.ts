/**
 * The manifest of the MCP bundle, version 0.3 of its format (0.4 is an experiment for Python). What it says of the server
 * comes from `package.json` and the catalogue of tools, so that it cannot be out of date.
 */
import { readFileSync } from 'node:fs';
import { tools } from '../src/tools/catalogue.ts';

const PACKAGE = new URL('../package.json', import.meta.url);

/** As it stands in the root of the bundle, beside `bin/`, `dist/` and `node_modules/`. */
export function mcpbManifest() {
  const { version, description, license, keywords, engines } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return {
    manifest_version: '0.3',
    name: 'belay',
    display_name: 'Belay',
    version,
    description,
    long_description:
      'Belay runs workflows of commands for an agent. Each step is recorded before it starts and outlives the program ' +
      'that started it; runs can be watched, answered, resumed, cancelled and taken back, files included.',
    author: { name: 'The Belay authors' },
    server: {
      type: 'node',
      entry_point: 'bin/belay.js',
      mcp_config: { command: 'node', args: ['${__dirname}/bin/belay.js', 'mcp'] },
    },
    tools: tools.map(({ name, title }) => ({ name, description: title })),
    // each workflow is one
    prompts_generated: true,
    keywords,
    license,
    compatibility: { platforms: ['darwin', 'linux'], runtimes: { node: engines.node } },
  };
}
