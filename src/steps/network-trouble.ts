/**
 * What the codes of a connection that came to nothing mean, in words for people. Shared by every step type that
 * connects; what a protocol adds to them stands with it.
 */
export const NETWORK_TROUBLE: { readonly [code: string]: string } = {
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up at the moment',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
  ETIMEDOUT: 'no answer',
};
