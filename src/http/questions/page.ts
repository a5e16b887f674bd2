/**
 * What every page about a question is made of: one document without a script or anything from elsewhere, that no other
 * site can frame, and that nobody keeps.
 */
import { createHash } from 'node:crypto';
import type { ToolError } from '../../tools/tool.ts';
import { htmlText } from '../html-text.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8888;padding:.75rem;font:14px/1.4 ui-monospace,monospace}
label,legend{font-weight:600}fieldset{border:0;padding:0;margin:1rem 0}fieldset label{font-weight:400;margin-right:1rem}
input:not([type=radio]),select,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}
button{font:inherit;padding:.5rem 1.5rem;margin-top:1rem}.problem{border-left:4px solid #c33;padding-left:.75rem}
small{display:block}:root{color-scheme:light dark}`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // with `no-referrer` browsers send a form with `Origin: null`, which is refused
  'referrer-policy': 'same-origin',
};

/** @param body markup, every text in it escaped already */
export function page(title: string, body: string, status = 200): Response {
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${htmlText(title)} - Belay</title><style>${STYLE}</style></head><body>
<h1>${htmlText(title)}</h1>
${body}
</body></html>
`;
  return new Response(text, { status, headers: HEADERS });
}

/** What went wrong, and what to do now. */
export function problemText({ message, hint }: ToolError): string {
  const next = hint === undefined ? '' : `<br>${htmlText(hint)}`;
  return `<p class="problem" role="alert">${htmlText(message)}${next}</p>`;
}

const PROOFS = {
  key: {
    label: 'Your key',
    about: 'It needs the role <code>approver</code>. It is kept in the memory of this server for 15 minutes.',
  },
  code: {
    label: 'Code',
    about:
      'Run <code>belay questions code</code> in a terminal on the machine of this server: it shows the code of now. ' +
      'Give it to nobody, and to no agent.',
  },
} as const;

/** Says nothing about the question, not even whether there is one. */
export function entryPage(proof: 'key' | 'code', status = 200, problem?: ToolError): Response {
  const { label, about } = PROOFS[proof];
  const body = `<p>An agent, or a workflow, has sent you here to answer a question. Only a person may do that.</p>
${problem ? problemText(problem) : ''}
<form method="post">
<p><label for="proof">${label}</label>
<input id="proof" name="proof" type="password" autocomplete="off" required autofocus>
<small>${about}</small></p>
<button>Show the question</button>
</form>`;
  return page('A question for a person', body, status);
}
