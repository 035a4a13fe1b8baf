'use strict';
/* storm.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * The real Kue in a storm of kills (tests/crash/test-storm.c).
 *   node storm.js work --type T --concurrency N --file FILE [connection]
 *   node storm.js create --type T --file FILE [connection]
 * FILE is where everybody writes down what happened, a line each, in one write:
 *   created N ID | start N ID MADE kue | ok N ID kue | bad N ID kue        (N: the number of the job, out of its data)
 * The data of a job: {"n", "msec": how long a run takes, "fail": runs that fail, "hang": runs that never end}.
 * create reads a line {"options": {...}, "elements": [data, ...]} at a time and tells of each job that was saved.
 */
const fs = require('fs');
const { opts, num, createQueue } = require('./common');
const fd = fs.openSync(opts.file, 'a');
const write = (...words) => fs.writeSync(fd, words.join(' ') + '\n');
const queue = createQueue();

function work() {
  queue.process(opts.type, num('concurrency', 1), (job, done) => {
    const { n, msec, fail, hang } = job.data || {}, made = job._attempts || 0;
    if (n === undefined) return done(); /* it was cut short when it was created */
    write('start', n, job.id, made, 'kue');
    if (made < hang) return;
    job.progress(1, 2);
    job.log('run of %d', n);
    setTimeout(() => {
      if (made < fail) {
        write('bad', n, job.id, 'kue');
        done(new Error('failed by its own doing'));
      } else {
        write('ok', n, job.id, 'kue');
        done(null, { n });
      }
    }, msec);
  });
}

function create(line) {
  const { options: o, elements } = JSON.parse(line);
  for (const data of elements) {
    const job = queue.create(opts.type, data).priority(o.priority).attempts(o.attempts);
    if (o.delay) job.delay(o.delay);
    if (o.ttl) job.ttl(o.ttl);
    if (o.backoff) job.backoff({ type: 'fixed', delay: o.backoff });
    if (o.remove) job.removeOnComplete(true);
    job.save((error) => { if (!error) write('created', data.n, job.id); });
  }
}

if (opts._[0] === 'work') {
  work();
} else {
  require('readline').createInterface({ input: process.stdin }).on('line', create).on('close', () => process.exit(0));
}
