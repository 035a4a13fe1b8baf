/* cb-memory-store.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/* By the order in which people read them. */
enum
{
  CB_MEMORY_INACTIVE,
  CB_MEMORY_ACTIVE,
  CB_MEMORY_DELAYED,
  CB_MEMORY_FAILED,
  CB_MEMORY_COMPLETE,
  CB_MEMORY_N_STATES
};

extern const CbStateInfo cb_memory_states[CB_MEMORY_N_STATES];

typedef struct _CbMemoryStore CbMemoryStore;

/* A job. Its record is ours to change; what is handed out is a copy. */
typedef struct
{
  CbJobRecord   *record;             /* (owned) */
  guint64        number;             /* its place among jobs of equal priority */
  int            state;
  GPtrArray     *log;                /* (owned) (element-type GBytes) */
  gint64         lease_until;        /* µs, 0: claimed by nobody */
  gint64         ttl_until;          /* µs, 0: none */

  GSequenceIter *places[3];          /* in the set of all jobs, of its state, of its queue and state */
} CbMemoryJob;

CbMemoryStore *cb_memory_store_new         (void);
void           cb_memory_store_free        (CbMemoryStore *self);
/* Adds a queue without jobs. */
void           cb_memory_store_add_queue   (CbMemoryStore *self,
                                            const char    *queue);
GPtrArray     *cb_memory_store_list_queues (CbMemoryStore *self);       /* of char*, sorted */
/* Takes the record over; its id becomes the next one when it is "". */
CbMemoryJob   *cb_memory_store_add         (CbMemoryStore *self,
                                            CbJobRecord   *record,      /* (transfer full) */
                                            int            state);
CbMemoryJob   *cb_memory_store_find        (CbMemoryStore *self,
                                            const char    *id);
void           cb_memory_store_move        (CbMemoryStore *self,
                                            CbMemoryJob   *job,
                                            int            state);      /* may be the same, after a change of order */
void           cb_memory_store_remove      (CbMemoryStore *self,
                                            CbMemoryJob   *job);
/* The set of a queue (NULL: all) and state (-1: all, only for all queues); NULL when there is none. */
GSequence     *cb_memory_store_get_set     (CbMemoryStore *self,
                                            const char    *queue,
                                            int            state);
CbJobRecord   *cb_memory_job_dup_record    (CbMemoryJob   *job);

G_END_DECLS
