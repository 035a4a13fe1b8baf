/* cb-sentinel.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-sentinel.h"

#include <string.h>

#include "cb-dialer.h"
#include "cb-link.h"
#include "cb-redis-error.h"
#include "cb-source.h"

/* So many names are told, of so many bytes: a Sentinel may watch hundreds. */
#define MAX_NAMES 10
#define LONGEST_NAME 100

/* Names of hosts are no longer. */
#define LONGEST_HOST 255

/*
 * A Sentinel is asked on a connection of its own, which ends with the answer. It is asked each time that somebody connects, so that who
 * loses a primary finds the next one.
 */
typedef struct
{
  CbAddress *address;  /* (owned) */
  CbLink *link;        /* (owned) (nullable) once connected */
  GSource *timer;      /* (owned) */
  gint64 deadline;     /* µs monotonic */
  gulong cancelled_id;
  guint timeout_msec;
  enum
  {
    ASKED_TO_BE_LET_IN,
    ASKED_PLACE,
    ASKED_NAMES,
  } asked;
  gboolean gave_password;
} Find;

static void
find_free (gpointer data)
{
  Find *find = data;

  if (find->link != NULL)
    cb_link_close (find->link);
  g_clear_pointer (&find->link, cb_link_unref);
  g_source_destroy (find->timer);
  g_source_unref (find->timer);
  cb_address_unref (find->address);
  g_free (find);
}

/* The task is held by whatever is under way, which is the link or the dialling, once. */
static void
end (GTask     *task,
     CbAddress *found, /* transfer full, nullable */
     GError    *error) /* transfer full, nullable */
{
  Find *find = g_task_get_task_data (task);

  if (find->link != NULL)
    cb_link_close (find->link);
  cb_source_set_deadline (find->timer, -1);
  if (find->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), find->cancelled_id);
  find->cancelled_id = 0;

  if (found != NULL)
    g_task_return_pointer (task, found, (GDestroyNotify) cb_address_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static char *
dup_names (const CbValue *names,
           gboolean       of_masters)
{
  GString *text = g_string_new (NULL);
  guint n = cb_value_get_length (names);

  for (guint i = 0; i < n && i < MAX_NAMES; i++)
    {
      const CbValue *name = cb_value_get_element (names, i);
      const char *bytes;
      gsize length = 0;
      g_autofree char *safe = NULL;

      /* SENTINEL MASTERS tells fields and values of each; "name" comes first. */
      if (of_masters)
        name = cb_value_equal_string (cb_value_get_element (name, 0), "name") ? cb_value_get_element (name, 1) : NULL;
      bytes = name != NULL ? cb_value_get_string (name, &length) : NULL;
      safe = g_utf8_make_valid (bytes != NULL ? bytes : "", (gssize) MIN (length, LONGEST_NAME));
      g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ", safe);
    }
  if (n > MAX_NAMES)
    g_string_append (text, ", …");

  return g_string_free (text, FALSE);
}

/**
 * cb_sentinel_error_new:
 * @address: that of the Sentinel
 * @names: (nullable): of the primaries that it watches
 *
 * Returns: (transfer full): that it is a Sentinel and how to get to what it watches
 */
GError *
cb_sentinel_error_new (CbAddress     *address,
                       const CbValue *names)
{
  const CbValue *first = cb_value_get_element (names, 0);
  gsize length = 0;
  const char *name = first != NULL ? cb_value_get_string (first, &length) : NULL;
  g_autofree char *all = names != NULL ? dup_names (names, FALSE) : NULL;
  g_autofree char *escaped = NULL;

  if (name == NULL || length == 0)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL,
                        "%s is a Redis Sentinel, not a server with data. Add ?sentinel=NAME to the address to get to the primary "
                        "that it watches under that name.",
                        cb_address_get_label (address));

  escaped = g_uri_escape_bytes ((const guint8 *) name, MIN (length, LONGEST_NAME), NULL);
  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL,
                      "%s is a Redis Sentinel, not a server with data. It watches: %s. Add ?sentinel=%s to the address to get to "
                      "that primary.",
                      cb_address_get_label (address), all, escaped);
}

/* A node that does not know its own address is announced as what it was watched by, so that there always is a host. */
static CbAddress *
read_place (CbAddress     *sentinel,
            const CbValue *value)
{
  const CbValue *host_value = cb_value_get_element (value, 0);
  const CbValue *port_value = cb_value_get_element (value, 1);
  gsize host_length = 0, port_length = 0;
  const char *host = host_value != NULL ? cb_value_get_string (host_value, &host_length) : NULL;
  const char *port = port_value != NULL ? cb_value_get_string (port_value, &port_length) : NULL;
  guint64 number;

  if (host == NULL || port == NULL || host_length == 0 || host_length > LONGEST_HOST || strlen (host) != host_length ||
      !g_utf8_validate (host, (gssize) host_length, NULL) ||
      !g_ascii_string_to_unsigned (port, 10, 1, G_MAXUINT16, &number, NULL))
    return NULL;

  return cb_address_with_place (sentinel, host, (guint16) number);
}

static void
ask_names (Find *find)
{
  CbCommand *command = cb_command_new ("SENTINEL", "MASTERS", NULL);

  find->asked = ASKED_NAMES;
  cb_link_send (find->link, command, FALSE, FALSE);
  cb_command_free (command);
}

static void
ask_place (Find *find)
{
  CbCommand *command = cb_command_new ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", cb_address_get_sentinel (find->address), NULL);

  find->asked = ASKED_PLACE;
  cb_link_send (find->link, command, FALSE, FALSE);
  cb_command_free (command);
}

static void
ask_to_be_let_in (Find       *find,
                  const char *user,
                  const char *password)
{
  CbCommand *command = cb_command_new ("AUTH", NULL);

  if (user != NULL)
    cb_command_add (command, user);
  cb_command_add (command, password != NULL ? password : "");
  find->asked = ASKED_TO_BE_LET_IN;
  find->gave_password = TRUE;
  cb_link_send (find->link, command, FALSE, FALSE);
  cb_command_free (command);
}

static gboolean
has_own_login (Find *find)
{
  return cb_address_get_sentinel_user (find->address) != NULL || cb_address_get_sentinel_password (find->address) != NULL;
}

/* A Sentinel that wants a password and was given none gets that of the primary: many have the same. Nobody learns of it who would not
 * anyway, as it goes to whatever the Sentinel takes for the primary. Returns whether there is an answer to come. */
static gboolean
try_login_of_primary (Find *find)
{
  if (find->gave_password || cb_address_get_password (find->address) == NULL)
    return FALSE;

  ask_to_be_let_in (find, cb_address_get_user (find->address), cb_address_get_password (find->address));
  return TRUE;
}

/* Of what it said when it was to let somebody in, or that it did not. */
static GError *
explain_refusal (Find         *find,
                 const char   *label,
                 const GError *said)
{
  const char *what = NULL;

  if (find->asked == ASKED_TO_BE_LET_IN && has_own_login (find) && strstr (said->message, "without any password configured") != NULL)
    what = "wants no password: leave sentinel_password out of the address.";
  else if (find->asked == ASKED_TO_BE_LET_IN && has_own_login (find) && said->code == CB_REDIS_ERROR_WRONGPASS)
    what = "does not let in with this password: look at sentinel_password, and sentinel_username, in the address.";
  else if (find->asked == ASKED_TO_BE_LET_IN && said->code == CB_REDIS_ERROR_WRONGPASS)
    what = "wants a password, and that of the server is not it: add &sentinel_password=TEXT, and &sentinel_username=NAME for a user, "
           "to the address.";
  else if (said->code == CB_REDIS_ERROR_NOAUTH)
    what = "wants a password: add &sentinel_password=TEXT, and &sentinel_username=NAME for a user, to the address.";

  if (what != NULL)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL, "The Sentinel %s %s", label, what);
  return g_error_new (CB_REDIS_ERROR, said->code, "The Sentinel %s: %s", label, said->message);
}

static void
reply_cb (CbReply  *reply,
          gpointer  user_data)
{
  GTask *task = user_data;
  Find *find = g_task_get_task_data (task);
  const CbValue *value = cb_reply_get_value (reply);
  const char *name = cb_address_get_sentinel (find->address);
  g_autoptr (CbAddress) here = cb_address_with_sentinel (find->address, NULL);
  const char *label = cb_address_get_label (here);
  CbAddress *place = NULL;
  gsize length;

  if (cb_value_is_error (value))
    {
      const char *text = cb_value_get_string (value, &length);
      g_autoptr (GError) said =
        cb_redis_error_new_from_reply (find->asked == ASKED_TO_BE_LET_IN ? "AUTH" : "SENTINEL", text, length);

      if (g_error_matches (said, CB_REDIS_ERROR, CB_REDIS_ERROR_NOAUTH) && try_login_of_primary (find))
        {
          cb_reply_unref (reply);
          return;
        }
      if (g_error_matches (said, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND))
        end (task, NULL, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL,
                                      "%s is no Redis Sentinel. Leave ?sentinel=%s out of the address to connect to it.", label, name));
      else
        end (task, NULL, explain_refusal (find, label, said));
    }
  else if (find->asked == ASKED_TO_BE_LET_IN)
    {
      ask_place (find);
    }
  else if (find->asked == ASKED_NAMES)
    {
      g_autofree char *names = dup_names (value, TRUE);

      if (names[0] != '\0')
        end (task, NULL, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL, "The Sentinel %s does not know “%s”; it knows: %s.", label,
                                      name, names));
      else
        end (task, NULL, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL, "The Sentinel %s does not know “%s”, and watches nothing.",
                                      label, name));
    }
  else if (cb_value_is_nil (value))
    {
      ask_names (find);
    }
  else if ((place = read_place (find->address, value)) != NULL)
    {
      end (task, place, NULL);
    }
  else
    {
      end (task, NULL, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                                    "The Sentinel %s answered with no usable address of “%s”.", label, name));
    }
  cb_reply_unref (reply);
}

static void
failed_cb (const GError *error,
           gpointer      user_data)
{
  end (user_data, NULL, g_error_copy (error));
}

static const CbLinkFuncs link_funcs = { reply_cb, failed_cb };

static void
timer_cb (CbSourceEvents events,
          gpointer       user_data)
{
  GTask *task = user_data;
  Find *find = g_task_get_task_data (task);
  g_autoptr (CbAddress) here = cb_address_with_sentinel (find->address, NULL);

  end (task, NULL, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                                "%s takes the connection but does not answer within %.3g seconds. Is it a Redis Sentinel, and is it busy?",
                                cb_address_get_label (here), find->timeout_msec / 1000.0));
}

/* From within g_cancellable_cancel(): whoever did that must not find the task ended, nor its handler taken off. */
static void
cancelled_cb (GCancellable *cancellable,
              GTask        *task)
{
  Find *find = g_task_get_task_data (task);

  if (find->link != NULL)
    cb_link_cut (find->link);
}

static void
dialled_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GTask *task = user_data;
  Find *find = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GSocketConnection) io = NULL;
  GError *error = NULL;

  io = cb_dial_finish (result, &error);
  if (io == NULL)
    {
      end (task, NULL, error);
      return;
    }

  find->link = cb_link_new (io, cb_address_get_label (find->address), &link_funcs, task);
  cb_source_set_deadline (find->timer, find->deadline);
  if (has_own_login (find))
    ask_to_be_let_in (find, cb_address_get_sentinel_user (find->address), cb_address_get_sentinel_password (find->address));
  else
    ask_place (find);
  if (cancellable != NULL)
    find->cancelled_id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), task);
  if (g_cancellable_is_cancelled (cancellable))
    cb_link_cut (find->link);
}

/**
 * cb_sentinel_find_async:
 * @address: of a Sentinel, with the name of a primary
 * @timeout_msec: how long it may take
 * @cancellable: (nullable): ends it; the result is then always %G_IO_ERROR_CANCELLED
 * @callback: called when done
 * @user_data: data for @callback
 *
 * Asks the Sentinel where that primary is at the moment (`SENTINEL GET-MASTER-ADDR-BY-NAME`,
 * https://redis.io/docs/latest/develop/reference/sentinel-clients/), after AUTH with what the address has for it.
 *
 * Errors: those of cb_dial_async(), %CB_REDIS_ERROR_SENTINEL when it does not know the name or is no Sentinel, and what it refuses with.
 */
void
cb_sentinel_find_async (CbAddress           *address,
                        guint                timeout_msec,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Find *find = g_new0 (Find, 1);
  g_autoptr (CbAddress) sentinel = cb_address_with_sentinel (address, NULL);

  g_task_set_source_tag (task, cb_sentinel_find_async);
  find->address = cb_address_ref (address);
  find->timeout_msec = timeout_msec;
  find->deadline = g_get_monotonic_time () + timeout_msec * G_TIME_SPAN_MILLISECOND;
  find->timer = cb_source_new (-1, timer_cb, task);
  g_task_set_task_data (task, find, find_free);

  cb_dial_async (sentinel, timeout_msec, cancellable, NULL, dialled_cb, task);
}

/* Returns: (transfer full) (nullable): where it is, without the database; encrypted as the Sentinel is */
CbAddress *
cb_sentinel_find_finish (GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
