/** One diagnostic, as every tool answers it. */
import { z } from 'zod';

export const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning', 'info']),
  code: z.string(),
  message: z.string(),
  path: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  file: z.string().optional(),
  hint: z.string().optional(),
});
