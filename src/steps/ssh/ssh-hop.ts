/** A machine on the way: who logs in where. A type, not an interface, so that it counts as JSON. */
export type SshHop = { readonly host: string; readonly port: number; readonly user: string };

/** A machine as a message shows it. */
export const shownHop = ({ user, host, port }: SshHop): string =>
  `\`${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}\``;
