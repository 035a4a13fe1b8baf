/* storm.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-test-redis.h"

G_BEGIN_DECLS

/* What the parts of the storm share; test-storm.c tells what it is. */

#define QUEUE "email"
#define N_OURS 2

typedef enum
{
  OURS,
  KUE,
  SERVER,
  N_TARGETS
} Target;

typedef enum
{
  PLAIN,        /* one attempt */
  HOPELESS,     /* fails each time */
  RETRIED,      /* fails once or twice, again at once */
  BACKED_OFF,   /* fails once, again a little later */
  DELAYED,
  TIMED,        /* has a time to live that is long enough: an hour, as nothing is put back while the server goes away every few seconds */
  HANGING,      /* does not end the first time, and its time to live ends that */
  REMOVED,      /* goes when it is complete */
  N_KINDS
} Kind;

typedef struct
{
  guint weight;
  int attempts, fail, hang, delay, ttl, backoff;
  gboolean remove;
} KindInfo;

typedef struct
{
  Kind kind;
  guint id;                    /* 0: nobody heard that it was created */
  guint n_starts, n_ok, n_bad;
} Job;

/* What the person who looks after the queue found, and who can only have been Kue. */
typedef struct
{
  guint id;
  char *kind;                  /* (owned) as the doctor calls it; "half" for a failed job that was not retried */
} Accusation;

typedef struct
{
  const char *name;
  Target target;
  guint number;
  GSubprocess *process;        /* (owned) (nullable) */
  gint64 start_at;             /* monotonic: it is not to run before then; -1: not any more */
} Child;

typedef struct
{
  GRand *rand;
  guint n_jobs, n_kills;
  CbTestRedis *redis;
  char *record;                /* the file of what happened */
  char *said;                  /* a folder with a file for each run of a worker of ours */
  char *errors;                /* what all of them complained about */
  char *kue_script;

  Child children[N_OURS + 2];  /* ours, Kue's worker, Kue's producer */
  guint n_starts;
  guint supervision;
  gboolean calm;               /* nothing is killed any more: the rest may be done quickly */
  GArray *jobs;                /* (element-type Job) */
  guint n_heard;               /* of these: somebody was told that it was created */
  gsize record_at;             /* so much of the record was read */
  GPtrArray *creations;        /* (element-type Creation) running */

  guint killed[N_TARGETS];
  guint n_no_server, n_kue_ended, n_kue_stuck;
  guint n_findings, n_suspects, n_unretried, n_removed;
  GHashTable *found;           /* (element-type utf8 guint) findings by their kind */
  GArray *accusations;         /* (element-type Accusation) */
} Storm;

extern const KindInfo storm_kinds[N_KINDS];

/* storm-children.c: those who can be killed, and who starts them again */
Child       *storm_kue_worker       (Storm              *storm);
Child       *storm_kue_producer     (Storm              *storm);
GSubprocess *storm_spawn            (Storm              *storm,
                                     const char         *output,    /* (nullable) a file that is appended to */
                                     GSubprocessFlags    flags,
                                     const char * const *argv);
void         storm_wait_for_end     (GSubprocess        *process);
void         storm_fail_with_errors (Storm              *storm,
                                     const char         *what);
gboolean     storm_supervise_cb     (gpointer            user_data);
void         storm_kill_child       (Child              *child);

/* storm-jobs.c: the jobs, and what is written down about them */
void         storm_read_record      (Storm              *storm);    /* what is new in it */
void         storm_create_until     (Storm              *storm,
                                     guint               n_heard);
void         storm_create_rest      (Storm              *storm);

/* storm-person.c: who looks after the queue afterwards */
void         storm_settle           (Storm              *storm);
gboolean     storm_visit            (Storm              *storm);    /* whether there was anything to do */

/* storm-reckon.c: what became of each job */
void         storm_reckon           (Storm              *storm);

G_END_DECLS
