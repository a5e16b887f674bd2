/** Arguments whose names are fixed and whose meaning comes with later releases: refused by name, never ignored. */
import { failed } from './answers.ts';
import type { ToolResult } from './tool.ts';

export function notSupportedLevel(level: string | undefined): ToolResult | undefined {
  if (level !== 'strict' && level !== 'paranoid') return undefined;
  return failed({
    code: 'not_supported',
    message: `level \`${level}\` is not supported yet, found in \`level\`; expected basic or standard`,
    hint: 'use level standard, the strictest that runs today',
  });
}
