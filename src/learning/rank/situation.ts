/** What a ranker is told of the moment: keys of contexts, atoms for the weights, and what retrieval found. */

/** Labels voted for by nearest neighbours; `strength` says how near they are. */
export interface Vote {
  readonly weights: ReadonlyMap<number, number>;
  readonly total: number;
  readonly strength: number;
}

export interface Situation {
  /** Orders 0 to 4 by the level's own labels; they make the base estimate. Zero: no such context. */
  readonly chain: readonly number[];
  /** Further contexts, one table each; the last `sessionContexts` ones are this session's own. */
  readonly contexts: readonly number[];
  readonly sessionContexts: readonly number[];
  readonly atoms: readonly number[];
  readonly votes: readonly Vote[];
  readonly words: ReadonlySet<string>;
  readonly buckets: readonly number[];
  readonly told: boolean;
  /** Share of each label of the level above. */
  readonly parents?: ReadonlyMap<string, number>;
}
