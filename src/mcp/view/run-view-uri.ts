/** Where the view of a run is, and on which terms a host shows it. */
export const RUN_VIEW_URI = 'ui://belay/run';

/** No address may be reached from it, and nothing of the machine is asked for. */
export const RUN_VIEW_META = {
  ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true },
};
