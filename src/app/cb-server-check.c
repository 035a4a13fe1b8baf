/* cb-server-check.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-check.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-board.h"
#include "cb-connection.h"
#include "cb-discovery.h"
#include "cb-json.h"

#define LONGEST_REASON 300
#define LONGEST_NAME 80

/* As many names as a person reads. */
#define MAX_NAMES 5

/* Where jobs go when nobody says under which prefix. */
#define USUAL_PREFIX "q"

/* What this program does to a server, each by a command that needs the same rights. Nothing of it is run. What begins with a colon is
 * a key or a channel under the prefix. */
static const struct
{
  const char *what;
  const char *words[6];
} tries[] = {
  { N_ ("look at jobs"), { "ZRANGE", ":jobs", "0", "0" } },
  { N_ ("change jobs"), { "HSET", ":job:1", "state", "inactive" } },
  { N_ ("run scripts, which every change of a job is"), { "EVAL", "return 1", "1", ":ids" } },
  { N_ ("hear of changes (subscribe)"), { "SUBSCRIBE", ":events" } },
};

struct _CbServerCheck
{
  GObject parent_instance;

  CbAddress *address;           /* (owned) */
  char *prefix;                 /* (owned) (nullable) */
  CbConnection *connection;     /* (owned) (nullable) */
  CbBoard *board;               /* (owned) (nullable) */
  CbVerdict queues_verdict;     /* and what was found, while others are looked for */
  char *queues_text;            /* (owned) (nullable) */
  GCancellable *cancellable;    /* (owned) */
  CbServerCheckStep step;       /* the one under way */
  gboolean over;
};

G_DEFINE_FINAL_TYPE (CbServerCheck, cb_server_check, G_TYPE_OBJECT)

enum
{
  STEP,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What a step is called. */
const char *
cb_server_check_get_title (CbServerCheckStep step)
{
  switch (step)
    {
    case CB_SERVER_CHECK_NAME:
      return _ ("Name");
    case CB_SERVER_CHECK_REACH:
      return _ ("Connection");
    case CB_SERVER_CHECK_LOGIN:
      return _ ("User and Password");
    case CB_SERVER_CHECK_SERVER:
      return _ ("Server");
    case CB_SERVER_CHECK_RIGHTS:
      return _ ("What This User May Do");
    case CB_SERVER_CHECK_QUEUES:
    case CB_SERVER_CHECK_N_STEPS:
    default:
      return _ ("Queues");
    }
}

static void
tell (CbServerCheck *self, CbServerCheckStep step, CbVerdict verdict, const char *text)
{
  if (!self->over)
    g_signal_emit (self, signals[STEP], 0, (int) step, (int) verdict, text);
}

static void
let_go (CbServerCheck *self)
{
  self->over = TRUE;
  g_cancellable_cancel (self->cancellable);
  if (self->board != NULL)
    cb_board_stop (self->board);
  if (self->connection != NULL)
    cb_connection_close (self->connection);
}

static void
end (CbServerCheck *self)
{
  if (self->over)
    return;

  g_object_ref (self);
  let_go (self);
  g_signal_emit (self, signals[ENDED], 0);
  g_object_unref (self);
}

static char *
describe_done (CbServerCheck *self, CbServerCheckStep step)
{
  const char *user = cb_address_get_user (self->address);
  const char *encryption = self->connection != NULL ? cb_connection_get_encryption (self->connection) : NULL;
  g_autofree char *valid = NULL;

  switch (step)
    {
    case CB_SERVER_CHECK_NAME:
      return g_strdup (cb_address_get_host (self->address) != NULL ? _ ("The name leads to a computer.")
                                                                   : _ ("A socket of this computer, which needs no name."));
    case CB_SERVER_CHECK_REACH:
      if (encryption != NULL && cb_address_get_tls (self->address)->insecure)
        /* Translators: an address and a way of encryption, “TLS 1.3” */
        return g_strdup_printf (_ ("%s answers, encrypted (%s). Its certificate was not looked at: nobody knows who it is."),
                                cb_address_get_label (self->address), encryption);
      if (encryption != NULL)
        /* Translators: an address and a way of encryption, “TLS 1.3” */
        return g_strdup_printf (_ ("%s answers, encrypted (%s)."), cb_address_get_label (self->address), encryption);
      /* Translators: an address */
      return g_strdup_printf (_ ("%s answers."), cb_address_get_label (self->address));
    case CB_SERVER_CHECK_LOGIN:
      if (user == NULL)
        return g_strdup (_ ("Let in as the default user."));
      valid = g_utf8_make_valid (user, -1);
      /* Translators: name of a user */
      return g_strdup_printf (_ ("Let in as %s."), valid);
    case CB_SERVER_CHECK_SERVER:
    case CB_SERVER_CHECK_RIGHTS:
    case CB_SERVER_CHECK_QUEUES:
    case CB_SERVER_CHECK_N_STEPS:
    default:
      return g_strdup ("");
    }
}

static gboolean
is_unchecked (CbServerCheck *self)
{
  const CbTlsOptions *tls = cb_address_get_tls (self->address);

  return tls != NULL && tls->insecure;
}

static void
advance (CbServerCheck *self, CbServerCheckStep step)
{
  while (self->step < step && !self->over)
    {
      g_autofree char *text = describe_done (self, self->step);

      tell (self, self->step, self->step == CB_SERVER_CHECK_REACH && is_unchecked (self) ? CB_VERDICT_PARTLY : CB_VERDICT_GOOD, text);
      self->step++;
    }
  tell (self, step, CB_VERDICT_RUNNING, "");
}

static void
fail (CbServerCheck *self, const GError *error)
{
  const char *hint = NULL;
  g_autofree char *text = NULL;

  /* It says itself what to do. */
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SENTINEL))
    {
      tell (self, self->step, CB_VERDICT_BAD, error->message);
      end (self);
      return;
    }

  switch (self->step)
    {
    case CB_SERVER_CHECK_NAME:
      hint = _ ("Look whether the name is spelt rightly, and whether this computer is in the network that knows it.");
      break;
    case CB_SERVER_CHECK_REACH:
      if (cb_address_get_path (self->address) != NULL)
        hint = _ ("Look whether the server runs, makes this socket (“unixsocket” in its settings) and lets you open it "
                  "(“unixsocketperm”).");
      else
        hint = _ ("Look whether the server runs, listens for others (“bind” and “port” in its settings) and no firewall is between.");
      break;
    case CB_SERVER_CHECK_LOGIN:
      hint = _ ("Look at the user and the password; who runs the server knows them (ACL LIST).");
      break;
    case CB_SERVER_CHECK_SERVER:
    case CB_SERVER_CHECK_RIGHTS:
    case CB_SERVER_CHECK_QUEUES:
    case CB_SERVER_CHECK_N_STEPS:
    default:
      hint = _ ("Try again in a moment.");
      break;
    }
  text = g_strdup_printf ("%s %s", error->message, hint);
  tell (self, self->step, CB_VERDICT_BAD, text);
  end (self);
}

/* ---- the queues ---- */

/* Behind those that can be shown. */
static char *
describe_others (const CbDiscovery *found)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (found->others->len, MAX_NAMES); i++)
    {
      CbOtherQueue *queue = g_ptr_array_index (found->others, i);
      g_autofree char *whole = cb_other_queue_dup_label (queue);
      g_autofree char *name = g_utf8_strlen (whole, -1) > LONGEST_NAME ? g_utf8_substring (whole, 0, LONGEST_NAME) : g_strdup (whole);

      g_string_append (names, i > 0 ? ", " : "");
      /* Translators: the name of a queue and the one of its library */
      g_string_append_printf (names, _ ("%s (%s)"), name, cb_library_get_title (cb_other_queue_get_library (queue)));
    }
  if (found->others->len > MAX_NAMES)
    g_string_append (names, "…");

  /* Translators: a number of queues, and their names with their libraries */
  return g_strdup_printf (ngettext ("%u queue of another library, whose jobs are not shown yet: %s",
                                    "%u queues of other libraries, whose jobs are not shown yet: %s", found->others->len),
                          found->others->len, names->str);
}

static void
discovered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerCheck) self = data;
  /* What was found before stands, whatever becomes of this. */
  g_autoptr (CbDiscovery) found = cb_discovery_run_finish (CB_CONNECTION (source), result, NULL);
  g_autofree char *others = found != NULL && found->others->len > 0 ? describe_others (found) : NULL;

  if (others != NULL)
    {
      g_autofree char *text = self->queues_text != NULL ? g_strdup_printf ("%s\n%s", self->queues_text, others) : g_strdup (others);

      tell (self, CB_SERVER_CHECK_QUEUES, self->queues_verdict, text);
    }
  else
    {
      tell (self, CB_SERVER_CHECK_QUEUES, self->queues_verdict,
            self->queues_text != NULL ? self->queues_text
                                      : _ ("None in this database yet. If there should be some, look whether it is the right one."));
    }
  end (self);
}

/* Those of other libraries take a look at all keys, and only who wants no certain prefix wants them. */
static void
tell_queues (CbServerCheck *self, CbVerdict verdict, const char *text)
{
  if (self->prefix != NULL)
    {
      tell (self, CB_SERVER_CHECK_QUEUES, verdict, text);
      end (self);
      return;
    }

  /* It would look through all keys by itself after a while. */
  cb_board_stop (self->board);
  self->queues_verdict = verdict;
  self->queues_text = g_strdup (text);
  tell (self, CB_SERVER_CHECK_QUEUES, CB_VERDICT_RUNNING, text != NULL ? text : "");
  cb_discovery_run_async (self->connection, CB_DISCOVER_KEYSPACE | CB_DISCOVER_OTHERS, self->cancellable, discovered_cb,
                          g_object_ref (self));
}

static void
loading_cb (CbServerCheck *self)
{
  GListModel *model = G_LIST_MODEL (self->board);
  guint n = g_list_model_get_n_items (model);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *problem = NULL;
  g_autofree char *text = NULL;
  gboolean loading;

  g_object_get (self->board, "loading", &loading, "problem", &problem, NULL);
  if (loading || self->over)
    return;
  /* Once. */
  g_signal_handlers_disconnect_by_func (self->board, loading_cb, self);

  for (guint i = 0; i < MIN (n, MAX_NAMES); i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (model, i);
      const char *whole = cb_queue_get_name (queue);
      g_autofree char *name = cb_text_display (whole, (gssize) MIN (strlen (whole), LONGEST_NAME), TRUE);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
  if (n > MAX_NAMES)
    g_string_append (names, "…");

  if (n > 0)
    {
      /* Translators: a number of queues and their names */
      text = g_strdup_printf (ngettext ("%u queue: %s", "%u queues: %s", n), n, names->str);
      tell_queues (self, CB_VERDICT_GOOD, text);
    }
  else if (problem != NULL)
    {
      tell_queues (self, CB_VERDICT_PARTLY, problem);
    }
  else
    {
      if (self->prefix != NULL)
        text = g_strdup_printf (_ ("None under the prefix “%s” in this database yet. If there should be some, look whether both are "
                                   "right."),
                                self->prefix);
      tell_queues (self, CB_VERDICT_GOOD, text);
    }
}

static void
look_for_queues (CbServerCheck *self)
{
  self->step = CB_SERVER_CHECK_QUEUES;
  tell (self, CB_SERVER_CHECK_QUEUES, CB_VERDICT_RUNNING, "");
  if (self->over)
    return;

  self->board = cb_board_new (self->connection, self->prefix);
  g_signal_connect_object (self->board, "notify::loading", G_CALLBACK (loading_cb), self, G_CONNECT_SWAPPED);
  cb_board_start (self->board);
}

/* ---- what the user may do ---- */

static void
tried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerCheck) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_refused = 0;

  if (self->over)
    return;
  if (replies == NULL)
    {
      fail (self, error);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, i));
      gsize length;
      const char *said = cb_value_get_string (value, &length);
      g_autofree char *reason = NULL;

      if (cb_value_equal_string (value, "OK"))
        continue;
      reason = said != NULL ? cb_text_display (said, (gssize) MIN (length, LONGEST_REASON), TRUE) : g_strdup ("");
      if (cb_value_is_error (value))
        {
          g_autofree char *unknown = g_strdup_printf (_ ("The server does not tell (%s). It shows when it is done."), reason);

          tell (self, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, unknown);
          look_for_queues (self);
          return;
        }
      if (n_refused++ > 0)
        g_string_append_c (text, '\n');
      /* Translators: what can't be done, and the server's words for it */
      g_string_append_printf (text, _ ("May not %s: %s"), _ (tries[i].what), reason);
    }
  if (n_refused > 0)
    tell (self, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, text->str);
  else
    tell (self, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_GOOD, _ ("Look, change jobs, run scripts and subscribe."));
  look_for_queues (self);
}

static void
named_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerCheck) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  CbPipeline *pipeline;
  const char *user;
  gsize length = 0;

  if (self->over)
    return;
  if (reply == NULL && cb_redis_error_is_connection (error))
    {
      fail (self, error);
      return;
    }
  user = reply != NULL ? cb_value_get_string (cb_reply_get_value (reply), &length) : NULL;
  if (user == NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("The server does not tell (%s). It shows when it is done."),
                                               error != NULL ? error->message : "ACL WHOAMI");

      tell (self, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, text);
      look_for_queues (self);
      return;
    }

  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      CbCommand *command = cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), user, length);

      for (guint j = 0; j < G_N_ELEMENTS (tries[i].words) && tries[i].words[j] != NULL; j++)
        {
          const char *word = tries[i].words[j];
          g_autofree char *key =
            *word == ':' ? g_strconcat (self->prefix != NULL ? self->prefix : USUAL_PREFIX, word, NULL) : NULL;

          command = cb_command_add (command, key != NULL ? key : word);
        }
      cb_pipeline_add (pipeline, command);
    }
  cb_connection_pipeline_async (self->connection, pipeline, self->cancellable, tried_cb, g_object_ref (self));
}

/* ---- the way in ---- */

static void
state_cb (CbServerCheck *self)
{
  if (self->over)
    return;

  switch (cb_connection_get_state (self->connection))
    {
    case CB_CONNECTION_CONNECTING:
      advance (self, CB_SERVER_CHECK_REACH);
      break;
    case CB_CONNECTION_AUTHENTICATING:
      advance (self, CB_SERVER_CHECK_LOGIN);
      break;
    case CB_CONNECTION_LOADING:
      advance (self, CB_SERVER_CHECK_SERVER);
      tell (self, CB_SERVER_CHECK_SERVER, CB_VERDICT_RUNNING, _ ("The server is still reading its data from disk."));
      break;
    case CB_CONNECTION_CLOSED:
    case CB_CONNECTION_RESOLVING:
    case CB_CONNECTION_READY:
    case CB_CONNECTION_WAITING:
    default:
      break;
    }
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerCheck) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *role = NULL;
  g_autofree char *text = NULL;
  const char *version;
  gboolean opened = cb_connection_open_finish (CB_CONNECTION (source), result, &error);

  if (self->over)
    return;
  if (!opened)
    {
      fail (self, error);
      return;
    }

  advance (self, CB_SERVER_CHECK_SERVER);
  version = cb_connection_get_server_version (self->connection);
  g_object_get (self->connection, "role", &role, NULL);
  text = version != NULL ? g_strdup_printf (_ ("Redis %s"), version) : g_strdup (_ ("A Redis that does not tell its version."));
  if (g_strcmp0 (role, "slave") == 0)
    {
      g_autofree char *replica =
        g_strdup_printf (_ ("%s, a replica: nothing can be changed there. Use the address of its master for that."), text);

      tell (self, CB_SERVER_CHECK_SERVER, CB_VERDICT_PARTLY, replica);
    }
  else
    {
      tell (self, CB_SERVER_CHECK_SERVER, CB_VERDICT_GOOD, text);
    }

  self->step = CB_SERVER_CHECK_RIGHTS;
  tell (self, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_RUNNING, "");
  if (!self->over)
    cb_connection_call_async (self->connection, cb_command_new ("ACL", "WHOAMI", NULL), self->cancellable, named_cb,
                              g_object_ref (self));
}

static void
cb_server_check_dispose (GObject *object)
{
  CbServerCheck *self = CB_SERVER_CHECK (object);

  let_go (self);
  g_clear_object (&self->board);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (cb_server_check_parent_class)->dispose (object);
}

static void
cb_server_check_finalize (GObject *object)
{
  CbServerCheck *self = CB_SERVER_CHECK (object);

  cb_address_unref (self->address);
  g_free (self->prefix);
  g_free (self->queues_text);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (cb_server_check_parent_class)->finalize (object);
}

static void
cb_server_check_class_init (CbServerCheckClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = cb_server_check_dispose;
  object_class->finalize = cb_server_check_finalize;

  signals[STEP] = g_signal_new ("step", CB_TYPE_SERVER_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT,
                                G_TYPE_INT, G_TYPE_STRING);
  signals[ENDED] = g_signal_new ("ended", CB_TYPE_SERVER_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_server_check_init (CbServerCheck *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * cb_server_check_new:
 * @address: the server, with user and password
 * @prefix: (nullable): under which queues are looked for, and whose keys are to be read and changed
 */
CbServerCheck *
cb_server_check_new (CbAddress *address, const char *prefix)
{
  CbServerCheck *self;

  g_return_val_if_fail (address != NULL, NULL);

  self = g_object_new (CB_TYPE_SERVER_CHECK, NULL);
  self->address = cb_address_ref (address);
  self->prefix = prefix != NULL && *prefix != '\0' ? g_strdup (prefix) : NULL;
  return self;
}

void
cb_server_check_start (CbServerCheck *self)
{
  g_return_if_fail (CB_IS_SERVER_CHECK (self));
  g_return_if_fail (self->connection == NULL);

  self->connection = cb_connection_new (self->address, "callboard");
  tell (self, CB_SERVER_CHECK_NAME, CB_VERDICT_RUNNING, "");
  g_signal_connect_object (self->connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  cb_connection_open_async (self->connection, self->cancellable, opened_cb, g_object_ref (self));
}

void
cb_server_check_cancel (CbServerCheck *self)
{
  g_return_if_fail (CB_IS_SERVER_CHECK (self));

  let_go (self);
}
