/* cb-session.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-session.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-private-server.h"
#include "cb-production.h"
#include "cb-settings.h"

/* What is worth a word: jobs are stamped and counted down by the server's clock, whatever that is. */
#define CLOCKS_DIFFER_USEC (2 * G_TIME_SPAN_SECOND)

/*
 * The life of a session: STARTING until the private server runs (where it is the user's own) and the connection is ready for the
 * first time; then READY and DISCONNECTED in turn, by the connection's own state; FAILED only when the private server can't be
 * started, which trying again does not mend by itself; STOPPED at the end. The session keeps its connection through all of that,
 * so that pages bind to it once.
 */

struct _CbSession
{
  GObject parent_instance;

  CbAddress *address;                 /* (owned) (nullable): NULL for the private server until it runs, and for an engine */
  CbPrivateServer *server;            /* (owned) (nullable) */
  CbConnection *connection;           /* (owned) (nullable) */
  CbRights *rights;                   /* (owned) (nullable) */
  CbBoard *board;                     /* (owned) (nullable) */
  CbServing *serving;                 /* (owned) (nullable) */
  CbHistoryRecorder *recorder;        /* (owned) (nullable) */
  CbDoings *doings;                   /* (owned) */
  CbEngine *undo_engine;              /* (owned) (nullable) where something that can be undone was done last */
  GCancellable *cancellable;          /* (owned) (nullable): of the start under way */
  GTask *stop_task;                   /* (owned) (nullable): waits for that start to come to its end */

  CbSessionState state;
  gboolean was_ready;
  gboolean is_private;
  gboolean is_rdb;                    /* the private server is one of a copy of a file */
  gboolean production;
  gboolean read_only;                 /* its user wants it so */
  char *prefix;                       /* (owned) (nullable) */
  gint64 unlocked_until;              /* µs monotonic, 0: it may not be written to */
  guint lock_id;
  gboolean joined;                    /* counts as a user of the private server */
  char *title;                        /* (owned) */
  char *subtitle;                     /* (owned) */
  char *problem;                      /* (owned) (nullable) */
  int problem_kind;

  guint load_id;
  guint64 n_sent;
  int load;
};

G_DEFINE_FINAL_TYPE (CbSession, cb_session, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (CbSessionState, cb_session_state,
                    G_DEFINE_ENUM_VALUE (CB_SESSION_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (CB_SESSION_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (CB_SESSION_DISCONNECTED, "disconnected"),
                    G_DEFINE_ENUM_VALUE (CB_SESSION_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (CB_SESSION_STOPPED, "stopped"))

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_STATE,
  PROP_WAS_READY,
  PROP_PROBLEM,
  PROP_PROBLEM_KIND,
  PROP_RETRY_AT,
  PROP_CONNECTION,
  PROP_BOARD,
  PROP_SERVING,
  PROP_LOAD,
  PROP_PRODUCTION,
  PROP_READ_ONLY,
  PROP_UNLOCKED_UNTIL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint undone_signal;
static guint rights_changed_signal;

static void
set_problem (CbSession *self, const char *problem, int kind)
{
  /* Who is told of the one looks at the other. */
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->problem, problem) != 0)
    {
      g_free (self->problem);
      self->problem = g_strdup (problem);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
    }
  if (self->problem_kind != kind)
    {
      self->problem_kind = kind;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM_KIND]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
set_state (CbSession *self, CbSessionState state)
{
  if (state == CB_SESSION_READY && !self->was_ready)
    {
      self->was_ready = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAS_READY]);
    }
  if (self->state == state)
    return;

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* What stands below the server's name: what it is, its version, how fast it answers; or what is the matter. */
static char *
describe (CbSession *self)
{
  const char *version = self->connection != NULL ? cb_connection_get_server_version (self->connection) : NULL;
  g_autofree char *name = NULL;
  gint64 latency = self->connection != NULL ? cb_connection_get_latency (self->connection) : -1;
  gint64 clock_offset = self->connection != NULL ? cb_connection_get_clock_offset (self->connection) : 0;

  if (ABS (clock_offset) <= CLOCKS_DIFFER_USEC)
    clock_offset = 0;
  switch (self->state)
    {
    case CB_SESSION_STARTING:
      if (self->is_rdb)
        return g_strdup (_ ("reading the file…"));
      if (self->problem_kind == CB_REDIS_ERROR_LOADING)
        return g_strdup (_ ("reading its data…"));
      return g_strdup (self->is_private && self->connection == NULL ? _ ("starting…") : _ ("connecting…"));
    case CB_SESSION_DISCONNECTED:
      return g_strdup (self->problem_kind == CB_REDIS_ERROR_LOADING ? _ ("reading its data…") : _ ("not connected"));
    case CB_SESSION_FAILED:
      return g_strdup (self->is_rdb ? _ ("not readable") : _ ("not running"));
    case CB_SESSION_STOPPED:
      return g_strdup (_ ("closed"));
    case CB_SESSION_READY:
    default:
      break;
    }

  if (self->connection == NULL)
    return g_strdup (_ ("in memory"));
  if (self->is_rdb)
    return g_strdup (_ ("a copy, for looking only"));

  /* "7.0.15" is more than there is room for: major and minor number are what people compare. */
  if (version != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (version, ".", 3);

      name = g_strdup_printf (self->is_private ? _ ("private Redis %s") : _ ("Redis %s"), version);
      if (g_strv_length (parts) == 3)
        {
          g_autofree char *short_version = g_strdup_printf ("%s.%s", parts[0], parts[1]);

          g_free (name);
          name = g_strdup_printf (self->is_private ? _ ("private Redis %s") : _ ("Redis %s"), short_version);
        }
    }
  else
    {
      name = g_strdup (self->is_private ? _ ("private Redis") : _ ("Redis"));
    }

  /* There is room for one of them. */
  if (clock_offset != 0)
    {
      g_autofree char *duration = cb_format_duration (ABS (clock_offset) / G_USEC_PER_SEC * G_USEC_PER_SEC);

      return g_strdup_printf (clock_offset > 0 ? _ ("clock %s ahead") : _ ("clock %s behind"), duration);
    }
  if (latency >= 0)
    {
      g_autofree char *duration = cb_format_duration (latency);

      return g_strdup_printf (cb_connection_get_encryption (self->connection) != NULL ? "%s · TLS · %s" : "%s · %s", name, duration);
    }
  return g_steal_pointer (&name);
}

static void
update_subtitle (CbSession *self)
{
  g_autofree char *subtitle = describe (self);

  if (g_strcmp0 (subtitle, self->subtitle) == 0)
    return;

  g_free (self->subtitle);
  self->subtitle = g_steal_pointer (&subtitle);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBTITLE]);
}

static void
connection_state_cb (CbSession *self)
{
  const char *message;

  if (self->connection == NULL || self->state == CB_SESSION_STOPPED)
    return;

  message = cb_connection_get_error_message (self->connection);
  switch (cb_connection_get_state (self->connection))
    {
    case CB_CONNECTION_READY:
      set_problem (self, NULL, -1);
      set_state (self, CB_SESSION_READY);
      break;
    case CB_CONNECTION_WAITING:
    case CB_CONNECTION_CLOSED:
      set_problem (self, message != NULL ? message : _ ("The connection is closed."), CB_REDIS_ERROR_NOT_CONNECTED);
      set_state (self, CB_SESSION_DISCONNECTED);
      break;
    case CB_CONNECTION_LOADING:
      set_problem (self, _ ("The server is still reading its data from disk."), CB_REDIS_ERROR_LOADING);
      if (self->was_ready)
        set_state (self, CB_SESSION_DISCONNECTED);
      break;
    case CB_CONNECTION_RESOLVING:
    case CB_CONNECTION_CONNECTING:
    case CB_CONNECTION_AUTHENTICATING:
    default:
      /* Between two attempts the banner stays as it is: it would only flicker. */
      break;
    }
  update_subtitle (self);
}

static void
rights_cb (CbSession *self)
{
  g_signal_emit (self, rights_changed_signal, 0);
}

static void
retry_at_cb (CbSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RETRY_AT]);
}

/* By the session's connection and those that were made beside it. */
static guint64
count_sent (CbConnection *connection)
{
  CbCommandStats *stats = cb_connection_get_command_stats (connection);
  guint64 n_sent = 0;

  for (guint i = 0; i < cb_command_stats_get_length (stats); i++)
    n_sent += cb_command_stats_get (stats, i)->n_sent;
  return n_sent;
}

static gboolean
measure_load_cb (gpointer data)
{
  CbSession *self = data;
  guint64 n_sent = self->connection != NULL ? count_sent (self->connection) : 0;
  int load = (int) MIN (n_sent - self->n_sent, G_MAXINT);

  self->n_sent = n_sent;
  if (load != self->load)
    {
      self->load = load;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOAD]);
    }
  return G_SOURCE_CONTINUE;
}

/* Nothing writes to what is guarded unless somebody has unlocked it, nor to what is thrown away in the end. */
static void
apply_lock (CbSession *self)
{
  if (self->connection != NULL)
    cb_connection_set_read_only (self->connection, self->is_rdb || (cb_session_is_guarded (self) && self->unlocked_until == 0));
}

static void
set_board (CbSession *self, CbBoard *board)
{
  g_autofree char *server_id = cb_session_dup_server_id (self);
  /* What is in memory only, or in a copy of a file, is gone with it. */
  g_autofree char *file = self->address != NULL && !self->is_rdb ? cb_history_dup_path (server_id) : NULL;
  g_autoptr (CbHistory) history = cb_history_new (file);

  g_set_object (&self->board, board);
  self->recorder = cb_history_recorder_new (board, history);
  cb_board_start (board);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);

  /* On what is guarded, and in a file, no worker begins by itself. */
  self->serving = cb_serving_new (board,
                                  self->address != NULL && !cb_session_is_guarded (self) && !self->is_rdb ? cb_settings_get_default ()
                                                                                                          : NULL,
                                  server_id, !self->is_private || self->is_rdb);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVING]);
}

static void
open_connection (CbSession *self)
{
  g_autoptr (CbBoard) board = NULL;

  self->connection = cb_connection_new (self->address, "callboard");
  apply_lock (self);
  g_signal_connect_object (self->connection, "notify::state", G_CALLBACK (connection_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::error-message", G_CALLBACK (connection_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::latency", G_CALLBACK (update_subtitle), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::clock-offset", G_CALLBACK (update_subtitle), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::server-version", G_CALLBACK (update_subtitle), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::retry-at", G_CALLBACK (retry_at_cb), self, G_CONNECT_SWAPPED);
  self->rights = cb_rights_new (self->connection);
  g_signal_connect_object (self->rights, "changed", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTION]);
  rights_cb (self);

  board = cb_board_new (self->connection, self->prefix);
  set_board (self, board);
  cb_connection_open (self->connection);
  if (self->load_id == 0)
    self->load_id = g_timeout_add_seconds (1, measure_load_cb, self);
  update_subtitle (self);
}

static void
left_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (cb_private_server_leave_finish (CB_PRIVATE_SERVER (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The workers are done: now nobody needs the server any more. */
static void
leave (CbSession *self, GTask *task)
{
  if (self->connection != NULL)
    cb_connection_close (self->connection);

  if (self->joined)
    {
      self->joined = FALSE;
      cb_private_server_leave_async (self->server, NULL, left_cb, g_object_ref (task));
    }
  else
    {
      g_task_return_boolean (task, TRUE);
    }
}

static void
server_started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbSession) self = data;
  g_autoptr (GError) error = NULL;

  self->joined = cb_private_server_start_finish (CB_PRIVATE_SERVER (source), result, &error);
  g_clear_object (&self->cancellable);
  if (self->state == CB_SESSION_STOPPED)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

      /* The last window was closed meanwhile, and the program waits for the server that may run by now. */
      leave (self, task);
      return;
    }

  if (!self->joined)
    {
      set_problem (self, error->message, error->domain == CB_REDIS_ERROR ? error->code : CB_REDIS_ERROR_SERVER_FAILED);
      set_state (self, CB_SESSION_FAILED);
      update_subtitle (self);
      return;
    }

  self->address = cb_address_ref (cb_private_server_get_address (CB_PRIVATE_SERVER (source)));
  open_connection (self);
}

static void
cb_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbSession *self = CB_SESSION (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_WAS_READY:
      g_value_set_boolean (value, self->was_ready);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_PROBLEM_KIND:
      g_value_set_int (value, self->problem_kind);
      break;
    case PROP_RETRY_AT:
      g_value_set_int64 (value, cb_session_get_retry_at (self));
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_SERVING:
      g_value_set_object (value, self->serving);
      break;
    case PROP_LOAD:
      g_value_set_int (value, self->load);
      break;
    case PROP_PRODUCTION:
      g_value_set_boolean (value, self->production);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    case PROP_UNLOCKED_UNTIL:
      g_value_set_int64 (value, self->unlocked_until);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_session_dispose (GObject *object)
{
  CbSession *self = CB_SESSION (object);

  g_clear_handle_id (&self->load_id, g_source_remove);
  g_clear_handle_id (&self->lock_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->board != NULL)
    cb_board_stop (self->board);
  g_clear_object (&self->recorder);
  g_clear_object (&self->serving);
  g_clear_object (&self->undo_engine);
  g_clear_object (&self->board);
  g_clear_object (&self->rights);
  if (self->connection != NULL)
    cb_connection_close (self->connection);
  g_clear_object (&self->connection);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (cb_session_parent_class)->dispose (object);
}

static void
cb_session_finalize (GObject *object)
{
  CbSession *self = CB_SESSION (object);

  g_object_unref (self->doings);
  g_clear_pointer (&self->address, cb_address_unref);
  g_free (self->prefix);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_session_parent_class)->finalize (object);
}

static void
cb_session_class_init (CbSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_session_get_property;
  object_class->dispose = cb_session_dispose;
  object_class->finalize = cb_session_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, CB_TYPE_SESSION_STATE, CB_SESSION_STARTING, flags);
  properties[PROP_WAS_READY] = g_param_spec_boolean ("was-ready", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_PROBLEM_KIND] = g_param_spec_int ("problem-kind", NULL, NULL, -1, G_MAXINT, -1, flags);
  properties[PROP_RETRY_AT] = g_param_spec_int64 ("retry-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL, CB_TYPE_CONNECTION, flags);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, CB_TYPE_BOARD, flags);
  properties[PROP_SERVING] = g_param_spec_object ("serving", NULL, NULL, CB_TYPE_SERVING, flags);
  properties[PROP_LOAD] = g_param_spec_int ("load", NULL, NULL, -1, G_MAXINT, -1, flags);
  properties[PROP_PRODUCTION] = g_param_spec_boolean ("production", NULL, NULL, FALSE, flags);
  properties[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags);
  properties[PROP_UNLOCKED_UNTIL] = g_param_spec_int64 ("unlocked-until", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  rights_changed_signal =
    g_signal_new ("rights-changed", CB_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  undone_signal = g_signal_new ("undone", CB_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
cb_session_init (CbSession *self)
{
  self->doings = cb_doings_new ();
  self->problem_kind = -1;
  self->load = -1;
}

/**
 * cb_session_new:
 * @address: (nullable): the server; the user's own private one with %NULL
 *
 * Nothing is started or connected before cb_session_start().
 */
CbSession *
cb_session_new (CbAddress *address)
{
  CbSession *self = g_object_new (CB_TYPE_SESSION, NULL);

  if (address != NULL)
    {
      self->address = cb_address_ref (address);
      self->title = g_strdup (cb_address_get_label (address));
      self->production = cb_production_is_marked (address);
    }
  else
    {
      self->is_private = TRUE;
      self->title = g_strdup (_ ("This computer"));
    }
  update_subtitle (self);
  return self;
}

void
cb_session_set_prefix (CbSession *self, const char *prefix)
{
  g_return_if_fail (CB_IS_SESSION (self));
  g_return_if_fail (self->board == NULL);

  g_free (self->prefix);
  self->prefix = prefix != NULL && *prefix != '\0' ? g_strdup (prefix) : NULL;
}

const char *
cb_session_get_prefix (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->prefix;
}

/**
 * cb_session_new_for_rdb:
 * @file: the path of an RDB file, which is only read
 *
 * A private server of a copy of the file, for looking only.
 */
CbSession *
cb_session_new_for_rdb (const char *file)
{
  CbSession *self = g_object_new (CB_TYPE_SESSION, NULL);

  self->is_private = TRUE;
  self->is_rdb = TRUE;
  self->server = cb_private_server_new_for_rdb (file);
  self->title = g_filename_display_basename (file);
  update_subtitle (self);
  return self;
}

/**
 * cb_session_new_for_engine:
 * @engine: an engine that needs no server, as the memory engine
 *
 * For screenshots and tests: ready at once.
 */
CbSession *
cb_session_new_for_engine (CbEngine *engine, const char *title)
{
  CbSession *self = g_object_new (CB_TYPE_SESSION, NULL);
  g_autoptr (CbBoard) board = cb_board_new_for_engine (engine);

  self->title = g_strdup (title);
  set_state (self, CB_SESSION_READY);
  update_subtitle (self);
  set_board (self, board);
  return self;
}

/**
 * cb_session_start:
 *
 * Starts the private server where it is meant, connects, and stays with it. After %CB_SESSION_FAILED it tries again; otherwise
 * a second call does nothing.
 */
void
cb_session_start (CbSession *self)
{
  g_return_if_fail (CB_IS_SESSION (self));

  if (self->board != NULL || self->cancellable != NULL || self->state == CB_SESSION_STOPPED)
    return;

  set_problem (self, NULL, -1);
  set_state (self, CB_SESSION_STARTING);
  update_subtitle (self);
  if (!self->is_private)
    {
      open_connection (self);
      return;
    }

  if (self->server == NULL)
    self->server = cb_private_server_new (NULL);
  self->cancellable = g_cancellable_new ();
  cb_private_server_start_async (self->server, self->cancellable, server_started_cb, g_object_ref (self));
}

static void
workers_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;

  /* Without a connection a job can't be put back; it comes back by itself when its lease is over. */
  if (!cb_serving_stop_finish (CB_SERVING (source), result, &error))
    g_debug ("The workers did not stop in order: %s", error->message);

  leave (g_task_get_source_object (task), task);
}

static void
stop_workers (CbSession *self, GTask *task)
{
  if (self->serving != NULL)
    cb_serving_stop_async (self->serving, CB_SESSION_LAST_JOBS_MSEC, NULL, workers_stopped_cb, g_object_ref (task));
  else if (self->cancellable != NULL)
    self->stop_task = g_object_ref (task);
  else
    leave (self, task);
}

static void
recorder_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;

  if (!cb_history_recorder_stop_finish (CB_HISTORY_RECORDER (source), result, &error))
    g_debug ("The history is not kept: %s", error->message);
  stop_workers (g_task_get_source_object (task), task);
}

/**
 * cb_session_stop_async:
 *
 * Ends the session for good: its workers, whose jobs are finished within five seconds or put back, then the connection, and then
 * its share in the private server, which ends when nobody else uses it.
 */
void
cb_session_stop_async (CbSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (CB_IS_SESSION (self));

  g_task_set_source_tag (task, cb_session_stop_async);
  set_state (self, CB_SESSION_STOPPED);
  g_clear_handle_id (&self->load_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->board != NULL)
    cb_board_stop (self->board);
  update_subtitle (self);

  if (self->recorder != NULL)
    cb_history_recorder_stop_async (self->recorder, recorder_stopped_cb, g_object_ref (task));
  else
    stop_workers (self, task);
}

gboolean
cb_session_stop_finish (CbSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_session_reconnect_now:
 *
 * Does not wait for the next attempt. After %CB_SESSION_FAILED it starts the private server again.
 */
void
cb_session_reconnect_now (CbSession *self)
{
  g_return_if_fail (CB_IS_SESSION (self));

  if (self->connection != NULL)
    cb_connection_reconnect_now (self->connection);
  else
    cb_session_start (self);
}

CbSessionState
cb_session_get_state (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), CB_SESSION_STOPPED);

  return self->state;
}

gboolean
cb_session_get_was_ready (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);

  return self->was_ready;
}

CbConnection *
cb_session_get_connection (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->connection;
}

CbBoard *
cb_session_get_board (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->board;
}

CbServing *
cb_session_get_serving (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->serving;
}

CbHistoryRecorder *
cb_session_get_recorder (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->recorder;
}

/**
 * cb_session_get_journal:
 *
 * Returns: (transfer none): where what is done in the window is written down to be undone; one for all servers
 */
CbJournal *
cb_session_get_journal (CbSession *self)
{
  static CbJournal *journal;

  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  if (journal == NULL)
    journal = cb_journal_new (NULL, "window");

  return journal;
}

CbEngine *
cb_session_get_undo_engine (CbSession *self)
{
  GListModel *engines;

  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  if (self->undo_engine != NULL || self->board == NULL)
    return self->undo_engine;

  engines = cb_board_get_engines (self->board);
  for (guint i = 0; i < g_list_model_get_n_items (engines); i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (engines, i);

      /* Kept by the list. */
      if ((cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_UNDO) != 0)
        return engine;
    }

  return NULL;
}

void
cb_session_set_undo_engine (CbSession *self, CbEngine *engine)
{
  g_return_if_fail (CB_IS_SESSION (self));
  g_return_if_fail (CB_IS_ENGINE (engine));

  g_set_object (&self->undo_engine, engine);
}

CbDoings *
cb_session_get_doings (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->doings;
}

void
cb_session_tell_undone (CbSession *self, CbDeedKind kind)
{
  g_return_if_fail (CB_IS_SESSION (self));

  /* What is put back makes no events, so that nobody would count anew. */
  if (self->board != NULL)
    cb_board_refresh (self->board);
  g_signal_emit (self, undone_signal, 0, (int) kind);
}

const char *
cb_session_get_refusal (CbSession *self, CbRight right, const char *prefix)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  if (self->rights == NULL)
    return NULL;
  return cb_rights_get_refusal (self->rights, right, prefix != NULL ? prefix : self->prefix);
}

const char *
cb_session_get_title (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->title;
}

const char *
cb_session_get_problem (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->problem;
}

int
cb_session_get_problem_kind (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), -1);

  return self->problem_kind;
}

/**
 * cb_session_get_retry_at:
 *
 * Returns: when the next attempt to connect will be made, µs of the monotonic clock; 0 when none is planned
 */
gint64
cb_session_get_retry_at (CbSession *self)
{
  gint64 retry_at = 0;

  g_return_val_if_fail (CB_IS_SESSION (self), 0);

  if (self->connection != NULL)
    g_object_get (self->connection, "retry-at", &retry_at, NULL);
  return retry_at;
}

char *
cb_session_make_server_id (CbAddress *address, const char *prefix)
{
  /* The password is left out. A # stands in no address but as %23. */
  g_autofree char *uri = cb_address_to_uri (address);

  return prefix != NULL && *prefix != '\0' ? g_strdup_printf ("%s#%s", uri, prefix) : g_steal_pointer (&uri);
}

char *
cb_session_dup_server_id (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  if (self->is_rdb)
    return g_strdup ("rdb");
  if (self->is_private)
    return g_strdup ("private");
  return self->address != NULL ? cb_session_make_server_id (self->address, self->prefix) : g_strdup ("memory");
}

char *
cb_session_dup_uri (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), NULL);

  return self->address != NULL ? cb_address_to_uri (self->address) : NULL;
}

gboolean
cb_session_get_is_rdb (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);
  return self->is_rdb;
}

/* --- production, and what is to be looked at only --- */

static void
set_unlocked_until (CbSession *self, gint64 until)
{
  if (self->unlocked_until == until)
    return;

  self->unlocked_until = until;
  apply_lock (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED_UNTIL]);
}

gboolean
cb_session_get_production (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);
  return self->production;
}

gboolean
cb_session_get_read_only (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);
  return self->read_only;
}

gboolean
cb_session_is_guarded (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);
  return self->production || self->read_only;
}

static gboolean is_working (CbSession *self);
static gboolean lock_cb (gpointer data);

/* With another mark it is locked, whatever it was before; as soon as the worker, which must tell of its jobs yet, is switched off. */
static void
lock_anew (CbSession *self)
{
  g_clear_handle_id (&self->lock_id, g_source_remove);
  self->unlocked_until = 0;
  if (cb_session_is_guarded (self) && is_working (self))
    {
      self->unlocked_until = g_get_monotonic_time ();
      self->lock_id = g_timeout_add_seconds (1, lock_cb, self);
    }
  apply_lock (self);
}

/**
 * cb_session_set_read_only:
 *
 * Locks the server in this session, or lets it be written to unless it is production.
 */
void
cb_session_set_read_only (CbSession *self, gboolean read_only)
{
  g_return_if_fail (CB_IS_SESSION (self));

  if (self->read_only == !!read_only)
    return;

  self->read_only = !!read_only;
  lock_anew (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READ_ONLY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED_UNTIL]);
}

/* Whether it can be marked at all: the private server is nobody's production. */
gboolean
cb_session_can_be_production (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);
  return self->address != NULL && !self->is_private;
}

/**
 * cb_session_set_production:
 *
 * Marks the server, for the command line and other windows too, and locks it; or takes the mark away. One that has it in its
 * address keeps it.
 */
void
cb_session_set_production (CbSession *self, gboolean production)
{
  g_return_if_fail (CB_IS_SESSION (self));

  if (!cb_session_can_be_production (self) || self->production == !!production)
    return;
  if (!production && cb_address_get_production (self->address))
    return;

  cb_production_mark (self->address, production);
  self->production = !!production;
  lock_anew (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRODUCTION]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED_UNTIL]);
}

gint64
cb_session_get_unlocked_until (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), 0);
  return self->unlocked_until;
}

/* A worker that runs has jobs whose outcome is to be written yet. */
static gboolean
is_working (CbSession *self)
{
  guint n_on = 0;

  if (self->serving != NULL)
    g_object_get (self->serving, "n-on", &n_on, NULL);
  return n_on > 0;
}

static gboolean
lock_cb (gpointer data)
{
  CbSession *self = data;

  if (g_get_monotonic_time () < self->unlocked_until || is_working (self))
    return G_SOURCE_CONTINUE;
  self->lock_id = 0;
  set_unlocked_until (self, 0);
  return G_SOURCE_REMOVE;
}

/**
 * cb_session_unlock:
 * @seconds: for how long it may be written to
 *
 * It is locked again when that time is over, or when the worker, which must tell of its jobs yet, is switched off after it.
 */
void
cb_session_unlock (CbSession *self, guint seconds)
{
  g_return_if_fail (CB_IS_SESSION (self));
  g_return_if_fail (cb_session_is_guarded (self));

  set_unlocked_until (self, g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC);
  if (self->lock_id == 0)
    self->lock_id = g_timeout_add_seconds (1, lock_cb, self);
}

/* At once; FALSE while the worker runs. */
gboolean
cb_session_lock (CbSession *self)
{
  g_return_val_if_fail (CB_IS_SESSION (self), FALSE);

  if (is_working (self))
    return FALSE;
  g_clear_handle_id (&self->lock_id, g_source_remove);
  set_unlocked_until (self, 0);
  return TRUE;
}
