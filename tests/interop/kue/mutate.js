'use strict';
/* mutate.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Changes one job with real Kue's own methods.
 *   node mutate.js --id N ACTION [connection]
 *   ACTION: remove | requeue (inactive) | active | complete | failed | delayed | state S | priority P |
 *           set FIELD VALUE | log TEXT | progress N TOTAL [JSON]
 * Prints {"id", "action", "state"} or {"id", "error"}.
 */
const { kue, opts, createQueue, out, p, sleep, exit, fail } = require('./common');
(async () => {
  createQueue();
  const id = Number(opts.id), [action, ...a] = opts._;
  let job;
  try { job = await p(kue.Job, 'get', id); } catch (e) { out({ id, error: e.message }); await sleep(50); return exit(0); }
  if (action === 'remove') await p(job, 'remove');
  else if (action === 'requeue') await p(job, 'inactive');
  else if (/^(active|complete|failed|delayed)$/.test(action)) await p(job, action);
  else if (action === 'state') await p(job, 'state', a[0]);
  else if (action === 'priority') await p(job.priority(isNaN(a[0]) ? a[0] : Number(a[0])), 'save');
  else if (action === 'set') await p(job, 'set', a[0], a[1]);
  else if (action === 'log') job.log('%s', a[0]);
  else if (action === 'progress') job.progress(Number(a[0]), Number(a[1]), a[2] ? JSON.parse(a[2]) : undefined);
  else throw new Error('no such action: ' + action);
  await sleep(80);
  out({ id, action, state: action === 'remove' ? null : job.state() });
  exit(0);
})().catch(fail);
