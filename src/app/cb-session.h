/* cb-session.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-doings.h"
#include "cb-history-recorder.h"
#include "cb-journal.h"
#include "cb-rights.h"
#include "cb-serving.h"

G_BEGIN_DECLS

typedef enum
{
  CB_SESSION_STARTING,          /* the private server is being started, or the first connection is being made */
  CB_SESSION_READY,
  CB_SESSION_DISCONNECTED,      /* trying again; what was loaded stays */
  CB_SESSION_FAILED,            /* the private server can't be started; `problem` says what to do */
  CB_SESSION_STOPPED,
} CbSessionState;

GType cb_session_state_get_type (void) G_GNUC_CONST;
#define CB_TYPE_SESSION_STATE (cb_session_state_get_type ())

/* How long jobs may go on after the last window was closed. They are put back then. */
#define CB_SESSION_LAST_JOBS_MSEC 5000

/**
 * CbSession:
 *
 * One server as the windows see it: the private server where it is the user's own, the connection, and the board of queues.
 * Windows on the same server share it.
 *
 * Properties (read-only, explicit notify): title ("This computer"), subtitle ("private Redis 7.0 · 0.2 ms"), state, was-ready
 * (has been READY once, so there is something on screen), problem (string, nullable), problem-kind (code of CB_REDIS_ERROR, -1),
 * retry-at (µs monotonic, 0), connection (nullable), board and serving (nullable until there is a connection), load (commands sent in the last second, -1 unknown).
 *
 * Signal `rights-changed`: another answer may come from cb_session_get_refusal().
 * Signal `undone` (kind: int, a #CbDeedKind): something that was done was undone in a window, so that what is shown may be old.
 */
#define CB_TYPE_SESSION (cb_session_get_type ())
G_DECLARE_FINAL_TYPE (CbSession, cb_session, CB, SESSION, GObject)

CbSession      *cb_session_new             (CbAddress           *address);    /* NULL: the private server */
/* Only the queues of this prefix (nullable: whatever is found). Before it is started. */
void            cb_session_set_prefix      (CbSession           *self,
                                            const char          *prefix);
const char     *cb_session_get_prefix      (CbSession           *self);
/* How a session on that server and prefix (nullable) is named; see cb_session_dup_server_id(). */
char           *cb_session_make_server_id  (CbAddress           *address,
                                            const char          *prefix);
CbSession      *cb_session_new_for_engine  (CbEngine            *engine,
                                            const char          *title);
void            cb_session_start           (CbSession           *self);       /* also again after FAILED */
void            cb_session_stop_async      (CbSession           *self,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data);
gboolean        cb_session_stop_finish     (CbSession           *self,
                                            GAsyncResult        *result,
                                            GError             **error);
void            cb_session_reconnect_now   (CbSession           *self);
CbSessionState  cb_session_get_state       (CbSession           *self);
gboolean        cb_session_get_was_ready   (CbSession           *self);
CbConnection   *cb_session_get_connection  (CbSession           *self);
CbBoard        *cb_session_get_board       (CbSession           *self);
CbServing      *cb_session_get_serving     (CbSession           *self);
/* What the board sees, over time; nullable until there is a connection. */
CbHistoryRecorder *cb_session_get_recorder (CbSession        *self);
CbJournal      *cb_session_get_journal     (CbSession           *self);
/* Where something that can be undone was done last, or else the first that can undo; nullable. */
CbEngine       *cb_session_get_undo_engine (CbSession           *self);
void            cb_session_set_undo_engine (CbSession           *self,
                                            CbEngine            *engine);
/* What is under way with many jobs. */
CbDoings       *cb_session_get_doings      (CbSession           *self);
void            cb_session_tell_undone     (CbSession           *self,
                                            CbDeedKind           kind);
const char     *cb_session_get_title       (CbSession           *self);
const char     *cb_session_get_problem     (CbSession           *self);
int             cb_session_get_problem_kind (CbSession          *self);
/* µs monotonic, 0 when no attempt is planned */
gint64          cb_session_get_retry_at    (CbSession           *self);
/* Names the server in settings and notifications; holds no password. */
char           *cb_session_dup_server_id   (CbSession           *self);
/* The server as it is written on the command line, for people to copy; nullable. */
char           *cb_session_dup_uri         (CbSession           *self);


/* Why that can't be done here, a sentence, as far as it is known beforehand; NULL when it may be. @prefix (nullable) as in
 * cb_rights_get_refusal(). (transfer none): until `rights-changed`. */
const char     *cb_session_get_refusal     (CbSession           *self,
                                            CbRight              right,
                                            const char          *prefix);

/* A copy of an RDB file, for looking only. */
CbSession      *cb_session_new_for_rdb     (const char          *file);
gboolean        cb_session_get_is_rdb      (CbSession           *self);

/* A server that is marked as production, or that its user wants to look at only, is read-only until it is unlocked for a time.
 * Properties: production (boolean), read-only (boolean: the wish, not the state), unlocked-until (int64: µs monotonic, 0 while it is
 * locked). */
gboolean        cb_session_can_be_production (CbSession         *self);
gboolean        cb_session_get_production  (CbSession           *self);
void            cb_session_set_production  (CbSession           *self,
                                            gboolean             production);
gboolean        cb_session_get_read_only   (CbSession           *self);
void            cb_session_set_read_only   (CbSession           *self,
                                            gboolean             read_only);
/* Whether it is either of them. */
gboolean        cb_session_is_guarded      (CbSession           *self);
gint64          cb_session_get_unlocked_until (CbSession        *self);
void            cb_session_unlock          (CbSession           *self,
                                            guint                seconds);
gboolean        cb_session_lock            (CbSession           *self);

G_END_DECLS
