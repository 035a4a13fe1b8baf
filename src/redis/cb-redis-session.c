/* cb-redis-session.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-redis-session.h"

#include <string.h>

#include "cb-dialer.h"
#include "cb-link.h"
#include "cb-sentinel.h"
#include "cb-source.h"
#include "cb-tls.h"

/* How often a server that is loading is asked whether it is done. */
#define LOADING_FIRST_USEC (100 * G_TIME_SPAN_MILLISECOND)
#define LOADING_MOST_USEC (1 * G_TIME_SPAN_SECOND)

/* Clocks closer than this are taken for the same. */
#define SAME_CLOCK_USEC (1 * G_TIME_SPAN_SECOND)

/*
 * The handshake goes out as one write, in this order; SELECT comes before anything that could read a key. PING is
 * the probe: unlike TIME, INFO and ROLE it is refused while the server loads.
 */
typedef enum
{
  STEP_AUTH,
  STEP_SELECT,
  STEP_SETNAME,
  STEP_PING,
  STEP_TIME,
  STEP_INFO,
  STEP_ROLE,
} Step;

static const char * const step_names[] = { "AUTH", "SELECT", "CLIENT SETNAME", "PING", "TIME", "INFO", "ROLE" };

struct _CbSession
{
  CbAddress *address;        /* (owned) */
  char *client_name;         /* (owned) (nullable) */
  CbServerFacts *facts;      /* (unowned) the owner's */
  const CbRedisSessionFuncs *funcs;
  gpointer user_data;
  GCancellable *cancellable; /* (owned) of dialling */
  CbLink *link;              /* (owned) (nullable) once connected */
  GSource *timer;            /* (owned) (nullable) NULL once closed */
  GQueue steps;              /* (element-type Step) whose replies are to come */
  GError *failure;           /* (owned) (nullable) the first refusal that ends the handshake */
  gint64 steps_sent;         /* µs monotonic */
  gint64 loading_pause;
  guint timeout_msec;
  guint n_sent;
  gboolean let_in;           /* AUTH is behind us */
  gboolean loading;
  gboolean ready;
  gboolean sentinel;
  int ref_count;
};

void
cb_server_facts_init (CbServerFacts *facts)
{
  memset (facts, 0, sizeof *facts);
  facts->latency = -1;
}

void
cb_server_facts_clear (CbServerFacts *facts)
{
  g_clear_pointer (&facts->version, g_free);
  g_clear_pointer (&facts->encryption, g_free);
  g_clear_pointer (&facts->role, g_free);
  g_clear_pointer (&facts->commands, cb_command_table_free);
}

/**
 * cb_server_facts_take_time:
 * @time: (nullable): the reply of TIME, or whatever came in its place
 * @sent_monotonic: when it was asked
 * @now_monotonic: when the reply came
 * @now_real: the same by the wall clock
 *
 * Learns latency, and, if @time is one, how far ahead the server's clock is, taking half of the latency for the
 * way of the question. Whether there is an error in that or in the clocks can't be told below a second, so that
 * much counts as none.
 */
void
cb_server_facts_take_time (CbServerFacts *facts,
                           const CbValue *time,
                           gint64         sent_monotonic,
                           gint64         now_monotonic,
                           gint64         now_real)
{
  gint64 seconds, micros, offset;

  facts->latency = MAX (now_monotonic - sent_monotonic, 1);

  if (!cb_value_get_integer (cb_value_get_element (time, 0), &seconds) ||
      !cb_value_get_integer (cb_value_get_element (time, 1), &micros) || seconds < 0 ||
      seconds > G_MAXINT64 / G_USEC_PER_SEC - 1 || micros < 0 || micros >= G_USEC_PER_SEC)
    return;

  offset = seconds * G_USEC_PER_SEC + micros - (now_real - facts->latency / 2);
  facts->clock_offset = ABS (offset) < SAME_CLOCK_USEC ? 0 : offset;
}

void
cb_server_facts_take_role (CbServerFacts *facts,
                           const CbValue *role)
{
  static const char * const roles[] = { "master", "slave" };

  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      if (cb_value_equal_string (cb_value_get_element (role, 0), roles[i]) && g_strcmp0 (facts->role, roles[i]) != 0)
        {
          g_free (facts->role);
          facts->role = g_strdup (roles[i]);
        }
    }
}

/* Whether the command is not to be had on this server, or not for this user. */
gboolean
cb_redis_error_is_lacking (const GError *error)
{
  return g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM);
}

static char *
info_field (const char *info,
            const char *field)
{
  gsize length = strlen (field);

  for (const char *line = info; line != NULL; line = strchr (line, '\n'))
    {
      if (*line == '\n')
        line++;
      if (strncmp (line, field, length) == 0 && line[length] == ':')
        return g_strndup (line + length + 1, strcspn (line + length + 1, "\r\n"));
    }
  return NULL;
}

static void
fail (CbRedisSession *self,
      GError    *error) /* transfer full */
{
  const CbRedisSessionFuncs *funcs = self->funcs;
  gpointer user_data = self->user_data;

  cb_redis_session_close (self);
  funcs->failed (error, user_data);
  g_error_free (error);
}

static void
send_step (CbRedisSession *self,
           Step       step,
           CbCommand *command)
{
  g_queue_push_tail (&self->steps, GUINT_TO_POINTER (step));
  cb_redis_session_send_own (self, command);
  cb_command_free (command);
}

static void
send_handshake (CbRedisSession *self)
{
  const char *user = cb_address_get_user (self->address);
  const char *password = cb_address_get_password (self->address);

  self->loading = FALSE;
  self->steps_sent = g_get_monotonic_time ();

  if (!self->let_in && (user != NULL || password != NULL))
    {
      CbCommand *command = cb_command_new ("AUTH", NULL);

      /* The form with a user is as old as Redis 6; without one the older form works everywhere. */
      if (user != NULL)
        cb_command_add (command, user);
      cb_command_add (command, password != NULL ? password : "");
      send_step (self, STEP_AUTH, command);
    }
  if (cb_address_get_db (self->address) != 0)
    send_step (self, STEP_SELECT, cb_command_add_int (cb_command_new ("SELECT", NULL),
                                                      cb_address_get_db (self->address)));
  if (self->client_name != NULL)
    send_step (self, STEP_SETNAME, cb_command_new ("CLIENT", "SETNAME", self->client_name, NULL));
  send_step (self, STEP_PING, cb_command_new ("PING", NULL));
  if (!self->facts->lacks_time)
    send_step (self, STEP_TIME, cb_command_new ("TIME", NULL));
  if (!self->facts->lacks_info)
    send_step (self, STEP_INFO, cb_command_new ("INFO", "server", NULL));
  if (!self->facts->lacks_role)
    send_step (self, STEP_ROLE, cb_command_new ("ROLE", NULL));

  cb_source_set_deadline (self->timer, self->steps_sent + self->timeout_msec * G_TIME_SPAN_MILLISECOND);
}

/* A Sentinel answers PING and little else, so that its keys would seem to be none. */
static void
take_sentinel (CbRedisSession *self,
               const CbValue  *role)
{
  g_clear_error (&self->failure);
  self->failure = cb_sentinel_error_new (self->address, cb_value_get_element (role, 1));
}

static void
take_info (CbRedisSession     *self,
           const CbValue *value)
{
  const char *info = cb_value_get_string (value, NULL);
  g_autofree char *mode = NULL;
  g_autofree char *version = NULL;

  if (info == NULL)
    return;

  mode = info_field (info, "redis_mode");
  if (g_strcmp0 (mode, "sentinel") == 0)
    self->sentinel = TRUE;

  version = info_field (info, "redis_version");
  if (version != NULL && g_utf8_validate (version, -1, NULL))
    {
      g_free (self->facts->version);
      self->facts->version = g_steal_pointer (&version);
    }
}

static void
take_refusal (CbRedisSession  *self,
              Step        step,
              const char *text,
              gsize       length)
{
  g_autoptr (GError) error = cb_redis_error_new_from_reply (step_names[step], text, length);
  gboolean ends = FALSE;

  /* These are about the connection and not about the command they happen to meet; the server may have written
   * them before it had read any. */
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_DENIED) ||
      g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_MAXCLIENTS) ||
      g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOAUTH))
    {
      g_clear_error (&error);
      error = cb_redis_error_new_from_reply (NULL, text, length);
      ends = TRUE;
    }
  else if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOADING))
    {
      self->loading = TRUE;
    }
  else
    {
      switch (step)
        {
        case STEP_AUTH:
        case STEP_SELECT:
          ends = TRUE;
          break;
        case STEP_TIME:
          self->facts->lacks_time = cb_redis_error_is_lacking (error);
          break;
        case STEP_INFO:
          self->facts->lacks_info = cb_redis_error_is_lacking (error);
          break;
        case STEP_ROLE:
          self->facts->lacks_role = cb_redis_error_is_lacking (error);
          break;
        case STEP_SETNAME:
        case STEP_PING:
        default:
          break;
        }
    }

  if (ends && self->failure == NULL)
    self->failure = g_steal_pointer (&error);
}

static void
finish_handshake (CbRedisSession *self)
{
  gint64 pause;

  if (self->failure != NULL)
    {
      fail (self, g_steal_pointer (&self->failure));
      return;
    }

  self->let_in = TRUE;
  if (!self->loading)
    {
      self->ready = TRUE;
      cb_source_set_deadline (self->timer, -1);
      self->funcs->ready (self->user_data);
      return;
    }

  pause = self->loading_pause;
  self->loading_pause = MIN (pause * 2, LOADING_MOST_USEC);
  cb_source_set_deadline (self->timer, g_get_monotonic_time () + pause);
  self->funcs->state (CB_CONNECTION_LOADING, self->user_data);
}

static void
take_step (CbRedisSession     *self,
           const CbValue *value)
{
  Step step = GPOINTER_TO_UINT (g_queue_pop_head (&self->steps));
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (cb_value_is_error (value))
    {
      take_refusal (self, step, text, length);
    }
  else
    {
      switch (step)
        {
        case STEP_AUTH:
          self->let_in = TRUE;
          break;
        case STEP_TIME:
          cb_server_facts_take_time (self->facts, value, self->steps_sent, g_get_monotonic_time (), g_get_real_time ());
          break;
        case STEP_INFO:
          take_info (self, value);
          break;
        case STEP_ROLE:
          if (cb_value_equal_string (cb_value_get_element (value, 0), "sentinel"))
            self->sentinel = TRUE;
          else
            cb_server_facts_take_role (self->facts, value);
          break;
        case STEP_SELECT:
        case STEP_SETNAME:
        case STEP_PING:
        default:
          break;
        }
    }

  if (self->sentinel && g_queue_is_empty (&self->steps))
    take_sentinel (self, step == STEP_ROLE ? value : NULL);

  /* A refusal at the door may be the last that comes. */
  if (g_queue_is_empty (&self->steps) ||
      g_error_matches (self->failure, CB_REDIS_ERROR, CB_REDIS_ERROR_DENIED) ||
      g_error_matches (self->failure, CB_REDIS_ERROR, CB_REDIS_ERROR_MAXCLIENTS))
    finish_handshake (self);
}

static void
link_reply_cb (CbReply  *reply,
               gpointer  user_data)
{
  CbRedisSession *self = user_data;

  if (self->ready)
    {
      self->funcs->reply (reply, self->user_data);
      return;
    }

  cb_redis_session_ref (self);
  if (!g_queue_is_empty (&self->steps))
    take_step (self, cb_reply_get_value (reply));
  else
    fail (self, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL,
                             "Protocol error: %s sent a reply that nobody asked for. Is a Redis server listening there?",
                             cb_address_get_label (self->address)));
  cb_redis_session_unref (self);
  cb_reply_unref (reply);
}

static void
link_failed_cb (const GError *error,
                gpointer      user_data)
{
  CbRedisSession *self = user_data;

  /* What the server said last explains why it hung up. */
  if (!self->ready && self->failure != NULL)
    fail (self, g_steal_pointer (&self->failure));
  else
    fail (self, g_error_copy (error));
}

static const CbLinkFuncs link_funcs = { link_reply_cb, link_failed_cb };

static void
timer_cb (CbSourceEvents events,
          gpointer       user_data)
{
  CbRedisSession *self = user_data;

  cb_redis_session_ref (self);
  if (g_queue_is_empty (&self->steps))
    {
      send_handshake (self);
    }
  else
    {
      /* After a long stall of this program the replies may be there. */
      cb_link_read (self->link);
      if (self->timer != NULL && !self->ready && !g_queue_is_empty (&self->steps) &&
          g_get_monotonic_time () >= self->steps_sent + self->timeout_msec * G_TIME_SPAN_MILLISECOND)
        fail (self, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                                 "%s takes the connection but does not answer within %.3g seconds. Is it a Redis server, "
                                 "and is it busy?",
                                 cb_address_get_label (self->address), self->timeout_msec / 1000.0));
    }
  cb_redis_session_unref (self);
}

static void
connecting_cb (gpointer user_data)
{
  CbRedisSession *self = user_data;

  if (self->timer != NULL)
    self->funcs->state (CB_CONNECTION_CONNECTING, self->user_data);
}

static void
dialled_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (CbRedisSession) self = user_data;
  g_autoptr (GSocketConnection) io = NULL;
  g_autoptr (GError) error = NULL;

  io = cb_dial_finish (result, &error);
  if (self->timer == NULL)
    return;

  if (io == NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }

  g_free (self->facts->encryption);
  self->facts->encryption = g_strdup (cb_tls_get_description (io));
  self->link = cb_link_new (io, cb_address_get_label (self->address), &link_funcs, self);
  send_handshake (self);
  self->funcs->state (CB_CONNECTION_AUTHENTICATING, self->user_data);
}

/**
 * cb_redis_session_new:
 * @address: where to
 * @client_name: (nullable): what the server is told to call us
 * @timeout_msec: how long connecting, and then the handshake, may take
 * @facts: what is learned and remembered about the server
 * @funcs: what is called as it goes on
 * @user_data: data for @funcs
 *
 * Returns: (transfer full): the session, not started
 */
CbRedisSession *
cb_redis_session_new (CbAddress            *address,
                const char           *client_name,
                guint                 timeout_msec,
                CbServerFacts        *facts,
                const CbRedisSessionFuncs *funcs,
                gpointer              user_data)
{
  CbRedisSession *self = g_new0 (CbRedisSession, 1);

  self->ref_count = 1;
  self->address = cb_address_ref (address);
  self->client_name = g_strdup (client_name);
  self->timeout_msec = timeout_msec;
  self->facts = facts;
  self->funcs = funcs;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->loading_pause = LOADING_FIRST_USEC;
  self->timer = cb_source_new (-1, timer_cb, self);
  g_queue_init (&self->steps);
  return self;
}

CbRedisSession *
cb_redis_session_ref (CbRedisSession *self)
{
  self->ref_count++;
  return self;
}

void
cb_redis_session_unref (CbRedisSession *self)
{
  if (--self->ref_count > 0)
    return;

  cb_redis_session_close (self);
  g_clear_pointer (&self->link, cb_link_unref);
  g_clear_error (&self->failure);
  g_object_unref (self->cancellable);
  cb_address_unref (self->address);
  g_free (self->client_name);
  g_free (self);
}

void
cb_redis_session_start (CbRedisSession *self)
{
  /* Dialling keeps the session alive until it has ended, which closing only hastens. */
  cb_dial_async (self->address, self->timeout_msec, self->cancellable, connecting_cb, dialled_cb,
                 cb_redis_session_ref (self));
  self->funcs->state (CB_CONNECTION_RESOLVING, self->user_data);
}

void
cb_redis_session_close (CbRedisSession *self)
{
  if (self->timer == NULL)
    return;

  self->ready = FALSE;
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_queue_clear (&self->steps);
  g_cancellable_cancel (self->cancellable);
  if (self->link != NULL)
    cb_link_close (self->link);
}

gboolean
cb_redis_session_is_ready (CbRedisSession *self)
{
  return self->ready;
}

gboolean
cb_redis_session_may_send (CbRedisSession  *self,
                           CbCommand       *command,
                           GError         **error)
{
  return !self->facts->read_only || cb_command_table_may_send (self->facts->commands, command, error);
}

void
cb_redis_session_send (CbRedisSession *self,
                 CbCommand *command,
                 gboolean   whole_script)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (self->link != NULL);

  /* Who calls has asked before, and told whoever wanted it. Should that be forgotten somewhere, the connection ends
   * rather than that a write gets out. */
  if (!cb_redis_session_may_send (self, command, &error))
    {
      g_critical ("%s", error->message);
      cb_link_cut (self->link);
      return;
    }

  self->n_sent++;
  cb_link_send (self->link, command, whole_script, self->facts->read_only);
}

void
cb_redis_session_send_own (CbRedisSession *self,
                           CbCommand      *command)
{
  g_return_if_fail (self->link != NULL);

  self->n_sent++;
  cb_link_send (self->link, command, FALSE, FALSE);
}

/* See cb_connection_hang_up(). */
void
cb_redis_session_hang_up (CbRedisSession *self)
{
  if (self->link != NULL)
    cb_link_hang_up (self->link);
}

/* What was sent leaves at once. */
void
cb_redis_session_flush (CbRedisSession *self)
{
  if (self->link != NULL)
    cb_link_flush (self->link);
}

/* Handles what has come, as the main loop would. Returns whether there is more. */
gboolean
cb_redis_session_read (CbRedisSession *self)
{
  return self->link != NULL && cb_link_read (self->link);
}

gint64
cb_redis_session_get_last_received (CbRedisSession *self)
{
  return self->link != NULL ? cb_link_get_last_received (self->link) : 0;
}

guint
cb_redis_session_get_n_sent (CbRedisSession *self)
{
  return self->n_sent;
}
