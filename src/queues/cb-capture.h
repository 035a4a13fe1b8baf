/* cb-capture.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-doctor.h"

G_BEGIN_DECLS

/*
 * What can be undone, at the level of an engine: a job is captured, then acted on only while it is as it was captured, and put
 * back only while it is as the action left it. In between, whoever calls keeps the captures (cb-journal.h does, on disk; cb-bulk.h
 * does all of it).
 */

typedef enum
{
  CB_DEED_RETRY,            /* as the actions of cb_engine_act_async() */
  CB_DEED_PROMOTE,
  CB_DEED_REMOVE,
  CB_DEED_PRIORITY,         /* number: the priority */
  CB_DEED_MOVE,             /* text: the state, as cb_engine_set_state_async() */
  CB_DEED_RETRY_AS_NEW,
  CB_DEED_UPDATE,           /* changes, as cb_engine_update_async() */
  CB_DEED_REPAIR,           /* of findings, as cb_engine_repair_async() */
  CB_DEED_EXPIRE,           /* of keys; number: ms since 1970 when they end, -1 never */
  CB_N_DEEDS
} CbDeedKind;

/* What is to be done with each job of some. */
typedef struct _CbDeed CbDeed;

struct _CbDeed
{
  CbDeedKind kind;
  double     number;
  char      *text;          /* (nullable) */
  CbJobChanges *changes;    /* (nullable) */
};

CbDeed     *cb_deed_new          (CbDeedKind    kind,
                                  double        number,
                                  const char   *text);
CbDeed     *cb_deed_new_update   (const CbJobChanges *changes);
CbDeed     *cb_deed_copy         (const CbDeed *self);
void        cb_deed_free         (CbDeed       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbDeed, cb_deed_free)

/* "remove": for programs, and in the journal. FALSE for a word that is none. */
const char *cb_deed_kind_word    (CbDeedKind    kind);
gboolean    cb_deed_kind_parse   (const char   *word,
                                  CbDeedKind   *kind);

/* A job as it was, for its engine to put back. */
typedef struct
{
  char       *id;           /* "" for a finding that is about no job */
  char       *queue;        /* (nullable) */
  const char *state;        /* interned; "" when it had none */
  gint64      updated_at;   /* µs since 1970 UTC, -1 unknown */
  gint64      started_at;
  gint64      stamp;        /* µs: the time that the action stamps it with */
  GVariant   *before;       /* (nullable) "aay": how it was, in the engine's own form; NULL when there is an error */
  GVariant   *what;         /* (nullable) "aay": of a finding, by what the engine knows it */
  GVariant   *after;        /* (nullable) "aay": how it was left, once it is known */
  GError     *error;        /* (nullable) why it could not be captured: GONE, or NOT_KEPT, or any error of Redis */
} CbCapture;

CbCapture *cb_capture_new        (const char *id);
void       cb_capture_free       (CbCapture  *self);
gsize      cb_capture_get_size   (CbCapture  *self);   /* bytes it keeps */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCapture, cb_capture_free)

/* GPtrArray of CbCapture in the order of @ids; reads only. Without @whole only as much as cb_engine_act_captured_async() needs, and
 * it can't be put back. At most CB_CAPTURE_MOST ids. */
#define CB_CAPTURE_MOST 500
void       cb_engine_capture_async       (CbEngine *self, const CbDeed *deed, const char * const *ids, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cb_engine_capture_finish      (CbEngine *self, GAsyncResult *result, GError **error);

/* The same of what the repair of findings destroys; CHANGED for what is not so any more. (element-type CbFinding) */
void       cb_engine_capture_findings_async (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

/* Each by one atomic script, those that have no error. GPtrArray of CbJobOutcome in the order of @captures, which get their `after`.
 * CHANGED: it is not as it was captured; nothing was done. */
void       cb_engine_act_captured_async  (CbEngine *self, const CbDeed *deed, GPtrArray *captures, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cb_engine_act_captured_finish (CbEngine *self, GAsyncResult *result, GError **error);

/* Each by one atomic script. GPtrArray of CbJobOutcome in the order of @captures. CHANGED: it is not as the action left it, so nothing
 * was done; UNCHANGED: it is as it was before the action, so nothing was to be done. */
void       cb_engine_restore_async       (CbEngine *self, const CbDeed *deed, GPtrArray *captures, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cb_engine_restore_finish      (CbEngine *self, GAsyncResult *result, GError **error);

G_END_DECLS
