'use strict';
/* producer.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Creates jobs with real Kue.
 *   node producer.js --type T [--count N] [options] [connection]
 *   --data JSON          data of every job; %i in a string is replaced by the job's number (from 0)
 *   --phones A,B,...     instead of --data: {phoneNumber, message}, the numbers in turn
 *   --list FILE          instead of --data: a JSON array, one job an element
 *   --priority NAME|N    --priorities A,B,...   one for all, or in turn
 *   --attempts N         --delay MS             --ttl MS
 *   --backoff true|JSON|'function...'           --remove-on-complete
 *   --search             index for search       --search-keys a,b
 *   --events false       events(false)          --gap MS   wait between two jobs
 * Prints a line a job: {"id", "type", "state", "priority", "data"}.
 */
const { opts, num, list, createQueue, out, p, sleep, exit, fail } = require('./common');
const fs = require('fs');

(async () => {
  const queue = createQueue();
  const type = opts.type || 'push_notification_code';
  const phones = list('phones'), priorities = list('priorities');
  const all = opts.list ? JSON.parse(fs.readFileSync(opts.list, 'utf8')) : null;
  const count = all ? all.length : num('count', 1);
  const priority = (v) => (v !== '' && !isNaN(v) ? Number(v) : v);
  for (let i = 0; i < count; i++) {
    let data = {};
    if (all) data = all[i];
    else if (phones.length) data = { phoneNumber: phones[i % phones.length], message: 'This is the code 1234 to verify your account' };
    else if (opts.data !== undefined) data = JSON.parse(String(opts.data).replace(/%i/g, String(i)));
    const job = queue.create(type, data);
    if (opts.priority !== undefined) job.priority(priority(opts.priority));
    if (priorities.length) job.priority(priority(priorities[i % priorities.length]));
    if (opts.attempts !== undefined) job.attempts(num('attempts'));
    if (opts.delay !== undefined) job.delay(num('delay'));
    if (opts.ttl !== undefined) job.ttl(num('ttl'));
    if (opts['remove-on-complete']) job.removeOnComplete(true);
    if (opts['search-keys']) job.searchKeys(list('search-keys'));
    if (opts.events === 'false') job.events(false);
    if (opts.backoff !== undefined) {
      const b = String(opts.backoff);
      job.backoff(b === 'true' ? true : /^function|^\(/.test(b) ? eval('(' + b + ')') : JSON.parse(b));
    }
    await p(job, 'save');
    out({ id: job.id, type, state: job.state(), priority: job.priority(), data });
    if (opts.gap) await sleep(num('gap'));
  }
  await sleep(50); /* the enqueue event leaves on another connection */
  await new Promise((r) => queue.shutdown(1000, r));
  exit(0);
})().catch(fail);
