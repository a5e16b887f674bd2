/** Small line drawings for hosts that show them, as data: nothing is fetched to see one. */
import type { Icon } from '@modelcontextprotocol/server';

/** Paths on a grid of 24. */
const DRAWINGS = {
  belay: 'M12 2v6M12 8a5 6 0 1 0 0 12a5 6 0 1 0 0-12M9 14h6',
  run: 'M7 4l12 8-12 8z',
  look: 'M2 12c4-8 16-8 20 0c-4 8-16 8-20 0M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6',
  list: 'M8 6h13M8 12h13M8 18h13M3 6h1M3 12h1M3 18h1',
  check: 'M4 13l5 5L20 6',
  answer: 'M4 4h16v12H9l-5 4z',
  stop: 'M6 6h12v12H6z',
  resume: 'M5 4v16M9 4l11 8-11 8z',
  back: 'M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-4',
  write: 'M4 20l1-5L16 4l4 4L9 19z',
  past: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7v5l4 2',
  chart: 'M4 20V10M10 20V4M16 20v-8M22 20H2',
  hint: 'M9 18h6M10 21h4M12 3a6 6 0 0 0-3 11v2h6v-2a6 6 0 0 0-3-11',
  page: 'M6 3h8l4 4v14H6zM9 12h6M9 16h6',
} as const;

export type Drawing = keyof typeof DRAWINGS;

const TOOLS: { readonly [tool: string]: Drawing } = {
  workflow_list: 'list',
  workflow_suggest: 'hint',
  workflow_autocomplete: 'hint',
  workflow_validate: 'check',
  workflow_execute: 'run',
  workflow_status: 'look',
  workflow_answer: 'answer',
  workflow_cancel: 'stop',
  workflow_resume: 'resume',
  workflow_rollback: 'back',
  workflow_create: 'write',
  workflow_history: 'past',
  workflow_analytics: 'chart',
};

/** A green that is seen on light and on dark. */
const COLOR = '#2e9e6b';

export function icons(drawing: Drawing): Icon[] {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="${COLOR}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${DRAWINGS[drawing]}"/></svg>`;
  const src = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  return [{ src, mimeType: 'image/svg+xml', sizes: ['any'] }];
}

export const toolIcons = (tool: string): Icon[] => icons(TOOLS[tool] ?? 'belay');
