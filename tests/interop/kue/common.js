'use strict';
/* common.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Shared by the interop scripts: options, the connection, output.
 *
 * Connection options (all scripts):
 *   --host H        default 127.0.0.1
 *   --port P        default 6379
 *   --socket PATH   a Unix socket instead of host and port
 *   --db N          default 0
 *   --auth PASS
 *   --prefix PREF   default q; give '{q}' for the hash-tagged form
 *   --interval MS   promotion and ttl scan interval (only a process that runs process() scans), default 1000
 * Every line on stdout is one JSON value. Remarks go to stderr.
 */
const kue = require('kue');

function parse(argv) {
  const o = { _: [] };
  for (let i = 0; i < argv.length; i++) {
    const m = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(argv[i]);
    if (!m) { o._.push(argv[i]); continue; }
    let v = m[2];
    if (v === undefined) v = i + 1 < argv.length && !/^--[a-z]/.test(argv[i + 1]) ? argv[++i] : true;
    o[m[1]] = v;
  }
  return o;
}

const opts = parse(process.argv.slice(2));
const num = (name, def) => (opts[name] === undefined ? def : Number(opts[name]));
const list = (name) => (opts[name] === undefined || opts[name] === true ? [] : String(opts[name]).split(',').filter((x) => x !== ''));

function connection() {
  /* Kue's own "socket" option sends SELECT null, which Redis answers with an error on every connection;
   * the path in the client's own options reaches the socket without that. */
  const r = { options: {} };
  if (opts.socket) r.options.path = opts.socket; else { r.host = opts.host || '127.0.0.1'; r.port = num('port', 6379); }
  r.db = num('db', 0);
  if (opts.auth) r.auth = String(opts.auth);
  return r;
}

function createQueue(extra) {
  const queue = kue.createQueue(Object.assign({
    prefix: opts.prefix || 'q',
    redis: connection(),
    promotion: { interval: num('interval', 1000) },
    disableSearch: !opts.search
  }, extra));
  queue.on('error', (e) => { process.stderr.write('queue error: ' + (e && e.message || e) + '\n'); });
  return queue;
}

const out = (o) => process.stdout.write(JSON.stringify(o) + '\n');
const p = (obj, name, ...a) => new Promise((res, rej) => obj[name](...a, (e, r) => (e ? rej(e) : res(r))));
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
/* Leaves once stdout is written. */
const exit = (code) => process.stdout.write('', () => process.exit(code));
const fail = (e) => { process.stderr.write((e && e.stack || e) + '\n'); exit(1); };

module.exports = { kue, opts, num, list, createQueue, out, p, sleep, exit, fail };
