#!/usr/bin/env node
// table.js
//
// Copyright 2026 The Callboard authors
// SPDX-License-Identifier: GPL-3.0-or-later

'use strict';

/* Medians and ratios of the lines that bench-worker and peers.js print, as a table in Markdown: node table.js FILE… */

const fs = require('fs');

const PEERS = ['bull', 'bullmq', 'bee'];
const NAMES = { callboard: 'Callboard', kue: 'Kue', bull: 'Bull', bullmq: 'BullMQ', bee: 'Bee-Queue' };
const lines = process.argv.slice(2).flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));

function median(engine, mode, concurrency, get) {
  const values = lines.filter((line) => line.engine === engine && line.mode === mode &&
                                        (concurrency === null || line.concurrency === concurrency))
    .map(get).filter((value) => value !== undefined).sort((a, b) => a - b);
  if (values.length === 0) return NaN;
  return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
}

const whole = (x) => (Number.isNaN(x) ? '–' : x >= 1000 ? (x / 1000).toFixed(1) + 'k' : x.toFixed(x < 10 ? 2 : 0));
const ratio = (x) => (Number.isFinite(x) ? x.toFixed(x < 1 ? 2 : 1) : '–');
const cpu = (line) => line.process && line.process.client_cpu_us_per_job + line.process.redis_cpu_us_per_job;

/* What, how to read it, the goals against Kue and against the fastest of the others (more, or less when the goal is below 1). */
const rows = [];
for (const [concurrency, kue, others] of [[1, 6, 3], [10, 4, 1.8], [50, 5, 2]])
  rows.push(['jobs/s done, concurrency ' + concurrency, 'throughput', concurrency, (line) => line.process.jobs_per_s, kue, others]);
rows.push(['jobs/s created', 'throughput', null, (line) => line.produce.jobs_per_s, 8, null]);
for (const concurrency of [1, 10, 50])
  rows.push(['µs of processor time a job, client and Redis, concurrency ' + concurrency, 'throughput', concurrency, cpu, 0.25, null]);
rows.push(['ms from adding to an idle worker to the start', 'latency', null, (line) => line.start_ms_p50, 0.4, null]);
rows.push(['ms until a line of callboardctl tells of it', 'latency', null, (line) => line.line_ms_p50, null, null]);
rows.push(['MiB, resident', 'throughput', null, (line) => line.process.max_rss_mb, null, null]);

const engines = ['callboard', 'kue', ...PEERS].filter((engine) => lines.some((line) => line.engine === engine));
console.log('| | ' + engines.map((engine) => NAMES[engine]).join(' | ') + ' | to Kue | to the best of the others |');
console.log('|---|' + engines.map(() => '--:|').join('') + '--:|--:|');
for (const [name, mode, concurrency, get, kueGoal, othersGoal] of rows) {
  const values = Object.fromEntries(engines.map((engine) => [engine, median(engine, mode, concurrency, get)]));
  if (name.startsWith('MiB')) values.callboard = median('callboard', 'latency', null, (line) => line.max_rss_mb);
  const less = kueGoal === null || kueGoal < 1;
  const others = PEERS.map((engine) => values[engine]).filter((value) => !Number.isNaN(value));
  const best = others.length === 0 ? NaN : less ? Math.min(...others) : Math.max(...others);
  const goal = (value, wanted) => ratio(value) + (wanted === null ? '' : ' (goal ' + (less ? '≤ ' : '≥ ') + wanted + ')');
  console.log('| ' + name + ' | ' + engines.map((engine) => whole(values[engine])).join(' | ') + ' | ' +
              goal(values.callboard / values.kue, kueGoal) + ' | ' + goal(values.callboard / best, othersGoal) + ' |');
}
