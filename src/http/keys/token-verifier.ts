/**
 * Bearer tokens of somebody else's authorization server: JWTs, checked by its published keys. A token counts only where it
 * was made for this server (audience), by that issuer, has an end and names its holder; it is never passed on.
 */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { type Access, ROLES } from '../../tools/access.ts';
import type { ToolError } from '../../tools/tool.ts';

export interface TokenIssuer {
  /** As it stands in `iss`. */
  readonly issuer: string;
  /** Where its keys are. */
  readonly jwks: URL;
  /** As it stands in `aud`: the address of `/mcp` as clients know it. */
  readonly audience: string;
}

/** The holder and the roles of a token; an error for one that does not count here. */
export type TokenVerifier = (token: string) => Promise<Result<Access, ToolError>>;

/** With a public key only: nobody who can check a token can make one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
const CLOCK_SECONDS = 5;
const FETCH_MS_MAX = 5_000;
const SUBJECT = /^[\x21-\x7e]{1,128}$/;

/** A role as a scope. */
export const SCOPE = 'belay:';

export function tokenVerifier({ issuer, jwks, audience }: TokenIssuer, now: () => number): TokenVerifier {
  const keys = createRemoteJWKSet(jwks, { timeoutDuration: FETCH_MS_MAX });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: [...ALGORITHMS],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_SECONDS,
        currentDate: new Date(now()),
      });
      return accessOf(payload);
    } catch (error) {
      return err(isRefusal(error) ? refused((error as Error).message) : noKeys(jwks, error as Error));
    }
  };
}

function accessOf(payload: JWTPayload): Result<Access, ToolError> {
  const { sub = '', scope, scp, roles } = payload;
  if (!SUBJECT.test(sub)) return err(refused('`sub` is no plain word'));
  const said = [scope, scp, roles].flatMap((each) =>
    typeof each === 'string' ? each.split(' ') : Array.isArray(each) ? each : [],
  );
  return ok({ caller: `jwt:${sub}`, roles: ROLES.filter((role) => said.includes(`${SCOPE}${role}`)) });
}

/** The token is at fault, and not the way to the keys. */
const isRefusal = (error: unknown): boolean =>
  [
    errors.JWTExpired,
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ].some((kind) => error instanceof kind);

const refused = (why: string): ToolError => ({
  code: 'unauthorized',
  message: `the token does not count here: ${why}`,
  hint: 'get a new one from the authorization server, for this server and with the scopes that you need',
});

const noKeys = (jwks: URL, { message }: Error): ToolError => ({
  code: 'busy',
  message: `the keys at \`${jwks.origin}\` cannot be had, so no token can be checked: ${message}`,
  hint: 'call again in a moment',
});
