/* cb-memory-engine-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-capture.h"
#include "cb-memory-engine.h"
#include "cb-memory-store.h"

G_BEGIN_DECLS

struct _CbMemoryEngine
{
  CbEngine       parent_instance;

  CbMemoryStore *store;         /* (owned) */
  GError        *fault;         /* (owned) (nullable) what every call answers */
  guint          delay_msec;
  gint64         skew;          /* µs that the clock was put forward */
  gint64         last_start;    /* µs, so that no two claims look the same */
  gboolean       watched;
  GQueue         events;        /* (owned) (element-type CbJobEvent) on their way */
  guint          events_id;
  GList         *waits;         /* (owned) (element-type Wait) */

  /* cb-memory-undo.c */
  GHashTable    *kept;          /* (owned) (nullable) number → Kept */
  gint64         last_kept;
};

gint64      cb_memory_engine_now          (CbMemoryEngine      *self);
/* NULL when the call was answered with the fault already. */
GTask      *cb_memory_engine_begin        (CbMemoryEngine      *self,
                                           gpointer             source_tag,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);
/* These answer after the delay; they take @task. */
void        cb_memory_engine_answer       (CbMemoryEngine      *self,
                                           GTask               *task,
                                           gpointer             pointer,
                                           GDestroyNotify       free_func);
void        cb_memory_engine_answer_boolean (CbMemoryEngine    *self,
                                             GTask             *task,
                                             gboolean           value);
void        cb_memory_engine_answer_int   (CbMemoryEngine      *self,
                                           GTask               *task,
                                           int                  number);
void        cb_memory_engine_answer_error (CbMemoryEngine      *self,
                                           GTask               *task,
                                           GError              *error);    /* (transfer full) */
/* @rest: what follows the name in args, ",5,null", or "". */
void        cb_memory_engine_tell         (CbMemoryEngine      *self,
                                           CbMemoryJob         *job,
                                           const char          *name,
                                           const char          *rest);
char       *cb_memory_engine_quote        (const char          *text);     /* ,"text" for the above */
/* Into the waiting set, with its event. */
void        cb_memory_engine_enqueue      (CbMemoryEngine      *self,
                                           CbMemoryJob         *job);
void        cb_memory_engine_remove       (CbMemoryEngine      *self,
                                           CbMemoryJob         *job);

/* cb-memory-update.c: without what its runs have left. */
void        cb_memory_engine_make_new     (CbMemoryJob         *job);
void        cb_memory_engine_update       (CbEngine            *engine,
                                           const char          *id,
                                           const CbJobChanges  *changes,
                                           const CbJobRecord   *seen,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);

/* The same, at once. */
GError     *cb_memory_engine_change       (CbMemoryEngine      *self,
                                           const char          *id,
                                           const CbJobChanges  *changes,
                                           const CbJobRecord   *seen);
GError     *cb_memory_engine_act_on       (CbMemoryEngine      *self,
                                           CbJobAction          action,
                                           double               argument,
                                           const char          *id);

/* cb-memory-undo.c */
void        cb_memory_engine_capture      (CbEngine *engine, const CbDeed *deed, const char * const *ids, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void        cb_memory_engine_act_captured (CbEngine *engine, const CbDeed *deed, GPtrArray *captures, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void        cb_memory_engine_restore      (CbEngine *engine, const CbDeed *deed, GPtrArray *captures, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

void        cb_memory_engine_class_init_work (CbEngineClass    *klass);
void        cb_memory_engine_wake            (CbMemoryEngine   *self,
                                              const char       *queue);

G_END_DECLS
