/**
 * Who sits at a question page. A person proves it once, and a cookie of this process remembers it for a short time.
 * 1. Where there are keys, the proof is a key that speaks for a person; where there are none, a code from a terminal.
 * 2. The proof is asked again at every request: a key that was revoked, or the first key, ends the session at once.
 * 3. Nothing is in the cookie but chance, and no other process knows of it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { userInfo } from 'node:os';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { type Access, speaksForPerson } from '../../tools/access.ts';
import type { ToolError } from '../../tools/tool.ts';
import { type Authentication, authenticate } from '../keys/authenticate.ts';
import type { RateLimit } from '../rate-limit.ts';
import { isPersonCode } from './person-code.ts';

export const SESSION_SECONDS = 15 * 60;

const SESSIONS_MAX = 1_000;
const SECRET_BYTES = 32;
const PROOF_CHARS_MAX = 8_192;
/** All codes that anybody tries count together: addresses of one's own machine cost nothing. */
const CODES = 'codes of question pages';

export interface PersonSession {
  /** For the journal. */
  readonly caller: string;
  /** Absent where there are no keys. */
  readonly access: Access | undefined;
  /** Stands in each form of the session, and in no other page. */
  readonly formToken: string;
}

interface Kept {
  /** The key, as it was brought; undefined for a code. Only here, in memory. */
  readonly authorization: string | undefined;
  readonly formToken: string;
  readonly untilMs: number;
}

export interface PersonsOptions {
  readonly home: string;
  readonly authentication: Authentication;
  readonly tries: RateLimit;
  readonly now: () => number;
}

export class Persons {
  /** Of this process: servers on other ports of one host share their cookies. */
  readonly cookieName = `belay-person-${randomBytes(4).toString('hex')}`;
  readonly #options: PersonsOptions;
  readonly #sessions = new Map<string, Kept>();

  constructor(options: PersonsOptions) {
    this.#options = options;
  }

  /** What proves here that somebody is a person. */
  async proof(): Promise<'key' | 'code'> {
    return (await authenticate(this.#options.authentication, undefined)).ok ? 'code' : 'key';
  }

  /** The value of the cookie for whoever brings the proof. */
  async enter(proof: string): Promise<Result<string, ToolError>> {
    const authorization = (await this.proof()) === 'key' ? `Bearer ${proof}` : undefined;
    const problem =
      proof.length > PROOF_CHARS_MAX
        ? wrong('what was sent is too long')
        : authorization === undefined
          ? this.#codeProblem(proof)
          : await this.#keyProblem(authorization);
    if (problem) return err(problem);
    const [cookie, formToken] = [randomBytes(SECRET_BYTES), randomBytes(SECRET_BYTES)].map((bytes) =>
      bytes.toString('base64url'),
    ) as [string, string];
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest);
    const untilMs = this.#options.now() + SESSION_SECONDS * 1_000;
    this.#sessions.set(cookie, { authorization, formToken, untilMs });
    return ok(cookie);
  }

  /** Whose cookie that is; undefined for nobody, and for somebody whose time or key has ended. */
  async find(cookie: string | undefined): Promise<PersonSession | undefined> {
    const kept = cookie === undefined ? undefined : this.#sessions.get(cookie);
    if (cookie === undefined || !kept) return undefined;
    const known = await authenticate(this.#options.authentication, kept.authorization);
    const access = known.ok ? known.value : undefined;
    const isPerson = known.ok && (access === undefined || speaksForPerson(access));
    if (!isPerson || kept.untilMs <= this.#options.now()) {
      this.#sessions.delete(cookie);
      return undefined;
    }
    return { caller: access?.caller ?? localPerson(), access, formToken: kept.formToken };
  }

  #codeProblem(code: string): ToolError | undefined {
    const { home, tries, now } = this.#options;
    if (tries.take(CODES) > 0)
      return { code: 'rate_limited', message: 'too many codes were tried', hint: WAIT };
    return isPersonCode(home, code, now()) ? undefined : wrong('that is not the code of now');
  }

  async #keyProblem(authorization: string): Promise<ToolError | undefined> {
    const known = await authenticate(this.#options.authentication, authorization);
    if (!known.ok) return known.error.code === 'unauthorized' ? wrong(known.error.message) : known.error;
    if (known.value && speaksForPerson(known.value)) return undefined;
    const { caller = 'it', roles = [] } = known.value ?? {};
    return {
      code: 'forbidden',
      message: `questions for people need role \`approver\`; \`${caller}\` has ${roles.join(', ')}`,
      hint: 'ask whoever runs this server for a key with that role (`belay keys add`)',
    };
  }
}

/** Compares as long for a wrong one as for a right one. */
export function isFormToken({ formToken }: PersonSession, given: string | null): boolean {
  const [right, brought] = [Buffer.from(formToken), Buffer.from(given ?? '')];
  return right.length === brought.length && timingSafeEqual(right, brought);
}

/** Who can read the code can read the data folder: the account that the server runs under. */
function localPerson(): string {
  try {
    return `page:${userInfo().username}`;
  } catch {
    return 'page:local';
  }
}

const WAIT = 'wait a moment, then type the code that `belay questions code` shows';

const wrong = (message: string): ToolError => ({
  code: 'unauthorized',
  message,
  hint: 'see what this page asks for, and try again',
});
