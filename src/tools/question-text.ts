/** A question as a person reads it. */
import { cutText, PROMPT_BYTES_MAX } from './answer-budget.ts';

/** The prompt, and what it is about; `whole` says where to find what is cut. */
export function questionText(
  { prompt, context }: { readonly prompt: string; readonly context?: string | undefined },
  whole: string,
): string {
  const asked = cutText(prompt, PROMPT_BYTES_MAX, whole);
  return context === undefined ? asked : `${asked}\n\n${cutText(context, PROMPT_BYTES_MAX, whole)}`;
}
