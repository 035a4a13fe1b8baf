#!/usr/bin/env node
// peers.js
//
// Copyright 2026 The Callboard authors
// SPDX-License-Identifier: GPL-3.0-or-later

'use strict';

/*
 * What other queues make of the same jobs, measured as bench-worker.c measures ours:
 *
 *   node peers.js --engine kue|bull|bullmq|bee --port P [--jobs N] [--concurrency C] [--latency]
 *
 * It empties the server on port P and prints one line of JSON. The producer and the worker are processes of their own, and the
 * clock starts when their library is loaded. The handler does nothing; finished jobs are kept, as each library does by
 * itself; up to 500 jobs are being added at once. --latency adds one job at a time to an idle worker.
 */

const net = require('net');
const { fork } = require('child_process');

const options = { jobs: 20000, concurrency: 10, port: 0, engine: '', phase: '', latency: false };
for (let i = 2; i < process.argv.length; i++) {
  const name = process.argv[i].replace(/^--/, '');
  if (name === 'latency') options.latency = true;
  else options[name] = typeof options[name] === 'number' ? Number(process.argv[++i]) : process.argv[++i];
}

const QUEUE = 'bench';
const AHEAD = 500;
const redis = { host: '127.0.0.1', port: options.port };
const payload = (i) => ({ phoneNumber: '415351' + (1000 + (i % 9000)), message: 'This is the code ' + i + ' to verify your account' });

/* Each: load() the library; add() one job, a promise; work() with a handler, telling of each completed job; count() command. */
const engines = {
  kue: {
    load: () => require('kue'),
    producer(kue) {
      const queue = kue.createQueue({ redis });
      return (i) => new Promise((resolve, reject) => queue.create(QUEUE, payload(i)).save((e) => (e ? reject(e) : resolve())));
    },
    work(kue, started, completed) {
      const queue = kue.createQueue({ redis });
      queue.setMaxListeners(0);
      queue.process(QUEUE, options.concurrency, (job, done) => { started(); done(); });
      for (const worker of queue.workers) worker.on('job complete', completed);
    },
    count: ['ZCARD', 'q:jobs:complete'],
  },
  bull: {
    load: () => require('bull'),
    producer(Queue) {
      const queue = new Queue(QUEUE, { redis });
      return (i) => queue.add(payload(i));
    },
    work(Queue, started, completed) {
      const queue = new Queue(QUEUE, { redis });
      queue.on('completed', completed);
      queue.process(options.concurrency, async () => { started(); });
    },
    count: ['ZCARD', 'bull:' + QUEUE + ':completed'],
  },
  bullmq: {
    load: () => require('bullmq'),
    producer({ Queue }) {
      const queue = new Queue(QUEUE, { connection: redis });
      return (i) => queue.add(QUEUE, payload(i));
    },
    work({ Worker }, started, completed) {
      const worker = new Worker(QUEUE, async () => { started(); },
        { connection: { ...redis, maxRetriesPerRequest: null }, concurrency: options.concurrency });
      worker.on('completed', completed);
    },
    count: ['ZCARD', 'bull:' + QUEUE + ':completed'],
  },
  bee: {
    load: () => require('bee-queue'),
    producer(Queue) {
      const queue = new Queue(QUEUE, { redis, isWorker: false });
      return (i) => queue.createJob(payload(i)).save();
    },
    work(Queue, started, completed) {
      const queue = new Queue(QUEUE, { redis });
      queue.on('succeeded', completed);
      queue.process(options.concurrency, async () => { started(); });
    },
    count: ['SCARD', 'bq:' + QUEUE + ':succeeded'],
  },
};
const engine = engines[options.engine];

const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* --- the processes that are measured --- */

function tell(answer) {
  process.send(answer, () => process.exit(0));
}

function measure() {
  const since = seconds();
  const cpu = process.cpuUsage();
  return () => {
    const spent = process.cpuUsage(cpu);
    tell({ wall: seconds() - since, cpu: spent.user + spent.system, rss: process.resourceUsage().maxRSS / 1024 });
  };
}

async function produce() {
  const library = engine.load();
  const end = measure();
  const add = engine.producer(library);
  let next = 0;
  const lane = async () => { while (next < options.jobs) await add(next++); };
  await Promise.all(Array.from({ length: AHEAD }, lane));
  end();
}

function work() {
  const library = engine.load();
  const end = measure();
  let n = 0;
  engine.work(library, () => {}, () => { if (++n === options.jobs) end(); });
}

async function wait() {
  const library = engine.load();
  const times = [];
  let add = engine.producer(library);
  let started = () => {};
  let completed = () => {};
  engine.work(library, () => started(seconds()), () => completed());
  await sleep(1000);
  for (let i = 0; i < options.jobs; i++) {
    const start = new Promise((resolve) => { started = resolve; });
    const end = new Promise((resolve) => { completed = resolve; });
    const since = seconds();
    add(i);
    times.push((await start) - since);
    await end;
    await sleep(5);
  }
  times.sort((a, b) => a - b);
  tell({ start_ms_p50: times[times.length >> 1] * 1000, start_ms_p95: times[Math.floor(times.length * 0.95)] * 1000 });
}

/* --- the one that measures --- */

/* One command over a connection of its own; the replies that are asked for here are short. */
function ask(...words) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(options.port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.on('data', (data) => {
      text += data;
      const head = text.indexOf('\r\n');
      if (head < 0) return;
      if (text[0] === '$' && text.length < head + 4 + Number(text.slice(1, head))) return;
      socket.destroy();
      if (text[0] === '-') reject(new Error(text.slice(1, head)));
      else resolve(text[0] === '$' ? text.slice(head + 2) : text.slice(1, head));
    });
    socket.write('*' + words.length + '\r\n' + words.map((word) => '$' + Buffer.byteLength(word) + '\r\n' + word + '\r\n').join(''));
  });
}

async function look() {
  const info = await ask('INFO', 'everything');
  const get = (field) => Number(new RegExp('^' + field + ':(.*)$', 'm').exec(info)[1]);
  return { cpu: (get('used_cpu_user') + get('used_cpu_sys')) * 1e6, commands: get('total_commands_processed') };
}

function run(phase) {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, process.argv.slice(2).concat('--phase', phase),
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    let answer = null;
    child.on('message', (message) => { answer = message; });
    child.on('exit', () => (answer ? resolve(answer) : reject(new Error(options.engine + ' gave no answer'))));
  });
}

async function cost(phase) {
  const before = await look();
  const answer = await run(phase);
  const after = await look();
  return {
    jobs_per_s: Math.round(options.jobs / answer.wall),
    client_cpu_us_per_job: answer.cpu / options.jobs,
    redis_cpu_us_per_job: (after.cpu - before.cpu) / options.jobs,
    redis_cmds_per_job: (after.commands - before.commands) / options.jobs,
    max_rss_mb: answer.rss,
  };
}

async function main() {
  if (!engine || !options.port) {
    console.error('usage: node peers.js --engine kue|bull|bullmq|bee --port P [--jobs N] [--concurrency C] [--latency]');
    process.exit(2);
  }
  if (options.phase) return { produce, work, wait }[options.phase]();

  const line = { engine: options.engine, mode: options.latency ? 'latency' : 'throughput', n: options.jobs, concurrency: options.concurrency };
  await ask('FLUSHALL');
  if (options.latency) {
    Object.assign(line, await run('wait'));
  } else {
    line.produce = await cost('produce');
    line.process = await cost('work');
    const done = Number(await ask(...engine.count));
    if (done !== options.jobs) throw new Error(done + ' jobs are complete, not ' + options.jobs);
  }
  console.log(JSON.stringify(line));
  process.exit(0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
