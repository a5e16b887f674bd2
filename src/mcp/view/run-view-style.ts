/** How the view of a run looks: with the host's own colours where it gives them. */
export const RUN_VIEW_STYLE = `
:root{color-scheme:light dark;--fg:var(--color-text-primary,light-dark(#1c1f23,#e8eaed));
--dim:var(--color-text-secondary,light-dark(#5b6570,#a2abb5));--line:var(--color-border-primary,light-dark(#d7dce1,#3a4149));
--soft:var(--color-background-secondary,light-dark(#f4f6f8,#23282e));--good:#2e9e6b;--bad:#d1483f;--busy:#2f7ed8;--wait:#c98a12}
*{box-sizing:border-box}
body{margin:0;padding:12px;font:14px/1.45 var(--font-sans,system-ui,sans-serif);color:var(--fg);background:transparent}
header{display:flex;flex-wrap:wrap;gap:8px;align-items:baseline}
h1{font-size:16px;margin:0}h2{font-size:13px;margin:16px 0 4px;color:var(--dim);font-weight:600}
.badge{padding:1px 8px;border-radius:10px;color:#fff;background:var(--dim);font-size:12px}
.dim{color:var(--dim);font-size:12px}
progress{width:100%;height:6px;margin:8px 0 0;accent-color:var(--good)}
ol{list-style:none;margin:8px 0 0;padding:0 0 0 4px}
li.step{position:relative;padding:2px 0 6px 20px;border-left:2px solid var(--line)}
li.step::before{content:"";position:absolute;left:-7px;top:7px;width:12px;height:12px;border-radius:6px;background:var(--dim)}
li.inner{margin-left:16px}
.succeeded::before,.cached::before,.badge.succeeded{background:var(--good)!important}
.failed::before,.interrupted::before,.undo_failed::before,.badge.failed,.badge.stuck{background:var(--bad)!important}
.soft_failed::before,.waiting::before,.badge.waiting,.badge.partial,.badge.paused{background:var(--wait)!important}
.running::before,.badge.running,.badge.rolling_back{background:var(--busy)!important}
.card{border:1px solid var(--wait);border-radius:8px;padding:8px 10px;margin:6px 0;background:var(--soft)}
.card p{margin:0 0 4px;white-space:pre-wrap}
pre{margin:4px 0;padding:6px 8px;background:var(--soft);border-radius:6px;overflow:auto;max-height:180px;
font:12px/1.4 var(--font-mono,ui-monospace,monospace);white-space:pre-wrap;overflow-wrap:anywhere}
.error{color:var(--bad);overflow-wrap:anywhere}
button{font:inherit;padding:3px 12px;border:1px solid var(--line);border-radius:6px;background:var(--soft);color:inherit;cursor:pointer}
button:disabled{opacity:.5;cursor:default}
`;
