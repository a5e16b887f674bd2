/** A browser of one person: keeps cookies, follows nothing by itself, sends forms as a page of the server would. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Browser {
  readonly cookies: Map<string, string>;
  get(url: string): Promise<Page>;
  /** The form of the page that was got last, with these fields filled in. */
  post(url: string, fields: { readonly [name: string]: string }, headers?: object): Promise<Page>;
  /** Shows the proof, answers, and gives the page that comes then. */
  answer(url: string, proof: string, fields: { readonly [name: string]: string }): Promise<Page>;
}

export function browser(): Browser {
  const cookies = new Map<string, string>();
  let hidden: [string, string][] = [];
  const send = async (url: string, init: RequestInit): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie !== '' && { cookie }) };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const text = await answer.text();
    hidden = [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]);
    return { status: answer.status, headers: answer.headers, text };
  };
  const own: Browser = {
    cookies,
    get: (url) => send(url, {}),
    post(url, fields, headers) {
      const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
      return send(url, { method: 'POST', body, headers: { origin: new URL(url).origin, ...headers } });
    },
    async answer(url, proof, fields) {
      await own.get(url);
      await own.post(url, { proof });
      await own.get(url);
      const answered = await own.post(url, fields);
      return answered.status === 303 ? own.get(url) : answered;
    },
  };
  return own;
}
