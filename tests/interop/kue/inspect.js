'use strict';
/* inspect.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Prints real Kue's view of a server as one JSON object.
 *   node inspect.js [options] [connection]
 *   --no-jobs            counts only: {"counts", "total", "types", "countsByType", "tokens", "workTime", "lastId"}
 *   --ids 1,2,...        the jobs to show, by Job.get; default: every id of the state sets
 *   --state S [--type T] [--from N --to M] [--order asc|desc]   also "range": the ids Job.rangeByState/rangeByType returns
 *   --range              with --from, --to, --order: the ids Job.range returns
 *   --query WORDS        also "found": ids the full-text search returns
 *   --pretty             indent
 * Jobs come under "jobs" (toJSON(), by id), what Kue refuses to read under "unreadable", logs under "logs".
 * Note that Kue deletes phantoms (ids without a hash) when it meets them, so reading jobs changes the server;
 * counts are taken before.
 */
const { kue, opts, num, list, createQueue, out, p, sleep, exit, fail } = require('./common');
const STATES = ['inactive', 'active', 'complete', 'failed', 'delayed'];
const Job = kue.Job;
console.error = () => {};

(async () => {
  const queue = createQueue(opts.query ? { disableSearch: false } : {});
  const c = queue.client, key = (k) => c.getKey(k);
  const o = { prefix: c.prefix, counts: {}, countsByType: {}, tokens: {} };
  for (const s of STATES) o.counts[s] = await p(queue, s + 'Count');
  o.total = await p(c, 'zcard', key('jobs'));
  o.types = (await p(queue, 'types')).sort();
  for (const t of o.types) {
    o.countsByType[t] = {};
    for (const s of STATES) o.countsByType[t][s] = await p(queue, s + 'Count', t);
    o.tokens[t] = await p(c, 'llen', key(t + ':jobs'));
  }
  const wt = await p(queue, 'workTime');
  o.workTime = isNaN(wt) ? null : wt;
  o.lastId = Number(await p(c, 'get', key('ids')));
  if (!opts['no-jobs']) {
    let ids = list('ids').map(Number);
    if (!ids.length) {
      const set = new Set((await p(c, 'zrange', key('jobs'), 0, -1)).map((z) => c.stripFIFO(z)));
      for (const s of STATES) (await p(queue, 'state', s)).forEach((i) => set.add(i));
      ids = [...set].sort((a, b) => a - b);
    }
    o.jobs = {}; o.unreadable = {}; o.logs = {};
    for (const id of ids) {
      const log = await p(Job, 'log', id);
      if (log.length) o.logs[id] = log;
      await new Promise((r) => Job.get(id, (e, j) => { if (e) o.unreadable[id] = e.message; else o.jobs[id] = j; r(); }));
    }
  }
  const from = num('from', 0), to = num('to', -1), order = opts.order || 'asc';
  if (opts.state) o.range = (opts.type ? await p(Job, 'rangeByType', opts.type, opts.state, from, to, order) : await p(Job, 'rangeByState', opts.state, from, to, order)).map((j) => j.id);
  else if (opts.range) o.range = (await p(Job, 'range', from, to, order)).map((j) => j.id);
  if (opts.query) {
    const reds = require('reds');
    reds.createClient = kue.redis.createClient;
    o.found = await new Promise((res, rej) => reds.createSearch(key('search')).query(String(opts.query)).end((e, r) => (e ? rej(e) : res(r))));
  }
  if (opts.pretty) process.stdout.write(JSON.stringify(o, null, 2) + '\n'); else out(o);
  await sleep(50);
  exit(0);
})().catch(fail);
