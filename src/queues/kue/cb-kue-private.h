/* cb-kue-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-doctor.h"
#include "cb-kue-engine.h"
#include "cb-kue-keys.h"
#include "cb-kue-parse.h"
#include "cb-kue-scripts.h"
#include "cb-subscriber.h"
#include "cb-capture.h"

G_BEGIN_DECLS

struct _CbKueEngine
{
  CbEngine      parent_instance;

  /* cb-kue-watch.c */
  CbSubscriber *subscriber;      /* (owned) (nullable) */
  guint64       n_bad_messages;

  /* cb-kue-types.c */
  GHashTable   *strays;          /* (owned) (element-type utf8) types that jobs have and that are not registered */

  /* cb-kue-wait.c */
  GPtrArray    *idle_waiters;    /* (owned) (element-type CbConnection) open, nothing under way */

  /* cb-kue-jobs.c */
  gboolean      no_weights;      /* this user or this server has no MEMORY USAGE */
  gboolean      no_lengths;      /* or no HSTRLEN */

  /* cb-kue-tick.c; the offsets pass over entries that were looked at and had to stay */
  gboolean      ticking;
  gint64        delayed_offset;
  gint64        expired_offset;

  /* cb-kue-recover.c */
  gint64        lease_offset;    /* passes over leases that had to be kept */
  GHashTable   *answered;        /* (owned) (nullable) ids that somebody answered for while a tick waits for that */
};

enum
{
  CB_KUE_INACTIVE,
  CB_KUE_ACTIVE,
  CB_KUE_DELAYED,
  CB_KUE_FAILED,
  CB_KUE_COMPLETE,
  CB_KUE_N_STATES
};

extern const CbStateInfo cb_kue_states[CB_KUE_N_STATES];

/* cb-kue-engine.c */
gint64     cb_kue_engine_now          (CbKueEngine   *self);      /* ms since 1970 UTC */
CbCommand *cb_kue_engine_script       (CbKueEngine   *self,
                                       CbKueScript    which,
                                       ...) G_GNUC_NULL_TERMINATED; /* keys, each taken */
gint64     cb_kue_command_time        (CbCommand     *command);   /* ms: which time a call just made has */
CbCommand *cb_kue_engine_command      (const char    *name,
                                       char          *key);       /* taken */
GError    *cb_kue_reply_error         (const char    *command,
                                       CbReply       *reply);     /* nullable: it is no error reply */
GError    *cb_kue_read_error          (const char    *command,
                                       const char    *key,        /* named when it is of the wrong type */
                                       CbReply       *reply);     /* nullable: it is no error reply */
GError    *cb_kue_answer_error        (const char    *id,
                                       CbReply       *reply);     /* nullable: it was done */
GError    *cb_kue_value_error         (const char    *id,
                                       const CbValue *answer);    /* the same */

/* cb-kue-read.c: also for a page of ids that is known already. */
void       cb_kue_engine_list_queues  (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_count        (CbEngine *self, const char * const *queues, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_page         (CbEngine *self, const char *queue, const char *state, gint64 offset, guint limit, gboolean reversed, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJobOrder cb_kue_engine_get_order    (CbEngine *self, const char *queue, const char *state);
/* cb-kue-jobs.c */
void       cb_kue_engine_get_many     (CbEngine *self, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean   cb_kue_is_lacking          (const GError *error);   /* nullable: what was refused is refused the next time, too */
void       cb_kue_engine_read_members_async  (CbKueEngine *self, GPtrArray *members, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cb_kue_engine_read_members_finish (CbKueEngine *self, GAsyncResult *result, GError **error);
/* cb-kue-leases.c: also for jobs that were read already. */
void       cb_kue_engine_check_leases_async  (CbKueEngine *self, GPtrArray *records, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_check_leases_finish (CbKueEngine *self, GAsyncResult *result);
/* cb-kue-heads.c */
void       cb_kue_engine_get_heads    (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-oldest.c */
void       cb_kue_engine_find_oldest  (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-whole.c */
void       cb_kue_engine_get_whole    (CbEngine *self, const char *id, gint64 log_from, guint log_limit, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-watch.c */
void       cb_kue_engine_watch        (CbEngine *self, gboolean on);
/* cb-kue-create.c, cb-kue-act.c */
void       cb_kue_engine_create       (CbEngine *self, GPtrArray *specs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_act          (CbEngine *self, CbJobAction action, double argument, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_set_state    (CbEngine *self, const char *state, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-service.c */
void       cb_kue_engine_search       (CbEngine *self, const char *words, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *cb_kue_engine_list_job_keys (CbEngine *engine, const CbJobRecord *job);
void       cb_kue_engine_get_setting (CbEngine *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_get_work_time (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-wait.c */
void       cb_kue_engine_wait_claim   (CbEngine *self, const char *queue, const char *worker, guint lease_msec, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_wait         (CbEngine *self, const char *queue, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-claim.c */
void       cb_kue_engine_claim        (CbEngine *self, const char *queue, const char *worker, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-work.c */
void       cb_kue_engine_progress     (CbEngine *self, CbJobRecord *job, int percent, GBytes *data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_log          (CbEngine *self, CbJobRecord *job, const char *line, gssize length, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_complete     (CbEngine *self, CbJobRecord *job, GBytes *result, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_fail         (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_fail_with    (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, const CbRetryWish *wish, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_expire       (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_release      (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_begin        (CbEngine *self, GPtrArray *jobs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_extend       (CbEngine *self, GPtrArray *jobs, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_recover      (CbEngine *self, gboolean careful, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-turn.c */
void       cb_kue_engine_turn         (CbEngine *self, const char *queue, GPtrArray *turns, guint lease_msec, const char *ahead, GAsyncReadyCallback callback, gpointer user_data);
CbCommand *cb_kue_turn_command        (CbKueEngine *self, const char *queue, guint lease_msec, const char *ahead, gint64 *now);
CbCommand *cb_kue_turn_command_later  (CbKueEngine *self, const char *queue, const char *worker, guint lease_msec);
gboolean   cb_kue_engine_take_turn    (CbKueEngine *self, GPtrArray *turns, CbReply *reply, gboolean *more, GError **error, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_turn_add_complete   (CbCommand *command, const CbJobRecord *job, const char *asks, gint64 begun_at, GBytes *result);
void       cb_kue_turn_add_expire     (CbCommand *command, const CbJobRecord *job);
void       cb_kue_turn_add_fail       (CbCommand *command, const CbJobRecord *job, const char *asks, gint64 begun_at, const char *message, const char *stack, const CbRetryWish *wish);
const CbValue *cb_kue_turn_get_answer (CbReply *reply, guint slot);
/* cb-kue-update.c */
void       cb_kue_add_changes         (CbCommand *command, const CbJobChanges *changes, gint64 now);   /* ms since 1970 UTC */
/* Before that, when they lack the words of long data for the search index: it would take too long there. */
gboolean   cb_kue_changes_lack_words  (const CbJobChanges *changes);
void       cb_kue_changes_find_words  (const CbJobChanges *changes, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean   cb_kue_changes_find_words_finish (const CbJobChanges *changes, GAsyncResult *result, GError **error);
void       cb_kue_engine_update       (CbEngine *self, const char *id, const CbJobChanges *changes, const CbJobRecord *seen, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-tick.c */
void       cb_kue_engine_tick         (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-long.c */
typedef struct
{
  char *id;
  char *name;           /* of the field */
  char *broken_digest;  /* (nullable) the SHA-1 of what it holds, when that is no JSON */
} CbKueLongField;

CbKueLongField *cb_kue_long_field_new  (const char     *id,
                                        const char     *name);
void            cb_kue_long_field_free (CbKueLongField *self);
void            cb_kue_engine_check_long_async  (CbKueEngine *self, GPtrArray *fields, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_kue_engine_check_long_finish (CbKueEngine *self, GAsyncResult *result, GError **error);

/* cb-kue-examine.c, cb-kue-repair.c */
void       cb_kue_engine_examine      (CbEngine *self, const CbExamineOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_repair       (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-undo.c */
void       cb_kue_engine_capture      (CbEngine *self, const CbDeed *deed, const char * const *ids, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_capture_findings (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_act_captured (CbEngine *self, const CbDeed *deed, GPtrArray *captures, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void       cb_kue_engine_restore      (CbEngine *self, const CbDeed *deed, GPtrArray *captures, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* cb-kue-finding.c */
CbFinding *cb_kue_finding_new         (const CbValue *value,
                                       GPtrArray     *subject,     /* (element-type GBytes) what the scripts know it by */
                                       gint64         now);        /* ms since 1970 UTC */

G_END_DECLS
