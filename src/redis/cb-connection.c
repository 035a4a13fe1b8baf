/* cb-connection.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-connection-private.h"

#include "cb-backoff.h"
#include "cb-call.h"
#include "cb-cluster.h"
#include "cb-exchange.h"
#include "cb-redis-session.h"
#include "cb-source.h"

/*
 * A connection is what stays while sessions come and go: the calls (CbExchange keeps their books), what is known of
 * the server, and when to try again.
 *
 * Lifetime. A call's task holds the connection, so that it lives until all its calls have returned; nothing else
 * does, neither the session nor a source. Whoever wants to end it earlier closes it.
 *
 * Reentrancy. Telling a task runs its callback, which may do anything: call, close, let go. So the books are
 * brought in order first, the tasks told afterwards, and nothing of the session is used behind that.
 */

#define DEFAULT_TIMEOUT_MSEC 5000
#define KEEP_ALIVE_MSEC 5000

struct _CbConnection
{
  GObject parent_instance;

  CbAddress *address;        /* (owned) */
  char *client_name;         /* (owned) (nullable) */
  char *error_message;       /* (owned) (nullable) */
  CbConnectionState state;
  CbServerFacts facts;
  CbBackoff backoff;
  CbRedisSession *session;        /* (owned) (nullable) */
  GSource *timer;            /* (owned) for everything that is due some time */
  CbExchange exchange;       /* the calls */
  GList *openers;            /* (owned) (element-type GTask) of open_async */
  gint64 retry_at;           /* µs monotonic, 0 unless WAITING */
  gint64 open_deadline;      /* µs monotonic, 0 unless somebody opens a server that is loading */
  gint64 probe_at;           /* µs monotonic, when to probe next */
  gint64 probe_sent;         /* µs monotonic, 0 when no probe is out */
  gboolean role_asked;       /* with the probe before this one */
  guint64 n_sent;            /* commands of earlier sessions */
  guint timeout_msec;
  guint keep_alive_msec;
  guint keep_alive_timeout_msec; /* 0 for that of the connection */
  gboolean learning;         /* which commands write; calls wait until that is known */
  gboolean persistent;       /* opened for good */
  gboolean was_ready;        /* since it was opened */
  gboolean closed;           /* it was opened before */
  gboolean waited_in_vain;   /* somebody, since it was ready last */
  gboolean is_node;          /* of the cluster of another connection, which does the following */
  CbCluster *cluster;        /* (owned) (nullable) other nodes, once one was named */
};

enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_CLIENT_NAME,
  PROP_STATE,
  PROP_ERROR_MESSAGE,
  PROP_LATENCY,
  PROP_CLOCK_OFFSET,
  PROP_SERVER_VERSION,
  PROP_ROLE,
  PROP_TIMEOUT,
  PROP_RETRY_AT,
  PROP_READ_ONLY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ENUM_TYPE (CbConnectionState, cb_connection_state,
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_RESOLVING, "resolving"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_AUTHENTICATING, "authenticating"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_LOADING, "loading"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (CB_CONNECTION_WAITING, "waiting"))

G_DEFINE_FINAL_TYPE (CbConnection, cb_connection, G_TYPE_OBJECT)

static void connect_now (CbConnection *self);
static void update_timer (CbConnection *self);

/* Properties that change together */

static void
set_state (CbConnection      *self,
           CbConnectionState  state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
set_error_message (CbConnection *self,
                   const char   *message)
{
  if (g_strcmp0 (self->error_message, message) == 0)
    return;
  g_free (self->error_message);
  self->error_message = g_strdup (message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
}

static void
set_retry_at (CbConnection *self,
              gint64        retry_at)
{
  if (self->retry_at == retry_at)
    return;
  self->retry_at = retry_at;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RETRY_AT]);
}

typedef struct
{
  char *version;
  char *role;
  gint64 latency;
  gint64 clock_offset;
} FactsBefore;

static FactsBefore
remember_facts (CbConnection *self)
{
  return (FactsBefore) { g_strdup (self->facts.version), g_strdup (self->facts.role), self->facts.latency,
                         self->facts.clock_offset };
}

static void
notify_facts (CbConnection *self,
              FactsBefore  *before)
{
  GObject *object = G_OBJECT (self);

  if (g_strcmp0 (before->version, self->facts.version) != 0)
    g_object_notify_by_pspec (object, properties[PROP_SERVER_VERSION]);
  if (g_strcmp0 (before->role, self->facts.role) != 0)
    g_object_notify_by_pspec (object, properties[PROP_ROLE]);
  if (before->latency != self->facts.latency)
    g_object_notify_by_pspec (object, properties[PROP_LATENCY]);
  if (before->clock_offset != self->facts.clock_offset)
    g_object_notify_by_pspec (object, properties[PROP_CLOCK_OFFSET]);
  g_free (before->version);
  g_free (before->role);
}

/* Telling outcomes */

static void
return_later_cb (gpointer data)
{
  g_autoptr (GPtrArray) calls = data;

  for (guint i = 0; i < calls->len; i++)
    {
      CbCall *call = g_ptr_array_index (calls, i);

      cb_call_return (call);
    }
}

static gboolean
return_later_source_cb (gpointer data)
{
  return_later_cb (g_ptr_array_ref (data));
  return G_SOURCE_REMOVE;
}

/* @calls is taken; each has its error in ->refusal. */
static void
return_calls (GPtrArray *calls,
              gboolean   from_idle)
{
  GSource *source;

  if (calls->len == 0 || !from_idle)
    {
      return_later_cb (calls);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "Redis calls that end");
  g_source_set_callback (source, return_later_source_cb, calls, (GDestroyNotify) g_ptr_array_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

static GError *
not_connected_error (CbConnection *self,
                     CbCall       *call)
{
  const char *label = cb_address_get_label (self->address);
  const char *why = self->error_message;

  if (why == NULL && self->is_node)
    why = "It does not answer.";

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED, "%s: not connected to %s.%s%s%s",
                      cb_call_get_display_name (call), label, why != NULL ? " " : "", why != NULL ? why : "",
                      self->is_node ? " The cluster says that the key is there: make that node reachable from here." : "");
}

static void
return_openers (CbConnection *self,
                const GError *error)
{
  GList *openers = g_steal_pointer (&self->openers);

  self->open_deadline = 0;
  for (GList *node = openers; node != NULL; node = node->next)
    {
      g_autoptr (GTask) task = node->data;

      if (g_task_get_completed (task))
        continue;
      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
  g_list_free (openers);
}

static void
drop_session (CbConnection *self)
{
  if (self->session == NULL)
    return;
  self->n_sent += cb_redis_session_get_n_sent (self->session);
  cb_redis_session_close (self->session);
  g_clear_pointer (&self->session, cb_redis_session_unref);
  self->probe_sent = 0;
  self->probe_at = 0;
  self->learning = FALSE;
}

/* A node that a cluster named and that can't be connected to: whoever asks for one of its keys is told at once, not after a wait each time. It is
 * tried again by itself. */
static gboolean
is_out_of_reach (CbConnection *self)
{
  return self->is_node && self->state != CB_CONNECTION_LOADING &&
         (self->waited_in_vain || (!self->was_ready && self->error_message != NULL));
}

/* What has no more time than until the next attempt would only learn later what is known now. */
static void
refuse_hopeless (CbConnection *self,
                 GPtrArray    *calls)
{
  GList *next;

  for (GList *node = self->exchange.waiting.head; node != NULL; node = next)
    {
      CbCall *call = node->data;

      next = node->next;
      if (call->deadline > self->retry_at)
        continue;
      cb_exchange_take_out (&self->exchange, call);
      cb_exchange_refuse (calls, call, not_connected_error (self, call));
    }
}

/* The session has ended by itself. */
static void
session_ended (CbConnection *self,
               const GError *error)
{
  g_autoptr (CbConnection) kept = g_object_ref (self);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_call_unref);
  gboolean goes_on = self->persistent || self->was_ready;
  GList *node;

  g_object_freeze_notify (G_OBJECT (self));
  drop_session (self);
  cb_exchange_sort_out (&self->exchange, error, goes_on, calls);
  set_error_message (self, error->message);

  if (goes_on)
    {
      set_retry_at (self, cb_backoff_failed (&self->backoff, error, g_get_monotonic_time (), g_random_double ()));
      set_state (self, CB_CONNECTION_WAITING);
    }
  else
    {
      self->closed = TRUE;
      set_state (self, CB_CONNECTION_CLOSED);
      while ((node = g_queue_pop_head_link (&self->exchange.waiting)) != NULL)
        cb_exchange_refuse (calls, node->data, not_connected_error (self, node->data));
    }
  if (is_out_of_reach (self))
    refuse_hopeless (self, calls);
  update_timer (self);
  g_object_thaw_notify (G_OBJECT (self));

  return_openers (self, error);
  return_calls (g_steal_pointer (&calls), FALSE);
}

/* Reading only */

static gboolean
may_send (CbConnection  *self,
          CbCall        *call,
          GError       **error)
{
  for (guint i = 0; i < cb_pipeline_get_length (call->pipeline); i++)
    if (!cb_redis_session_may_send (self->session, cb_pipeline_get_command (call->pipeline, i), error))
      return FALSE;
  return TRUE;
}

/* Sends what has waited, and refuses what may not be sent. */
static void
release_waiting (CbConnection *self)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_call_unref);
  GList *next;

  self->learning = FALSE;
  for (GList *node = self->exchange.waiting.head; node != NULL; node = next)
    {
      CbCall *call = node->data;
      GError *error = NULL;

      next = node->next;
      if (may_send (self, call, &error))
        continue;
      cb_exchange_take_out (&self->exchange, call);
      cb_exchange_refuse (calls, call, error);
    }
  cb_exchange_send_waiting (&self->exchange);
  return_calls (g_steal_pointer (&calls), TRUE);
}

static void
learn_commands (CbConnection *self)
{
  self->learning = TRUE;
  g_clear_pointer (&self->facts.commands, cb_command_table_free);
  cb_exchange_send_question (&self->exchange, CB_EXCHANGE_COMMANDS, cb_command_new ("COMMAND", NULL));
}

static void
take_commands (CbConnection  *self,
               const CbValue *value)
{
  CbCommand *check;

  if (!self->learning)
    return;

  g_clear_pointer (&self->facts.commands, cb_command_table_free);
  self->facts.commands = cb_command_table_new ();
  check = cb_command_table_take (self->facts.commands, value);
  if (check != NULL)
    cb_exchange_send_question (&self->exchange, CB_EXCHANGE_COMMANDS_CHECK, check);
  else
    release_waiting (self);
}

static void
take_commands_check (CbConnection  *self,
                     const CbValue *value)
{
  if (!self->learning || self->facts.commands == NULL)
    return;

  cb_command_table_take_check (self->facts.commands, value);
  release_waiting (self);
}

/* Dealing with what the session says */

static void
session_state_cb (CbConnectionState state,
                  gpointer          user_data)
{
  CbConnection *self = user_data;

  if (state == CB_CONNECTION_LOADING && self->openers != NULL && self->open_deadline == 0)
    {
      self->open_deadline = g_get_monotonic_time () + self->timeout_msec * G_TIME_SPAN_MILLISECOND;
      update_timer (self);
    }

  g_object_freeze_notify (G_OBJECT (self));
  if (state == CB_CONNECTION_LOADING)
    {
      g_autofree char *message = g_strdup_printf ("%s is still loading its data from disk.",
                                                  cb_address_get_label (self->address));

      set_error_message (self, message);
    }
  set_state (self, state);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
session_ready_cb (gpointer user_data)
{
  CbConnection *self = user_data;
  g_autoptr (CbConnection) kept = g_object_ref (self);
  gint64 now = g_get_monotonic_time ();

  self->was_ready = TRUE;
  self->waited_in_vain = FALSE;
  self->probe_at = now + self->keep_alive_msec * G_TIME_SPAN_MILLISECOND;
  cb_backoff_ready (&self->backoff, now);
  if (self->facts.read_only)
    learn_commands (self);
  else
    cb_exchange_send_waiting (&self->exchange);
  update_timer (self);

  g_object_freeze_notify (G_OBJECT (self));
  set_error_message (self, NULL);
  set_state (self, CB_CONNECTION_READY);
  /* The session has written into the facts as they came. */
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVER_VERSION]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LATENCY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOCK_OFFSET]);
  g_object_thaw_notify (G_OBJECT (self));

  return_openers (self, NULL);
}

static void
take_probe (CbConnection  *self,
            gboolean       is_role,
            const CbValue *value)
{
  FactsBefore before = remember_facts (self);
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();

  if (cb_value_is_error (value))
    {
      gsize length;
      const char *text = cb_value_get_string (value, &length);

      error = cb_redis_error_new_from_reply (NULL, text, length);
      if (cb_redis_error_is_lacking (error))
        *(is_role ? &self->facts.lacks_role : &self->facts.lacks_time) = TRUE;
    }

  if (is_role)
    {
      cb_server_facts_take_role (&self->facts, value);
    }
  else
    {
      cb_server_facts_take_time (&self->facts, value, self->probe_sent, now, g_get_real_time ());
      self->probe_sent = 0;
      self->probe_at = now + self->keep_alive_msec * G_TIME_SPAN_MILLISECOND;
      update_timer (self);
    }
  notify_facts (self, &before);
}

static void
take_unasked (CbConnection  *self,
              const CbValue *value)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (cb_value_is_error (value))
    error = cb_redis_error_new_from_reply (NULL, text, length);
  else
    error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL,
                         "Protocol error: %s sent a reply that nobody asked for.",
                         cb_address_get_label (self->address));
  session_ended (self, error);
}

static void
session_reply_cb (CbReply  *reply,
                  gpointer  user_data)
{
  g_autoptr (CbReply) owned = reply;
  CbConnection *self = user_data;
  g_autoptr (CbCall) done = NULL;

  switch (cb_exchange_take (&self->exchange, reply, &done))
    {
    case CB_EXCHANGE_UNASKED:
      take_unasked (self, cb_reply_get_value (reply));
      break;
    case CB_EXCHANGE_PROBE_TIME:
      take_probe (self, FALSE, cb_reply_get_value (reply));
      break;
    case CB_EXCHANGE_PROBE_ROLE:
      take_probe (self, TRUE, cb_reply_get_value (reply));
      break;
    case CB_EXCHANGE_COMMANDS:
      take_commands (self, cb_reply_get_value (reply));
      break;
    case CB_EXCHANGE_COMMANDS_CHECK:
      take_commands_check (self, cb_reply_get_value (reply));
      break;
    case CB_EXCHANGE_CALL:
    default:
      if (done != NULL && !self->is_node && cb_cluster_concerns (done))
        {
          if (self->cluster == NULL)
            self->cluster = cb_cluster_new ();
          cb_cluster_follow (self->cluster, self, g_steal_pointer (&done));
        }
      else if (done != NULL)
        {
          cb_call_return (done);
        }
    }
}

static void
session_failed_cb (const GError *error,
                   gpointer      user_data)
{
  session_ended (user_data, error);
}

static const CbRedisSessionFuncs session_funcs = {
  session_state_cb,
  session_ready_cb,
  session_reply_cb,
  session_failed_cb,
};

static void
connect_now (CbConnection *self)
{
  g_autoptr (CbRedisSession) session = NULL;

  drop_session (self);
    set_retry_at (self, 0);
  cb_backoff_attempted (&self->backoff, g_get_monotonic_time ());

  self->session = cb_redis_session_new (self->address, self->client_name, self->timeout_msec, &self->facts,
                                        &session_funcs, self);
  update_timer (self);
  cb_exchange_begin (&self->exchange, self->session);
  session = cb_redis_session_ref (self->session);
  cb_redis_session_start (session);
}

/* What is due */

static void
expire_calls (CbConnection *self,
              gint64        now)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_call_unref);
  gint64 silent_since = self->session != NULL ? cb_redis_session_get_last_received (self->session) : 0;
  gboolean unanswered = FALSE;
  GList *next;

  for (GList *node = self->exchange.waiting.head; node != NULL; node = next)
    {
      CbCall *call = node->data;

      next = node->next;
      if (call->deadline > now)
        continue;
      /* The attempt may be under way for longer yet, and nobody else is to wait for it as long. */
      self->waited_in_vain |= self->state != CB_CONNECTION_READY;
      cb_exchange_take_out (&self->exchange, call);
      cb_exchange_refuse (calls, call, not_connected_error (self, call));
    }

  for (GList *node = self->exchange.sent.head; node != NULL; node = next)
    {
      CbCall *call = node->data;

      next = node->next;
      if (call->deadline > now)
        continue;
      cb_exchange_take_out (&self->exchange, call);
      unanswered |= call->sent_at > silent_since;
      cb_exchange_refuse (calls, call, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_TIMED_OUT,
                                             "%s: no reply from %s within %.3g seconds. It may still run.",
                                             cb_call_get_display_name (call), cb_address_get_label (self->address),
                                             call->timeout_msec / 1000.0));
    }

  /* Not a byte since then, and nobody waits who may: that was as good as a probe. */
  if (unanswered && g_queue_is_empty (&self->exchange.sent) && self->state == CB_CONNECTION_READY)
    {
      g_autoptr (GError) error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                                              "%s does not answer any more. The connection was given up.",
                                              cb_address_get_label (self->address));

      session_ended (self, error);
    }
  return_calls (g_steal_pointer (&calls), FALSE);
}

static gint64
probe_deadline (CbConnection *self)
{
  guint timeout_msec = self->keep_alive_timeout_msec != 0 ? self->keep_alive_timeout_msec
                                                          : CLAMP (self->timeout_msec, 1000, KEEP_ALIVE_MSEC);

  return self->probe_sent + timeout_msec * G_TIME_SPAN_MILLISECOND;
}

static void
send_probe (CbConnection *self)
{
  self->probe_sent = g_get_monotonic_time ();
  self->probe_at = 0;
  /* With every second one: what it tells is refused with READONLY as well, and a program that is only left open asks as little as it can. */
  self->role_asked = !self->role_asked;
  cb_exchange_send_probe (&self->exchange, !self->facts.lacks_time, self->role_asked && !self->facts.lacks_role);
}

static void
check_probe (CbConnection *self,
             gint64        now)
{
  if (self->probe_sent != 0)
    {
      if (now >= probe_deadline (self))
        {
          g_autoptr (GError) error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                                                  "%s does not answer any more. The connection was given up.",
                                                  cb_address_get_label (self->address));

          session_ended (self, error);
        }
    }
  else if (self->probe_at != 0 && now >= self->probe_at)
    {
      /* A probe behind a call that takes its time would only tell that it does; its own time-out watches it. */
      if (g_queue_is_empty (&self->exchange.sent))
        send_probe (self);
      else
        self->probe_at = now + MIN (self->keep_alive_msec, 1000) * G_TIME_SPAN_MILLISECOND;
    }
}

static void
timer_cb (CbSourceEvents events,
          gpointer       user_data)
{
  g_autoptr (CbConnection) self = g_object_ref (user_data);
  gint64 now;

  /* This program may have been busy or asleep, and the replies be there already: those come first. */
  if (self->session != NULL && cb_redis_session_is_ready (self->session))
    {
      g_autoptr (CbRedisSession) session = cb_redis_session_ref (self->session);

      if (cb_redis_session_read (session))
        {
          cb_source_set_deadline (self->timer, g_get_monotonic_time () + G_TIME_SPAN_MILLISECOND);
          return;
        }
    }

  now = g_get_monotonic_time ();
  if (self->open_deadline != 0 && now >= self->open_deadline)
    {
      g_autoptr (GError) error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOADING,
                                              "%s is still loading its data. Try again in a moment.",
                                              cb_address_get_label (self->address));

      self->open_deadline = 0;
      if (self->persistent)
        return_openers (self, error);
      else
        session_ended (self, error);
    }
  else if (self->retry_at != 0 && now >= self->retry_at)
    {
      connect_now (self);
    }
  expire_calls (self, now);
  if (self->state == CB_CONNECTION_READY)
    check_probe (self, now);
  update_timer (self);
}

/* Sets the timer by looking at everything. Sent calls are many, so sending does not come here but to
 * timer_no_later_than(); that the timer may then fire for a call that was answered long ago does no harm. */
static void
update_timer (CbConnection *self)
{
  gint64 due;

  if (self->timer == NULL)
    return;

  due = cb_exchange_get_deadline (&self->exchange);
  if (self->retry_at != 0)
    due = MIN (due, self->retry_at);
  if (self->open_deadline != 0)
    due = MIN (due, self->open_deadline);
  if (self->state == CB_CONNECTION_READY || (self->session != NULL && cb_redis_session_is_ready (self->session)))
    {
      if (self->probe_sent != 0)
        due = MIN (due, probe_deadline (self));
      else if (self->probe_at != 0)
        due = MIN (due, self->probe_at);
    }
  cb_source_set_deadline (self->timer, due == G_MAXINT64 ? -1 : due);
}

static void
timer_no_later_than (CbConnection *self,
                     gint64        deadline)
{
  gint64 due = g_source_get_ready_time (self->timer);

  if (deadline != G_MAXINT64 && (due == -1 || due > deadline))
    cb_source_set_deadline (self->timer, deadline);
}

/* GObject */

static void
cb_connection_constructed (GObject *object)
{
  CbConnection *self = CB_CONNECTION (object);

  G_OBJECT_CLASS (cb_connection_parent_class)->constructed (object);
  g_assert (self->address != NULL);
  self->timer = cb_source_new (-1, timer_cb, self);
}

static void
cb_connection_dispose (GObject *object)
{
  CbConnection *self = CB_CONNECTION (object);

  /* Calls hold the connection, so there are none, but for replies of those that were told. */
  drop_session (self);
  cb_exchange_end (&self->exchange);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);

  G_OBJECT_CLASS (cb_connection_parent_class)->dispose (object);
}

static void
cb_connection_finalize (GObject *object)
{
  CbConnection *self = CB_CONNECTION (object);

  cb_server_facts_clear (&self->facts);
  cb_exchange_clear (&self->exchange);
  g_clear_pointer (&self->address, cb_address_unref);
  g_free (self->client_name);
  g_free (self->error_message);
  g_clear_pointer (&self->cluster, cb_cluster_free);

  G_OBJECT_CLASS (cb_connection_parent_class)->finalize (object);
}

static void
cb_connection_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  CbConnection *self = CB_CONNECTION (object);

  switch (property_id)
    {
    case PROP_ADDRESS:
      g_value_set_boxed (value, self->address);
      break;
    case PROP_CLIENT_NAME:
      g_value_set_string (value, self->client_name);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->error_message);
      break;
    case PROP_LATENCY:
      g_value_set_int64 (value, self->facts.latency);
      break;
    case PROP_CLOCK_OFFSET:
      g_value_set_int64 (value, self->facts.clock_offset);
      break;
    case PROP_SERVER_VERSION:
      g_value_set_string (value, self->facts.version);
      break;
    case PROP_ROLE:
      g_value_set_string (value, self->facts.role);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout_msec);
      break;
    case PROP_RETRY_AT:
      g_value_set_int64 (value, self->retry_at);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, self->facts.read_only);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_connection_set_property (GObject      *object,
                            guint         property_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  CbConnection *self = CB_CONNECTION (object);

  switch (property_id)
    {
    case PROP_ADDRESS:
      self->address = g_value_dup_boxed (value);
      break;
    case PROP_CLIENT_NAME:
      self->client_name = g_value_dup_string (value);
      break;
    case PROP_TIMEOUT:
      cb_connection_set_timeout (self, g_value_get_uint (value));
      break;
    case PROP_READ_ONLY:
      cb_connection_set_read_only (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_connection_class_init (CbConnectionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->constructed = cb_connection_constructed;
  object_class->dispose = cb_connection_dispose;
  object_class->finalize = cb_connection_finalize;
  object_class->get_property = cb_connection_get_property;
  object_class->set_property = cb_connection_set_property;

  properties[PROP_ADDRESS] =
    g_param_spec_boxed ("address", NULL, NULL, CB_TYPE_ADDRESS,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CLIENT_NAME] =
    g_param_spec_string ("client-name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, CB_TYPE_CONNECTION_STATE, CB_CONNECTION_CLOSED,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ERROR_MESSAGE] =
    g_param_spec_string ("error-message", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_LATENCY] =
    g_param_spec_int64 ("latency", NULL, NULL, -1, G_MAXINT64, -1,
                        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CLOCK_OFFSET] =
    g_param_spec_int64 ("clock-offset", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SERVER_VERSION] =
    g_param_spec_string ("server-version", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ROLE] =
    g_param_spec_string ("role", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_TIMEOUT] =
    g_param_spec_uint ("timeout", NULL, NULL, 1, G_MAXINT, DEFAULT_TIMEOUT_MSEC,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_RETRY_AT] =
    g_param_spec_int64 ("retry-at", NULL, NULL, 0, G_MAXINT64, 0,
                        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_READ_ONLY] =
    g_param_spec_boolean ("read-only", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_connection_init (CbConnection *self)
{
  self->timeout_msec = DEFAULT_TIMEOUT_MSEC;
  self->keep_alive_msec = KEEP_ALIVE_MSEC;
  cb_exchange_init (&self->exchange);
  cb_server_facts_init (&self->facts);
}

/* Public functions */

/**
 * cb_connection_new:
 * @address: where the server is
 * @client_name: (nullable): what it is told to call us, without blanks
 *
 * Makes a connection that belongs to the thread-default main context. Nothing happens before it is opened.
 *
 * Returns: (transfer full): the connection
 */
CbConnection *
cb_connection_new (CbAddress  *address,
                   const char *client_name)
{
  g_return_val_if_fail (address != NULL, NULL);

  return g_object_new (CB_TYPE_CONNECTION, "address", address, "client-name", client_name, NULL);
}

static CbConnection *
new_sibling (CbConnection *self,
             CbAddress    *address,
             const char   *client_name)
{
  CbConnection *sibling = cb_connection_new (address, client_name);

  cb_connection_set_timeout (sibling, self->timeout_msec);
  /* What the one sends and what the other sends are one program's doing. */
  cb_command_stats_unref (sibling->exchange.stats);
  sibling->exchange.stats = cb_command_stats_ref (self->exchange.stats);
  /* What may be written through the one may be through the other, also later. */
  g_object_bind_property (self, "read-only", sibling, "read-only", G_BINDING_SYNC_CREATE);
  return sibling;
}

/**
 * cb_connection_new_sibling:
 * @self: a connection
 * @client_name: (nullable): what the server is told to call the new one
 *
 * Makes another connection to the same database as the same user, for commands that block; for reading only, when
 * @self is that now. It is not open.
 *
 * Returns: (transfer full): the connection
 */
CbConnection *
cb_connection_new_sibling (CbConnection *self,
                           const char   *client_name)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);

  return new_sibling (self, self->address, client_name);
}

/**
 * cb_connection_new_sibling_in_db:
 * @self: a connection
 * @db: the number of a database
 * @client_name: (nullable): as in cb_connection_new_sibling()
 *
 * The same for another database of that server.
 *
 * Returns: (transfer full): the connection
 */
CbConnection *
cb_connection_new_sibling_in_db (CbConnection *self,
                                 guint         db,
                                 const char   *client_name)
{
  g_autoptr (CbAddress) address = NULL;

  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);

  address = cb_address_with_db (self->address, db);
  return new_sibling (self, address, client_name);
}

CbConnection *
cb_connection_new_node (CbConnection *self,
                        const char   *host,
                        guint16       port)
{
  g_autoptr (CbAddress) address = cb_address_with_place (self->address, host, port);
  CbConnection *node = new_sibling (self, address, self->client_name);

  node->is_node = TRUE;
  return node;
}

static void
start (CbConnection *self)
{
  if (self->state != CB_CONNECTION_CLOSED)
    return;

  self->was_ready = FALSE;
  self->waited_in_vain = FALSE;
  self->closed = FALSE;
  cb_backoff_forget (&self->backoff);
  connect_now (self);
}

/**
 * cb_connection_open:
 * @self: a connection
 *
 * Connects, and connects again whenever that fails or ends, until cb_connection_close(). Idempotent.
 */
void
cb_connection_open (CbConnection *self)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  self->persistent = TRUE;
  start (self);
}

static void
destroy_source (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

static gboolean
opener_cancelled_cb (GCancellable *cancellable,
                     gpointer      user_data)
{
  GTask *task = user_data;
  g_autoptr (CbConnection) self = g_object_ref (g_task_get_source_object (task));
  GList *node = g_list_find (self->openers, task);
  g_autoptr (GTask) owned = NULL;

  if (node == NULL)
    return G_SOURCE_REMOVE;

  owned = node->data;
  self->openers = g_list_delete_link (self->openers, node);
  if (self->openers == NULL && !self->persistent && !self->was_ready)
    cb_connection_close (self);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/**
 * cb_connection_open_async:
 * @self: a connection
 * @cancellable: (nullable): cancels the attempt; the connection is then closed again
 * @callback: called with the outcome
 * @user_data: data for @callback
 *
 * Opens the connection and tells how the first attempt ended: at once when it is open already. After a success it
 * is connected again whenever it ends, until cb_connection_close(). A server that is loading is waited for, up to
 * the time-out of the connection.
 *
 * Errors: any %CB_REDIS_ERROR, %G_IO_ERROR_CANCELLED. The connection is closed then, unless cb_connection_open()
 * was called as well.
 */
void
cb_connection_open_async (CbConnection        *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_CONNECTION (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_connection_open_async);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->state == CB_CONNECTION_READY)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (cancellable != NULL)
    {
      GSource *source = g_cancellable_source_new (cancellable);

      g_source_set_callback (source, G_SOURCE_FUNC (opener_cancelled_cb), task, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      g_task_set_task_data (task, source, destroy_source);
    }

  self->openers = g_list_append (self->openers, g_steal_pointer (&task));
  if (self->state == CB_CONNECTION_WAITING)
    cb_connection_reconnect_now (self);
  else
    start (self);
}

gboolean
cb_connection_open_finish (CbConnection  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_connection_hang_up:
 * @self: a connection
 *
 * Tells the server that nothing more will be sent. It drops a command that waits there, and what is queued behind that; replies that
 * it has begun to send still arrive, and the other calls end with %CB_REDIS_ERROR_LOST when it has closed in turn. So whoever
 * waited learns whether the end of the wait came first, which cb_connection_close() leaves open. The connection
 * is to be closed then.
 */
void
cb_connection_hang_up (CbConnection *self)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  if (self->state == CB_CONNECTION_READY && self->session != NULL)
    {
      if (self->cluster != NULL)
        cb_cluster_hang_up (self->cluster);
      cb_redis_session_hang_up (self->session);
    }
  else
    {
      cb_connection_close (self);
    }
}

/**
 * cb_connection_flush:
 * @self: a connection
 *
 * Lets the calls that were made leave now. Without it they leave together in the next turn of the main loop, which is cheaper where
 * there are many. It is for a call that keeps the server busy for a while: what is sent after it is read by the server when that is done,
 * and is not answered together with it.
 */
void
cb_connection_flush (CbConnection *self)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  if (self->state == CB_CONNECTION_READY && self->session != NULL)
    cb_redis_session_flush (self->session);
}

/**
 * cb_connection_flush_alone:
 * @self: a connection
 *
 * The same for a call that somebody waits for, if it is the only one under way. Where there are more they leave together all the same.
 */
void
cb_connection_flush_alone (CbConnection *self)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  if (self->exchange.sent.length == 1)
    cb_connection_flush (self);
}

/**
 * cb_connection_close:
 * @self: a connection
 *
 * Ends the connection. Calls whose replies have not come end with %CB_REDIS_ERROR_LOST, those that were not sent
 * with %CB_REDIS_ERROR_NOT_CONNECTED; their callbacks run later, from the main context. Idempotent.
 */
void
cb_connection_close (CbConnection *self)
{
  g_autoptr (GPtrArray) calls = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (CbConnection) kept = NULL;
  GList *node;

  g_return_if_fail (CB_IS_CONNECTION (self));

  kept = g_object_ref (self);
  calls = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_call_unref);
  reason = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED, "The connection to %s was closed.",
                        cb_address_get_label (self->address));

  self->persistent = FALSE;
  self->closed = TRUE;
  self->was_ready = FALSE;
  drop_session (self);
  if (self->cluster != NULL)
    cb_cluster_close (self->cluster);
  cb_exchange_sort_out (&self->exchange, reason, FALSE, calls);

  g_object_freeze_notify (G_OBJECT (self));
  set_error_message (self, NULL);
  set_retry_at (self, 0);
  set_state (self, CB_CONNECTION_CLOSED);
  while ((node = g_queue_pop_head_link (&self->exchange.waiting)) != NULL)
    cb_exchange_refuse (calls, node->data, not_connected_error (self, node->data));
  update_timer (self);

  if (self->openers != NULL)
    {
      /* Tasks of open_async are told through a call that has none: from an idle as well. */
      GList *openers = g_steal_pointer (&self->openers);

      self->open_deadline = 0;
      for (node = openers; node != NULL; node = node->next)
        {
          CbPipeline *pipeline = cb_pipeline_new ();
          CbCall *call = cb_call_new (node->data, pipeline, FALSE, 0);

          cb_exchange_refuse (calls, call, g_error_copy (reason));
        }
      g_list_free (openers);
    }
  g_object_thaw_notify (G_OBJECT (self));

  return_calls (g_steal_pointer (&calls), TRUE);
}

/**
 * cb_connection_reconnect_now:
 * @self: a connection
 *
 * Makes the next attempt now rather than when its time has come. Does nothing unless the state is
 * %CB_CONNECTION_WAITING.
 */
void
cb_connection_reconnect_now (CbConnection *self)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  if (self->state != CB_CONNECTION_WAITING)
    return;
  cb_backoff_forget (&self->backoff);
  connect_now (self);
}

static gboolean
call_cancelled_cb (GCancellable *cancellable,
                   gpointer      user_data)
{
  g_autoptr (CbCall) call = cb_call_ref (user_data);
  g_autoptr (CbCall) from_queue = NULL;
  CbConnection *self;

  if (call->settled)
    return G_SOURCE_REMOVE;

  self = g_task_get_source_object (call->task);
  from_queue = call;
  cb_exchange_take_out (&self->exchange, call);
  call->settled = TRUE;
  cb_call_return_error (call, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled"));
  return G_SOURCE_REMOVE;
}

static void
start_call (CbConnection        *self,
            CbPipeline          *pipeline,
            gboolean             single,
            GCancellable        *cancellable,
            gpointer             source_tag,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  CbCall *call;

  g_task_set_source_tag (task, source_tag);
  call = cb_call_new (task, pipeline, single, self->timeout_msec);

  if (g_cancellable_is_cancelled (cancellable))
    {
      cb_call_return_error (call, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled"));
      cb_call_unref (call);
      return;
    }
  if (cb_pipeline_get_length (pipeline) == 0)
    {
      cb_call_return (call);
      cb_call_unref (call);
      return;
    }
  if (self->closed || (self->was_ready && self->state != CB_CONNECTION_READY && !call->repeatable) ||
      is_out_of_reach (self))
    {
      cb_call_return_error (call, not_connected_error (self, call));
      cb_call_unref (call);
      return;
    }

  if (self->session != NULL && cb_redis_session_is_ready (self->session) && !self->learning &&
      !may_send (self, call, &error))
    {
      cb_call_return_error (call, g_steal_pointer (&error));
      cb_call_unref (call);
      return;
    }

  if (cancellable != NULL)
    {
      call->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (call->cancelled, G_SOURCE_FUNC (call_cancelled_cb), call, NULL);
      g_source_attach (call->cancelled, g_main_context_get_thread_default ());
    }

  timer_no_later_than (self, call->deadline);
  if (self->session != NULL && cb_redis_session_is_ready (self->session) && !self->learning)
    cb_exchange_send (&self->exchange, call);
  else
    g_queue_push_tail_link (&self->exchange.waiting, &call->node);
}

/**
 * cb_connection_call_async:
 * @self: a connection
 * @command: (transfer full): what is asked
 * @cancellable: (nullable): drops the reply; a command that was sent can't be unsent
 * @callback: called with the reply, never before this function returns
 * @user_data: data for @callback
 *
 * Sends one command. See the notes at the top of this header on what happens without a connection.
 *
 * Errors: an error reply, as cb_redis_error_new_from_reply() turns it; %CB_REDIS_ERROR_NOT_CONNECTED, and on a
 * read-only connection %CB_REDIS_ERROR_READONLY, when nothing was sent; %CB_REDIS_ERROR_LOST, %CB_REDIS_ERROR_TIMED_OUT, %CB_REDIS_ERROR_PROTOCOL and %G_IO_ERROR_CANCELLED,
 * when it may or may not have run.
 */
void
cb_connection_call_async (CbConnection        *self,
                          CbCommand           *command,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbPipeline *pipeline;

  g_return_if_fail (CB_IS_CONNECTION (self));
  g_return_if_fail (command != NULL);

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, command);
  start_call (self, pipeline, TRUE, cancellable, cb_connection_call_async, callback, user_data);
}

/**
 * cb_connection_call_finish:
 *
 * Returns: (transfer full) (nullable): the reply, which is no error reply
 */
CbReply *
cb_connection_call_finish (CbConnection  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_connection_pipeline_async:
 * @self: a connection
 * @pipeline: (transfer full): what is asked, in order
 * @cancellable: (nullable): drops the replies; what was sent can't be unsent
 * @callback: called with the replies, never before this function returns
 * @user_data: data for @callback
 *
 * Sends many commands at once. The time-out is the longest of its commands; it is repeatable when all of them are.
 *
 * Errors: as for cb_connection_call_async(), but error replies of single commands stand among the replies. For a
 * transaction also %CB_REDIS_ERROR_EXECABORT, when nothing of it was done.
 */
void
cb_connection_pipeline_async (CbConnection        *self,
                              CbPipeline          *pipeline,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (CB_IS_CONNECTION (self));
  g_return_if_fail (pipeline != NULL);

  start_call (self, pipeline, FALSE, cancellable, cb_connection_pipeline_async, callback, user_data);
}

/**
 * cb_connection_pipeline_finish:
 *
 * Returns: (transfer full) (element-type CbReply) (nullable): the replies, one a command in their order
 */
GPtrArray *
cb_connection_pipeline_finish (CbConnection  *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

CbAddress *
cb_connection_get_address (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);
  return self->address;
}

CbConnectionState
cb_connection_get_state (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), CB_CONNECTION_CLOSED);
  return self->state;
}

/**
 * cb_connection_get_error_message:
 * @self: a connection
 *
 * Returns: (nullable): a sentence on why it is not connected
 */
const char *
cb_connection_get_error_message (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);
  return self->error_message;
}

/**
 * cb_connection_get_latency:
 * @self: a connection
 *
 * Returns: how long the server took to answer the last probe, in µs, this program's own delays included; -1 when
 *   unknown
 */
gint64
cb_connection_get_latency (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), -1);
  return self->facts.latency;
}

/**
 * cb_connection_get_clock_offset:
 * @self: a connection
 *
 * Returns: how far the server's clock is ahead of ours, in µs, by the last probe; 0 below one second
 */
gint64
cb_connection_get_clock_offset (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), 0);
  return self->facts.clock_offset;
}

const char *
cb_connection_get_server_version (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);
  return self->facts.version;
}

/* How what goes through it is encrypted, by the last time it was open: "TLS 1.3"; nullable where it is not. */
const char *
cb_connection_get_encryption (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);
  return self->facts.encryption;
}

/**
 * cb_connection_set_timeout:
 * @self: a connection
 * @timeout_msec: milliseconds, at least 1
 *
 * Sets how long connecting, letting oneself in, and each later command that says nothing else may take.
 */
void
cb_connection_set_timeout (CbConnection *self,
                           guint         timeout_msec)
{
  g_return_if_fail (CB_IS_CONNECTION (self));
  g_return_if_fail (timeout_msec > 0 && timeout_msec <= G_MAXINT);

  if (self->timeout_msec == timeout_msec)
    return;
  self->timeout_msec = timeout_msec;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

gboolean
cb_connection_get_read_only (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), FALSE);
  return self->facts.read_only;
}

/**
 * cb_connection_set_read_only:
 * @self: a connection
 * @read_only: whether it is for reading only from now on
 *
 * Takes effect at once, on an open connection too: what is called afterwards waits until the server has told which
 * of its commands write. What was sent before is not called back. The property may be bound to a switch.
 */
void
cb_connection_set_read_only (CbConnection *self,
                             gboolean      read_only)
{
  g_return_if_fail (CB_IS_CONNECTION (self));

  read_only = !!read_only;
  if (self->facts.read_only == read_only)
    return;

  self->facts.read_only = read_only;
  if (self->session != NULL && cb_redis_session_is_ready (self->session))
    {
      if (read_only)
        learn_commands (self);
      else
        release_waiting (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READ_ONLY]);
}

/**
 * cb_connection_get_n_commands_sent:
 * @self: a connection
 *
 * Returns: how many commands it has sent in its life, its own among them
 */
guint64
cb_connection_get_n_commands_sent (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), 0);
  return self->n_sent + (self->session != NULL ? cb_redis_session_get_n_sent (self->session) : 0);
}

/**
 * cb_connection_is_idle:
 * @self: a connection
 *
 * Returns: whether closing it would break off nothing that somebody waits for
 */
gboolean
cb_connection_is_idle (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), TRUE);
  return g_queue_is_empty (&self->exchange.sent) && g_queue_is_empty (&self->exchange.waiting);
}

CbCommandStats *
cb_connection_get_command_stats (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), NULL);
  return self->exchange.stats;
}

gint64
cb_connection_get_server_time (CbConnection *self)
{
  g_return_val_if_fail (CB_IS_CONNECTION (self), g_get_real_time ());
  return g_get_real_time () + self->facts.clock_offset;
}

void
cb_connection_set_keep_alive (CbConnection *self,
                              guint         idle_msec,
                              guint         timeout_msec)
{
  self->keep_alive_msec = idle_msec;
  self->keep_alive_timeout_msec = timeout_msec;
}
