/**
 * What the view of a run does, as the text of a script: it talks to its host only, by messages, and shows a run view.
 * 1. Whatever comes from a run becomes text of an element, never markup.
 * 2. It answers no question: a person's word is given in the client's form, where nobody can give it for them.
 * 3. It listens to its host's window and to nobody else.
 */
export const RUN_VIEW_SCRIPT = String.raw`
'use strict';
(() => {
  const FINAL = ['succeeded', 'partial', 'failed', 'cancelled', 'rolled_back', 'stuck'];
  const STEPS_MAX = 300;
  const PAUSE_MS = 3000;
  const WAIT_SECONDS = 25;
  const host = window.parent;
  const page = document.getElementById('run');
  const pending = new Map();
  let lastId = 0;
  let mayCall = false;
  let isOver = false;
  let runId;
  let isLooking = false;

  const post = (message) => host.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const notify = (method, params) => post({ method, params });
  const ask = (method, params) => new Promise((resolve, reject) => {
    lastId += 1;
    pending.set(lastId, { resolve, reject });
    post({ id: lastId, method, params });
  });

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = String(text);
    return made;
  };
  const list = (value) => (Array.isArray(value) ? value : []);
  const word = (value) => String(value).replace(/[^a-z_]/g, '');

  const seconds = (ms) => {
    if (typeof ms !== 'number') return '';
    if (ms < 1000) return Math.round(ms) + ' ms';
    const whole = Math.round(ms / 1000);
    return whole < 60 ? whole + ' s' : Math.floor(whole / 60) + ' min ' + (whole % 60) + ' s';
  };

  const stepItem = (step) => {
    const item = element('li', 'step ' + word(step.status) + (/\[/.test(step.id) ? ' inner' : ''));
    const told = [step.type, String(step.status).replaceAll('_', ' '), seconds(step.duration_ms)];
    if (step.attempts > 1) told.push('attempt ' + step.attempts);
    if (step.signal) told.push('waits for signal ' + step.signal);
    item.append(element('strong', '', step.id), ' ', element('span', 'dim', told.filter(Boolean).join(' · ')));
    if (step.error) item.append(element('div', 'error', step.error.message));
    if (step.error && step.error.hint) item.append(element('div', 'dim', step.error.hint));
    if (step.log) item.append(element('pre', '', step.log));
    return item;
  };

  const questionCard = (question) => {
    const card = element('section', 'card');
    card.append(element('p', '', question.prompt));
    if (question.context) card.append(element('pre', '', question.context));
    const of = question.asked_of === 'human' ? 'for a person' : 'for an agent';
    const until = question.expires_at ? ' · until ' + new Date(question.expires_at).toLocaleString() : '';
    card.append(element('div', 'dim', question.step + ' · ' + of + until));
    card.append(element('div', 'dim', question.how_to_answer));
    return card;
  };

  const section = (title, nodes) => (nodes.length === 0 ? [] : [element('h2', '', title), ...nodes]);

  const cancelButton = (run) => {
    const button = element('button', '', 'Cancel the run');
    let isSure = false;
    button.addEventListener('click', async () => {
      if (!isSure) {
        isSure = true;
        button.textContent = 'Really cancel?';
        return;
      }
      button.disabled = true;
      await call('workflow_cancel', { run_id: run.run_id, reason: 'by a person, in the view' });
    });
    return button;
  };

  const render = (run) => {
    const head = element('header');
    head.append(
      element('h1', '', run.workflow),
      element('span', 'badge ' + word(run.status), String(run.status).replaceAll('_', ' ')),
      element('span', 'dim', run.run_id + ' · ' + seconds(run.duration_ms)),
    );
    const { done = 0, total = 0 } = run.progress || {};
    const bar = element('progress');
    bar.max = Math.max(total, 1);
    bar.value = done;
    const steps = list(run.steps);
    const timeline = element('ol');
    timeline.append(...steps.slice(0, STEPS_MAX).map(stepItem));
    if (steps.length > STEPS_MAX) timeline.append(element('li', 'dim', steps.length - STEPS_MAX + ' more steps'));
    const outputs = Object.entries(run.outputs || {});
    const files = list(run.artifacts).map(({ name, size }) => element('div', '', name + ' (' + size + ' bytes)'));
    page.replaceChildren(
      head,
      bar,
      element('div', 'dim', done + ' of ' + total + ' steps done' + (run.reason ? ': ' + run.reason : '')),
      ...section('Questions', list(run.questions).map(questionCard)),
      timeline,
      ...section('Outputs', outputs.map(([name, value]) => element('pre', '', name + ': ' + JSON.stringify(value)))),
      ...section('Files', files),
      ...section('Warnings', list(run.warnings).map((warning) => element('div', 'dim', warning))),
      ...(mayCall && !FINAL.includes(run.status) ? [element('p'), cancelButton(run)] : []),
    );
  };

  const show = (result) => {
    const run = result && result.structuredContent;
    if (!run || typeof run !== 'object') return undefined;
    if (run.message && !run.steps) page.replaceChildren(element('div', 'error', run.message));
    if (typeof run.run_id !== 'string' || !Array.isArray(run.steps)) return undefined;
    if (runId !== undefined && run.run_id !== runId) return undefined;
    runId = run.run_id;
    render(run);
    return run;
  };

  const call = async (name, args) => {
    try {
      return show(await ask('tools/call', { name, arguments: args }));
    } catch {
      return undefined;
    }
  };

  const follow = async (run) => {
    if (isLooking || !mayCall) return;
    isLooking = true;
    let now = run;
    while (now && !isOver && !FINAL.includes(now.status) && !now.dry_run) {
      const rests = now.status === 'waiting' || now.status === 'paused';
      if (rests) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      now = await call('workflow_status', { run_id: runId, wait_seconds: rests ? 0 : WAIT_SECONDS });
    }
    isLooking = false;
  };

  const dress = (context) => {
    if (!context) return;
    if (context.theme) document.documentElement.style.colorScheme = context.theme;
    for (const [name, value] of Object.entries((context.styles && context.styles.variables) || {}))
      if (name.startsWith('--') && typeof value === 'string') document.documentElement.style.setProperty(name, value);
  };

  const heard = {
    'ui/notifications/tool-result': (params) => {
      const run = show(params);
      if (run) void follow(run);
    },
    'ui/notifications/tool-cancelled': () => {
      if (runId === undefined) page.replaceChildren(element('div', 'dim', 'The call was cancelled.'));
    },
    'ui/notifications/host-context-changed': dress,
    'ui/resource-teardown': () => {
      isOver = true;
    },
  };

  window.addEventListener('message', ({ source, data }) => {
    if (source !== host || !data || data.jsonrpc !== '2.0') return;
    const { id, method, params, result, error } = data;
    if (method === undefined) {
      const waiting = pending.get(id);
      pending.delete(id);
      if (waiting && error) waiting.reject(new Error(error.message));
      else if (waiting) waiting.resolve(result);
      return;
    }
    if (Object.hasOwn(heard, method)) heard[method](params || {});
    if (id === undefined) return;
    if (method === 'ui/resource-teardown' || method === 'ping') post({ id, result: {} });
    else post({ id, error: { code: -32601, message: 'Method not found' } });
  });

  new ResizeObserver(() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    notify('ui/notifications/size-changed', { width: scrollWidth, height: scrollHeight });
  }).observe(document.body);

  ask('ui/initialize', {
    appInfo: { name: 'belay-run', version: '1' },
    appCapabilities: { availableDisplayModes: ['inline'] },
    protocolVersion: '2026-01-26',
  }).then((made) => {
    mayCall = Boolean(made && made.hostCapabilities && made.hostCapabilities.serverTools);
    dress(made && made.hostContext);
    notify('ui/notifications/initialized', {});
  }, () => {});
})();
`;
