'use strict';
/* server.js
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/*
 * Real Kue's HTTP application (its UI and JSON API).
 *   node server.js [--listen PORT] [--bind ADDRESS] [connection]     (default: any free port of 127.0.0.1)
 * Prints {"listening": PORT}; ends on SIGTERM or SIGINT.
 */
const { kue, opts, num, createQueue, out, exit } = require('./common');
createQueue();
const s = kue.app.listen(num('listen', 0), opts.bind || '127.0.0.1', () => out({ listening: s.address().port }));
process.on('SIGTERM', () => exit(0));
process.on('SIGINT', () => exit(0));
