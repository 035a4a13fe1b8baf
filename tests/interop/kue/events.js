'use strict';
/* events.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Prints each event real Kue's Queue emits: {"event": "job enqueue", "args": [id, ...]}, in the order it emits them.
 *   node events.js [--max N] [--timeout MS] [--jobs IDS] [connection]
 *   --max N       stop after N events        --timeout MS  stop after MS
 *   --jobs IDS    events of these ids only
 * Prints {"ready": true} once subscribed. Any event name is printed, known to Kue or not.
 */
const { opts, num, list, createQueue, out, exit } = require('./common');
const queue = createQueue();
const only = list('jobs');
let n = 0;
const emit = queue.emit;
queue.emit = function (event, ...args) {
  if (/^job /.test(event) && (!only.length || only.includes(String(args[0])))) {
    out({ event, args });
    if (opts.max !== undefined && ++n >= num('max')) setTimeout(() => exit(0), 20);
  }
  return emit.call(this, event, ...args);
};
const pubsub = require('kue').redis.pubsubClient();
pubsub.on('subscribe', () => out({ ready: true }));
if (opts.timeout !== undefined) setTimeout(() => exit(0), num('timeout'));
process.on('SIGTERM', () => exit(0));
process.on('SIGINT', () => exit(0));
