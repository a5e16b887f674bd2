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

export function notSupportedRollback(policy: string | undefined): ToolResult | undefined {
  if (policy === undefined || policy === 'stop') return undefined;
  return failed({
    code: 'not_supported',
    message: `rollback strategy \`${policy}\` is not supported yet, found in \`on_failure\`; expected stop`,
    hint: 'leave `on_failure` out; after a failure workflow_resume goes on from the failed step',
  });
}
