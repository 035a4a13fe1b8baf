'use strict';
/* worker.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Processes jobs of a type with real Kue.
 *   node worker.js --type T[,T2...] [--concurrency N] [options] [connection]
 *   --max N              stop after N finished runs         --timeout MS   stop after MS
 *   --idle MS            stop when nothing happened for MS
 *   --fail IDS|all       these jobs fail                     --fail-message TEXT  --fail-as error|string|object
 *   --fail-times N       ... only while fewer than N attempts were made (default: always)
 *   --hang IDS|all       these never finish (ttl, shutdown)  --crash IDS    exit at once, without a shutdown, when one starts
 *   --work MS            how long a run takes (default 0)
 *   --progress N         report N steps of progress, with data {step: i}
 *   --log TEXT           log this line (%d is the id)         --result JSON  result passed to done()
 *   --watch-stuck MS     watchStuckJobs(MS)                  --shutdown MS  timeout of the final shutdown, default 1000
 * Prints {"ready": [types]} first, then a line a run, when it ended:
 *   {"order", "id", "type", "data", "attempts", "started", "worker", ["error"], ["result"], "state", ["removed"]}
 * order counts starts, from 1; attempts is the number made before this run; state is the one Kue gave the job
 * at the end of the run ("complete", "failed", "inactive", "delayed").
 */
const { opts, num, list, createQueue, out, sleep, exit } = require('./common');

const queue = createQueue();
const has = (name, id) => opts[name] === 'all' || list(name).includes(String(id));
let started = 0, finished = 0, last = Date.now(), stopping = false;

async function stop(code) {
  if (stopping) return;
  stopping = true;
  await sleep(30);
  queue.shutdown(num('shutdown', 1000), () => exit(code || 0));
}

/* Kue gives no callback for "this run is settled"; its worker object emits the outcome, so listen there. */
const runs = new Map();
function settled(worker, job) {
  const run = runs.get(worker);
  if (!run || run.id !== job.id) return;
  runs.delete(worker);
  run.state = job.state();
  if (run.state === 'complete' && job.removeOnComplete()) run.removed = true;
  out(run);
  last = Date.now();
  if (opts.max !== undefined && ++finished >= num('max')) stop();
}

/* An Error whose stack does not depend on where this script lies. */
function failure(message) {
  const e = new Error(message);
  e.stack = 'Error: ' + message + '\n    at process (worker.js:1:1)';
  return e;
}

const types = String(opts.type || 'push_notification_code').split(',');
out({ ready: types });
for (const type of types) {
  queue.process(type, num('concurrency', 1), (job, done) => {
    last = Date.now();
    const order = ++started;
    const run = { order, id: job.id, type: job.type, data: job.data, attempts: job._attempts || 0, started: Number(job.started_at), worker: job.workerId };
    const worker = queue.workers.find((w) => w.job === job);
    runs.set(worker, run);
    if (has('crash', job.id)) { process.stdout.write(JSON.stringify(Object.assign(run, { state: 'crash' })) + '\n', () => process.exit(9)); return; }
    if (opts.log) job.log(String(opts.log).replace(/%d/g, job.id));
    if (has('hang', job.id)) return;
    const steps = num('progress', 0);
    for (let i = 1; i <= steps; i++) setTimeout(() => job.progress(i, steps, { step: i }), (num('work', 0) * i) / (steps + 1));
    setTimeout(() => {
      if (has('fail', job.id) && (opts['fail-times'] === undefined || (job._attempts || 0) < num('fail-times'))) {
        const message = opts['fail-message'] || 'Phone number ' + (job.data && job.data.phoneNumber) + ' is blacklisted';
        run.error = message;
        const as = opts['fail-as'] || 'error';
        return done(as === 'string' ? message : as === 'object' ? { message } : failure(message));
      }
      if (opts.result !== undefined) { run.result = JSON.parse(opts.result); return done(null, run.result); }
      done();
    }, num('work', 0));
  });
}
for (const w of queue.workers) for (const e of ['job complete', 'job failed', 'job failed attempt']) w.on(e, (job) => settled(w, job));

if (opts['watch-stuck']) queue.watchStuckJobs(num('watch-stuck', 1000));
if (opts.timeout !== undefined) setTimeout(() => stop(), num('timeout'));
if (opts.idle !== undefined) setInterval(() => { if (!runs.size && Date.now() - last > num('idle')) stop(); }, 50);
process.on('SIGTERM', () => stop());
process.on('SIGINT', () => stop());
