/** Diagnostics and errors as people and editors read them: `file:line:column: error code: message`, then the hint. */
import type { Diagnostic } from '../definition/diagnostic.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { ToolError } from '../tools/tool.ts';
import { commandLineOf, inCliWords } from './cli-words.ts';
import type { Refusal } from './refusal.ts';
import { printable, type Style } from './style.ts';

/** @param subject stands for the file where a diagnostic names none */
export function diagnosticText(diagnostic: Diagnostic, subject: string, style: Style): string {
  const { severity, code, message, path, line, column = 1, file = subject, hint } = diagnostic;
  const place = line === undefined ? [file, path].filter((part) => part !== '') : [file, line, column];
  const word = severity === 'error' ? style.red(severity) : style.yellow(severity);
  const text = `${printable(place.join(':'))}: ${word} ${code}: ${printable(message)}`;
  return hint === undefined ? text : `${text}\n  hint: ${inCliWords(printable(hint))}`;
}

export function refusalText({ error, subject }: Refusal, style: Style): string {
  const diagnostics = error.data?.diagnostics as readonly JsonObject[] | undefined;
  const isDefinition = error.code === 'invalid_definition' && diagnostics !== undefined;
  const lines = isDefinition
    ? (diagnostics as unknown as readonly Diagnostic[]).map((each) =>
        diagnosticText(each, subject ?? 'definition', style),
      )
    : [`${style.red('error:')} ${inCliWords(printable(error.message))}`];
  if (error.hint !== undefined) lines.push(`  hint: ${inCliWords(printable(error.hint))}`);
  if (!isDefinition) lines.push(...nextLines(error, style));
  return lines.join('\n');
}

const nextLines = ({ next = [] }: ToolError, style: Style): readonly string[] =>
  next.map((call) => style.dim(`  next: ${commandLineOf(call)} (${call.why})`));
