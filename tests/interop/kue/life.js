'use strict';
/* life.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Real Kue does one thing at a time, as it is told (tests/interop/test-life.c).
 *   node life.js [--job-events false] [--search] [connection]
 * Reads a JSON array a line from standard input, does it with Kue's own code, and answers with a JSON value when Redis has
 * got every command of it:
 *   ["create", TYPE, DATA, OPTIONS]   the id                ["take", TYPE]                  the id that runs now
 *   ["progress", ID, N, TOTAL, DATA]                        ["log", ID, TEXT]
 *   ["complete", ID, RESULT]                                ["fail", ID, MESSAGE, STACK]
 *   ["state", ID, STATE]                                    ["remove", ID]
 *   ["update", ID, CHANGES, STATE]    STATE (optional): job.state(STATE) after it, as Kue's own retries do
 *   ["promote"]                       until no delayed job is due now or within a second
 *   ["abandon", ID]                   its worker is gone
 *   ["expire"]                        until no active job has outlived its time or will within a second
 *   ["range", STATE, TYPE, FROM, TO, ORDER]                 the ids of Job.range…(); STATE and TYPE may be null
 *   ["search", WORDS]                                       the ids, as strings
 *   ["counts"]                        {"types", "work-time", "counts": {S: n}, "by-type": {T: {S: n}}}
 * A back-off that is a string beginning with "function" is that function.
 */
const { kue, opts, createQueue, out, p, exit, fail } = require('./common');
const Worker = require('kue/lib/queue/worker');
/* The operations whose answer is told. */
const TOLD = ['create', 'take', 'range', 'counts', 'search'];
const STATES = ['inactive', 'active', 'complete', 'failed', 'delayed'];

const queue = createQueue(opts['job-events'] === 'false' ? { jobEvents: false } : {});
/* The listener of every worker that ran is one more, until it starts again. */
queue.setMaxListeners(0);

const clients = [queue.client], make = kue.redis.createClient;
kue.redis.createClient = (...a) => { const c = make(...a); clients.push(c); return c; };
require('reds').createClient = kue.redis.createClient;

/* What was sent before the answer to a PING has been done. What that led to is sent before the next PING. */
async function settle() {
  for (let i = 0; i < 6; i++) {
    for (const c of new Set([...clients, kue.redis.client()])) if (c && !c.pub_sub_mode) await p(c, 'ping');
    await new Promise(setImmediate);
  }
}

async function until(what) {
  while (!(await what())) await new Promise((r) => setTimeout(r, 10));
}

function set(job, o) {
  if (o.data !== undefined) job.data = o.data;
  if (o.priority !== undefined) job.priority(o.priority);
  if (o.attempts !== undefined) job.attempts(o.attempts);
  if (o.delay !== undefined) job.delay(o.delay);
  if (o.ttl !== undefined) job.ttl(o.ttl);
  if (o.backoff !== undefined) job.backoff(/^function/.test(o.backoff) ? eval('(' + o.backoff + ')') : o.backoff);
  if (o.removeOnComplete !== undefined) job.removeOnComplete(o.removeOnComplete);
  if (o.searchKeys !== undefined) job.searchKeys(o.searchKeys);
  return job;
}

/* One of Kue's workers, with what Queue.process() does to it, for one job. */
const held = new Map();
function take(type) {
  return new Promise((resolve) => {
    const worker = new Worker(queue, type);
    worker.on('job complete', (job) => queue.client.incrby(queue.client.getKey('stats:work-time'), job.duration, () => {}));
    worker.id = [queue.id, type, 1].join(':');
    worker.start((job, done) => {
      worker.running = false;
      held.set(job.id, { worker, job, done });
      resolve(job.id);
    });
  });
}

/* As if the worker's process had ended. */
function abandon(id) {
  const { worker } = held.get(id);
  queue.removeListener('job ttl exceeded', worker.ttlExceededCb);
  held.delete(id);
}

function finish(id, ...args) {
  const { worker, done } = held.get(id);
  held.delete(id);
  return new Promise((resolve) => {
    for (const e of ['job complete', 'job failed', 'job failed attempt']) worker.once(e, resolve);
    done(...args);
  });
}

const operations = {
  create: async (type, data, o) => { const job = set(queue.create(type, data), o); await p(job, 'save'); return job.id; },
  take,
  abandon: async (id) => abandon(id),
  progress: async (id, n, total, data) => { held.get(id).job.progress(n, total, data); },
  log: async (id, text) => { held.get(id).job.log('%s', text); },
  complete: (id, result) => finish(id, null, result),
  fail: (id, message, stack) => finish(id, stack ? Object.assign(new Error(message), { stack }) : { message }),
  state: async (id, state) => p(await p(kue.Job, 'get', id), 'state', state),
  remove: async (id) => p(await p(kue.Job, 'get', id), 'remove'),
  update: async (id, changes, state) => {
    const job = set(await p(kue.Job, 'get', id), changes);
    /* Job.update() leaves it out. */
    if (changes.attempts !== undefined) job.set('max_attempts', changes.attempts);
    await p(job, 'update');
    if (state) await p(job, 'state', state);
  },
  promote: async () => {
    const key = queue.client.getKey('jobs:delayed'), bound = Date.now() + 1000;
    queue._options.promotion = { interval: 20 };
    queue.setupTimers();
    clearInterval(queue.activeJobsTtlTimer);
    await until(async () => (await p(queue.client, 'zcount', key, 0, bound)) === 0);
    clearInterval(queue.promoter);
    await until(async () => (await p(queue.client, 'exists', 'promotion:lock')) === 0);
  },
  expire: async () => {
    const key = queue.client.getKey('jobs:active'), bound = Date.now() + 1000;
    queue._options.promotion = { interval: 20 };
    queue.setupTimers();
    clearInterval(queue.promoter);
    await until(async () => (await p(queue.client, 'zcount', key, 100000, bound)) === 0);
    clearInterval(queue.activeJobsTtlTimer);
    await until(async () => (await p(queue.client, 'exists', 'activeJobsTTL:lock')) === 0);
  },
  range: async (state, type, from, to, order) => (await (!state ? p(kue.Job, 'range', from, to, order)
    : !type ? p(kue.Job, 'rangeByState', state, from, to, order)
      : p(kue.Job, 'rangeByType', type, state, from, to, order))).map((job) => job.id),
  search: (words) => new Promise((resolve, reject) => require('reds').createSearch(queue.client.getKey('search')).query(words)
    .end((e, ids) => (e ? reject(e) : resolve(ids)))),
  counts: async () => {
    const o = { types: (await p(queue, 'types')).sort(), counts: {}, 'by-type': {} };
    for (const s of STATES) o.counts[s] = await p(queue, s + 'Count');
    for (const t of o.types) {
      o['by-type'][t] = {};
      for (const s of STATES) o['by-type'][t][s] = await p(queue, s + 'Count', t);
    }
    return o;
  }
};

(async () => {
  if (!queue.client.ready) await new Promise((r) => queue.client.once('ready', r));
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    const [operation, ...args] = JSON.parse(line);
    const answer = await operations[operation](...args);
    await settle();
    /* A job that expired in a worker's hands is not that worker's any more. */
    if (operation === 'expire') held.clear();
    out(TOLD.includes(operation) ? answer : null);
  }
  exit(0);
})().catch(fail);
