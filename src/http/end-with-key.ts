/**
 * Streams last longer than keys: whoever could not come in any more, because the key was revoked or the token has expired,
 * is sent away at the next beat, however busy the stream is.
 */
import type { Context } from 'hono';
import { log } from '../engine/host/log.ts';
import { holds } from '../tools/access.ts';
import { authenticate } from './keys/authenticate.ts';
import type { HttpEnv, Site } from './site.ts';
import { whenClosed } from './when-closed.ts';

/** Looks until the answer is over. */
export function endWithKey(site: Site, c: Context<HttpEnv>, end: () => void): void {
  const look = async () => {
    if (!(await isStillIn(site, c.req.header('authorization')))) end();
  };
  const timer = setInterval(() => void look(), site.bounds.beatMs).unref();
  whenClosed(c.env.outgoing, () => clearInterval(timer));
}

/** Where nobody can find out who it is, nobody comes in. */
async function isStillIn({ authentication }: Site, authorization: string | undefined): Promise<boolean> {
  try {
    const known = await authenticate(authentication, authorization);
    return known.ok && (known.value === undefined || holds(known.value.roles, 'viewer'));
  } catch (err) {
    log.warn({ err }, 'keys cannot be looked at');
    return false;
  }
}
