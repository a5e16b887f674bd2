/** Every bound of the HTTP server in one value, the unit last in the name, so that a test can bring shorter ones. */

export interface HttpBounds {
  /** A longer body is refused with 413, before it is read where its length is said. */
  readonly bodyBytesMax: number;
  /** All headers of one request together: 431. */
  readonly headersBytesMax: number;
  /** From the first byte of a request to the end of its headers: 408. */
  readonly headersMsMax: number;
  /** From the first byte of a request to the end of its body: 408. */
  readonly requestMsMax: number;
  /** How often those two are looked at. */
  readonly lookMs: number;
  /** A connection without a request is closed. */
  readonly idleMsMax: number;
  /** More are closed at once. */
  readonly connectionsMax: number;
  /** Event streams that are open at once: 503. */
  readonly streamsMax: number;
  /** Those of one key: 503. The local user, who has none, is not counted. */
  readonly streamsEachMax: number;
  /** Answers to one key that are open at once, streams and waiting calls too: 503. The local user is not counted. */
  readonly answersEachMax: number;
  /** A stream without news sends a comment, so that nobody on the way takes it for dead. */
  readonly beatMs: number;
  /** An answer of which its reader takes nothing for so long is cut off. */
  readonly stallMs: number;
  /** Sessions of 2025-era MCP clients: the one that was idle longest goes. */
  readonly sessionsMax: number;
  /** Those of one key: its own one that was idle longest goes. The local user is not counted. */
  readonly sessionsEachMax: number;
  /** A session without a request or an open stream is forgotten. */
  readonly sessionIdleMsMax: number;
  /** What was sent in sessions and can be asked for once more: the oldest goes. */
  readonly replayBytesMax: number;
  /** Requests of one key: 429. The local user, who has none, is not counted. */
  readonly callsPerSecondMax: number;
  /** Requests of one address that nobody could be recognized in: 429. */
  readonly refusalsPerSecondMax: number;
  /** Requests under way get this long to answer when the server ends. */
  readonly drainMs: number;
}

export const HTTP_BOUNDS: HttpBounds = {
  bodyBytesMax: 2 * 1024 * 1024,
  headersBytesMax: 16 * 1024,
  headersMsMax: 10_000,
  requestMsMax: 60_000,
  lookMs: 2_000,
  idleMsMax: 10_000,
  connectionsMax: 4_096,
  streamsMax: 2_048,
  streamsEachMax: 256,
  answersEachMax: 512,
  beatMs: 15_000,
  stallMs: 60_000,
  sessionsMax: 1_024,
  sessionsEachMax: 128,
  sessionIdleMsMax: 60 * 60_000,
  replayBytesMax: 16 * 1024 * 1024,
  callsPerSecondMax: 100,
  refusalsPerSecondMax: 10,
  drainMs: 5_000,
};

/** Levels of arrays and objects in a body: error `invalid_input`. */
export const BODY_DEPTH_MAX = 100;
