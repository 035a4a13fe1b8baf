/* cb-console.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-console-guard.h"
#include "cb-console-link.h"
#include "cb-redis-error.h"

#define CONNECT_MSEC 5000
/* How long a command that is stopped may take to end before its connection is cut. */
#define STOP_MSEC 2000
/* Streams are shown so often. */
#define FLUSH_MSEC 50
/* And so often where more than so many came at once. */
#define FLUSH_MANY_MSEC 250
#define MANY 100

#define MOST_ENTRIES 500
#define MOST_BYTES (64 * 1024 * 1024)

typedef enum
{
  STEP_AUTH,
  STEP_HELLO,
  STEP_SELECT,
  STEP_NAME,
  STEP_ID,
} Step;

typedef enum
{
  KIND_PLAIN,
  KIND_STREAM,      /* SUBSCRIBE, MONITOR: replies without end */
  KIND_UNSUBSCRIBE, /* one reply for each name */
} Kind;

struct _CbConsole
{
  GObject parent_instance;

  CbConnection *connection;    /* (owned) of the window: for the address, and to unblock */
  CbConsoleCommands *commands; /* (owned) */
  GListStore *entries;         /* (owned) */
  CbConsoleLink *link;         /* (owned) (nullable) */
  GQueue steps;                /* (element-type Step) whose replies are to come */
  char *last_error;            /* (owned) (nullable) in the steps */
  CbConsoleEntry *current;     /* (owned) (nullable) */
  GPtrArray *words;            /* (owned) (nullable) of @current */
  Kind kind;
  guint n_to_come;             /* replies of @current */
  gboolean sent;               /* @current */
  gboolean stopping;
  gboolean hung_up;       /* the link: it is only read to its end */
  CbConsoleEntry *pushes;      /* (owned) (nullable) what came unasked, as long as it is the last */
  char *prompt;                /* (owned) */
  GPtrArray *login;            /* (owned) (nullable) (element-type GBytes) AUTH as it was last right */
  guint db;
  int protocol;
  gint64 client_id;            /* 0 unknown */
  gboolean ready;              /* the steps are behind us */
  char *refused_login;         /* (owned) (nullable) what a step was answered with, until all are */
  char *refused_db;            /* (owned) (nullable) the same */
  gboolean refused_protocol;
  gboolean select_first;       /* @db is not chosen yet: the server was busy when it was asked to */
  gboolean in_multi;
  gboolean multi_failed;
  GPtrArray *queued;           /* (owned) (element-type GPtrArray) in the transaction */
  gboolean quitting;
  gboolean marked;             /* a command left something in the connection that is not put in place again */
  guint flush_id;
  guint stop_id;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (CbConsole, cb_console, G_TYPE_OBJECT)

static guint changed_signal;

static void take_effect (CbConsole *self, GPtrArray *words, CbResp *reply);

static void
update (CbConsole *self)
{
  g_autoptr (GString) prompt = g_string_new (NULL);

  if (self->login != NULL && self->login->len > 2)
    {
      gsize length;
      const char *user = g_bytes_get_data (g_ptr_array_index (self->login, 1), &length);
      g_autofree char *text = cb_console_line_quote (user, length);

      g_string_append_printf (prompt, "%s@", text);
    }
  if (self->db != 0)
    g_string_append_printf (prompt, "[%u]", self->db);
  if (self->in_multi)
    g_string_append_printf (prompt, self->multi_failed ? "(TX %u !)" : "(TX %u)", self->queued->len);
  g_string_append (prompt, ">");
  g_free (self->prompt);
  self->prompt = g_string_free (g_steal_pointer (&prompt), FALSE);
  g_signal_emit (self, changed_signal, 0);
}

static void
append (CbConsole *self, CbConsoleEntry *entry)
{
  gsize size = 0;
  guint n;

  g_list_store_append (self->entries, entry);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->entries));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbConsoleEntry) one = g_list_model_get_item (G_LIST_MODEL (self->entries), i);

      size += cb_console_entry_get_size (one);
    }
  while (n > 1 && (n > MOST_ENTRIES || size > MOST_BYTES))
    {
      g_autoptr (CbConsoleEntry) oldest = g_list_model_get_item (G_LIST_MODEL (self->entries), 0);

      size -= MIN (size, cb_console_entry_get_size (oldest));
      g_list_store_remove (self->entries, 0);
      n--;
    }
}

/* Something that nobody typed. */
void
cb_console_add_note (CbConsole *self, const char *text)
{
  g_autoptr (CbConsoleEntry) note = cb_console_entry_new_note (text);

  g_clear_object (&self->pushes);
  append (self, note);
}

static gboolean
flush_cb (gpointer data)
{
  CbConsole *self = data;
  guint n = 0;

  self->flush_id = 0;
  if (self->current != NULL)
    n += cb_console_entry_flush (self->current);
  if (self->pushes != NULL)
    n += cb_console_entry_flush (self->pushes);
  /* Nobody reads faster, and the time is for taking more. */
  if (n > 0)
    self->flush_id = g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, n > MANY ? FLUSH_MANY_MSEC : FLUSH_MSEC, flush_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

static void
flush_soon (CbConsole *self)
{
  if (self->flush_id == 0)
    self->flush_id = g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, FLUSH_MSEC, flush_cb, self, NULL);
}

/* ---- the end of a command ---- */

static void
finish (CbConsole *self, CbConsoleEntryState state, const char *why)
{
  g_autoptr (CbConsoleEntry) entry = g_steal_pointer (&self->current);

  g_clear_handle_id (&self->stop_id, g_source_remove);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  self->sent = FALSE;
  self->stopping = FALSE;
  if (entry != NULL)
    cb_console_entry_end (entry, state, why);
  update (self);
}

static void
forget_multi (CbConsole *self)
{
  self->in_multi = FALSE;
  self->multi_failed = FALSE;
  g_ptr_array_set_size (self->queued, 0);
}

static void
forget_refusals (CbConsole *self)
{
  g_clear_pointer (&self->refused_login, g_free);
  g_clear_pointer (&self->refused_db, g_free);
  self->refused_protocol = FALSE;
}

static void
drop_link (CbConsole *self)
{
  if (self->link != NULL)
    cb_console_link_close (self->link);
  g_clear_pointer (&self->link, cb_console_link_unref);
  g_queue_clear (&self->steps);
  self->ready = FALSE;
  self->client_id = 0;
  self->select_first = FALSE;
  self->hung_up = FALSE;
  self->marked = FALSE;
  forget_refusals (self);
}

/* As it was when the console was made. */
static void
start_anew (CbConsole *self)
{
  CbAddress *address = cb_connection_get_address (self->connection);
  const char *user = cb_address_get_user (address);
  const char *password = cb_address_get_password (address);

  g_clear_pointer (&self->login, g_ptr_array_unref);
  if (user != NULL || password != NULL)
    {
      self->login = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (self->login, g_bytes_new_static ("AUTH", 4));
      if (user != NULL)
        g_ptr_array_add (self->login, g_bytes_new (user, strlen (user)));
      g_ptr_array_add (self->login, g_bytes_new (password != NULL ? password : "", password != NULL ? strlen (password) : 0));
    }
  self->db = cb_address_get_db (address);
  self->select_first = FALSE;
  self->protocol = 2;
  forget_multi (self);
}

static void
send_current (CbConsole *self)
{
  g_autofree char *refusal = NULL;

  if (self->current == NULL || self->sent)
    return;
  /* It may have been locked while there was no connection. */
  refusal = cb_console_dup_refusal (self, self->words);
  if (refusal != NULL)
    {
      finish (self, CB_CONSOLE_ENTRY_FAILED, refusal);
      return;
    }
  self->sent = TRUE;
  cb_console_entry_begin (self->current);
  cb_console_link_set_patient (self->link, self->kind == KIND_STREAM);
  cb_console_link_send (self->link, self->words);
}

/* ---- letting ourselves in ---- */

static void
send_select (CbConsole *self)
{
  g_autofree char *db = g_strdup_printf ("%u", self->db);

  g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_SELECT));
  cb_console_link_send_words (self->link, "SELECT", db, NULL);
}

static void
link_connected_cb (gpointer data)
{
  CbConsole *self = data;

  if (self->login != NULL)
    {
      g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_AUTH));
      cb_console_link_send (self->link, self->login);
    }
  if (self->protocol == 3)
    {
      g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_HELLO));
      cb_console_link_send_words (self->link, "HELLO", "3", NULL);
    }
  if (self->db != 0)
    send_select (self);
  g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_NAME));
  cb_console_link_send_words (self->link, "CLIENT", "SETNAME", "callboard-console", NULL);
  g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_ID));
  cb_console_link_send_words (self->link, "CLIENT", "ID", NULL);
}

static gboolean
is_name (GPtrArray *words, const char *name)
{
  g_autofree char *word = cb_console_line_dup_name (words, 0);

  return g_str_equal (word, name);
}

/* What does the same in any database: how somebody is let in, and what ends that for which the server is busy. */
static gboolean
needs_no_db (GPtrArray *words)
{
  static const char * const names[] = { "auth", "hello", "select", "script", "function", "shutdown", "quit", "reset", NULL };
  g_autofree char *name = cb_console_line_dup_name (words, 0);

  return g_strv_contains (names, name);
}

/* Whether a database that is refused so may be had later. */
static gboolean
is_passing (const char *error)
{
  return error != NULL && (g_str_has_prefix (error, "BUSY ") || g_str_has_prefix (error, "LOADING "));
}

/* Returns whether this is another user or another database than before. */
static gboolean
take_refusals (CbConsole *self)
{
  gboolean is_other;

  self->select_first = is_passing (self->refused_db);
  if (self->select_first)
    {
      if (self->current != NULL && !self->sent && !needs_no_db (self->words))
        {
          /* Translators: the number of a database, and what the server says */
          g_autofree char *why = g_strdup_printf (_ ("Nothing was sent: database %u could not be selected. It is tried again with the next "
                                                     "command. The server says: %s"), self->db, self->refused_db);

          finish (self, CB_CONSOLE_ENTRY_FAILED, why);
        }
      g_clear_pointer (&self->refused_db, g_free);
    }
  is_other = self->refused_login != NULL || self->refused_db != NULL;

  if (self->refused_login != NULL)
    {
      g_autofree char *note = g_strdup_printf (_ ("The console could not sign in: %s"), self->refused_login);

      g_clear_pointer (&self->login, g_ptr_array_unref);
      cb_console_add_note (self, note);
    }
  if (self->refused_db != NULL)
    {
      /* Translators: the number of a database, and what the server says */
      g_autofree char *note
        = g_strdup_printf (_ ("Database %u could not be selected, this is database 0: %s"), self->db, self->refused_db);

      self->db = 0;
      cb_console_add_note (self, note);
    }
  if (self->refused_protocol)
    self->protocol = 2;
  forget_refusals (self);

  return is_other;
}

static void
take_step (CbConsole *self, CbResp *reply)
{
  Step step = (Step) GPOINTER_TO_INT (g_queue_pop_head (&self->steps));
  gboolean failed = cb_resp_get_kind (reply) == CB_RESP_ERROR;
  gsize length;
  const char *bytes = cb_resp_get_bytes (reply, &length);
  g_autofree char *text = cb_console_escape (bytes, MIN (length, 500), FALSE);

  if (failed)
    {
      g_free (self->last_error);
      self->last_error = g_strdup (text);
    }
  switch (step)
    {
    case STEP_AUTH:
      if (failed)
        self->refused_login = g_strdup (text);
      break;
    case STEP_HELLO:
      self->refused_protocol = failed;
      break;
    case STEP_SELECT:
      if (failed)
        self->refused_db = g_strdup (text);
      break;
    case STEP_ID:
      if (!cb_resp_get_integer (reply, &self->client_id))
        self->client_id = 0;
      break;
    case STEP_NAME:
    default:
      break;
    }

  /* A server that lets nobody in may say so in place of any answer, and then it closes: only now are these ours. */
  if (g_queue_is_empty (&self->steps))
    {
      gboolean is_other = take_refusals (self);

      self->ready = TRUE;
      g_clear_pointer (&self->last_error, g_free);
      if (is_other && self->current != NULL && !self->sent && !is_name (self->words, "auth") && !is_name (self->words, "hello")
          && !is_name (self->words, "select"))
        finish (self, CB_CONSOLE_ENTRY_FAILED,
                _ ("Nothing was sent: the user or the database is another one than the command was typed for."));
      else
        send_current (self);
      update (self);
    }
}

/* ---- replies ---- */

static GPtrArray *
dup_login (GPtrArray *words, guint from, guint n)
{
  GPtrArray *login = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (login, g_bytes_new_static ("AUTH", 4));
  for (guint i = from; i < MIN (from + n, words->len); i++)
    g_ptr_array_add (login, g_bytes_ref (g_ptr_array_index (words, i)));
  return login;
}

static gboolean
has_code (CbResp *reply, const char *code)
{
  return cb_resp_get_kind (reply) == CB_RESP_ERROR && strncmp (cb_resp_get_bytes (reply, NULL), code, strlen (code)) == 0;
}

static void
take_hello (CbConsole *self, GPtrArray *words)
{
  g_autofree char *version = cb_console_line_dup_name (words, 1);

  if (g_str_equal (version, "3"))
    self->protocol = 3;
  else if (g_str_equal (version, "2"))
    self->protocol = 2;
  for (guint i = 2; i < words->len; i++)
    {
      g_autofree char *word = cb_console_line_dup_name (words, i);

      if (g_str_equal (word, "auth") && i + 2 < words->len)
        {
          g_clear_pointer (&self->login, g_ptr_array_unref);
          self->login = dup_login (words, i + 1, 2);
          i += 2;
        }
      else if (g_str_equal (word, "setname"))
        {
          i++;
        }
    }
}

/* RESET lets nobody in again: as whoever the address names. */
static void
take_reset (CbConsole *self)
{
  start_anew (self);
  self->db = 0;
  if (self->login == NULL)
    return;
  g_queue_push_tail (&self->steps, GINT_TO_POINTER (STEP_AUTH));
  cb_console_link_send (self->link, self->login);
  cb_console_add_note (self, _ ("Signed in again as the address of the server has it."));
}

static void
take_exec (CbConsole *self, CbResp *reply)
{
  g_autoptr (GPtrArray) queued = NULL;

  if (has_code (reply, "NOPERM") || has_code (reply, "NOAUTH") || has_code (reply, "LOADING"))
    return;
  queued = g_steal_pointer (&self->queued);
  self->queued = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  forget_multi (self);
  for (guint i = 0; i < cb_resp_get_n_elements (reply) && i < queued->len; i++)
    take_effect (self, g_ptr_array_index (queued, i), cb_resp_get_element (reply, i));
}

/* What a command that was done does to the connection. */
static void
take_effect (CbConsole *self, GPtrArray *words, CbResp *reply)
{
  gint64 db;

  if (is_name (words, "exec"))
    {
      take_exec (self, reply);
      return;
    }
  if (cb_resp_get_kind (reply) == CB_RESP_ERROR)
    {
      self->multi_failed = self->in_multi;
      return;
    }
  if (self->in_multi && cb_resp_get_kind (reply) == CB_RESP_STATUS && cb_resp_equal_string (reply, "QUEUED"))
    {
      g_ptr_array_add (self->queued, g_ptr_array_ref (words));
      return;
    }

  if (is_name (words, "multi"))
    {
      self->in_multi = TRUE;
    }
  else if (is_name (words, "discard"))
    {
      forget_multi (self);
    }
  else if (is_name (words, "select") && words->len > 1)
    {
      g_autofree char *text = cb_console_line_dup_name (words, 1);

      if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &db, NULL))
        self->db = (guint) db;
      self->select_first = FALSE;
    }
  else if (is_name (words, "auth"))
    {
      g_clear_pointer (&self->login, g_ptr_array_unref);
      self->login = dup_login (words, 1, 2);
    }
  else if (is_name (words, "hello"))
    {
      take_hello (self, words);
    }
  else if (is_name (words, "reset"))
    {
      take_reset (self);
    }
  else if (is_name (words, "quit"))
    {
      self->quitting = TRUE;
    }
}

static void
take_push (CbConsole *self, CbResp *reply)
{
  gboolean first = self->pushes == NULL;

  if (first)
    self->pushes = cb_console_entry_new_note (_ ("Sent by the server without being asked"));
  cb_console_entry_add_streamed (self->pushes, reply);
  if (first)
    append (self, self->pushes);
  flush_soon (self);
}

/* After QUIT the server closes too; nothing may be sent meanwhile. */
static void
leave (CbConsole *self)
{
  self->quitting = FALSE;
  drop_link (self);
  start_anew (self);
  cb_console_add_note (self, _ ("The connection was closed, as the server was told. The next command makes a new one."));
  update (self);
}

static void
take_reply (CbConsole *self, CbResp *reply)
{
  gboolean push = cb_resp_get_kind (reply) == CB_RESP_PUSH;
  gboolean failed = cb_resp_get_kind (reply) == CB_RESP_ERROR;

  if (!self->ready)
    {
      if (push)
        take_push (self, reply);
      else if (!g_queue_is_empty (&self->steps))
        take_step (self, reply);
      return;
    }
  /* After RESET. */
  if (!g_queue_is_empty (&self->steps) && !push)
    {
      take_step (self, reply);
      return;
    }
  if (self->current == NULL || !self->sent || (push && self->kind == KIND_PLAIN))
    {
      take_push (self, reply);
      return;
    }

  switch (self->kind)
    {
    case KIND_STREAM:
      if (failed)
        break;
      cb_console_entry_add_streamed (self->current, reply);
      flush_soon (self);
      if (cb_console_entry_get_n_received (self->current) == 1)
        update (self);
      return;

    case KIND_UNSUBSCRIBE:
      if (failed || --self->n_to_come == 0)
        break;
      cb_console_entry_add_streamed (self->current, reply);
      return;

    case KIND_PLAIN:
    default:
      break;
    }

  if (self->kind == KIND_UNSUBSCRIBE && !failed)
    cb_console_entry_add_streamed (self->current, reply);
  else
    cb_console_entry_add_reply (self->current, reply);
  take_effect (self, self->words, reply);
  finish (self, failed ? CB_CONSOLE_ENTRY_FAILED : CB_CONSOLE_ENTRY_DONE, NULL);
  if (self->quitting)
    leave (self);
}

static void connect_now (CbConsole *self);

static void
link_reply_cb (CbResp *reply, gpointer data)
{
  g_autoptr (CbResp) owned = reply;
  g_autoptr (CbConsole) self = g_object_ref (data);

  take_reply (self, reply);

  /* It was answered after all, but over a link on which nothing can be sent any more. */
  if (self->hung_up && self->current == NULL)
    {
      gboolean lost_multi = self->in_multi;

      drop_link (self);
      forget_multi (self);
      if (lost_multi)
        cb_console_add_note (self, _ ("The transaction that was begun is gone: nothing of it was done, unless EXEC was sent."));
      connect_now (self);
      update (self);
    }
}

static void
link_closed_cb (const GError *error, gpointer data)
{
  g_autoptr (CbConsole) self = g_object_ref (data);
  gboolean was_ready = self->ready;
  gboolean lost_multi = self->in_multi;
  g_autofree char *last_error = g_steal_pointer (&self->last_error);

  drop_link (self);
  forget_multi (self);
  /* Another server may come back, with other commands behind their names. */
  cb_console_commands_forget (self->commands);

  if (self->current != NULL)
    {
      g_autofree char *why = NULL;

      if (self->stopping)
        why = g_strdup (_ ("Stopped. The connection was closed; whether the command was run is not known."));
      else if (self->sent)
        /* Translators: a sentence */
        why = g_strdup_printf (_ ("%s Whether the command was run is not known."), error->message);
      else
        why = g_strdup_printf (_ ("%s Nothing was sent."), last_error != NULL ? last_error : error->message);
      finish (self, CB_CONSOLE_ENTRY_FAILED, why);
    }
  else if (was_ready)
    {
      cb_console_add_note (self, error->message);
    }
  if (lost_multi)
    cb_console_add_note (self, _ ("The transaction that was begun is gone: nothing of it was done, unless EXEC was sent."));
  update (self);
}

static const CbConsoleLinkFuncs link_funcs = { link_connected_cb, link_reply_cb, link_closed_cb };

static void
connect_now (CbConsole *self)
{
  if (self->link == NULL)
    self->link = cb_console_link_new (cb_connection_get_address (self->connection), CONNECT_MSEC, &link_funcs, self);
}

/* ---- running ---- */

static char *
dup_refusal_of (CbConsole *self, GPtrArray *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbCommand) command = NULL;
  g_autofree char *name = cb_console_line_dup_name (words, 0);

  /* What a server has renamed to a name of these is not known by it. */
  if (cb_console_guard_is_own (words) && (g_str_equal (name, "quit") || cb_console_commands_knows (self->commands, name)))
    return NULL;
  command = cb_command_new (name, NULL);
  for (guint i = 1; i < words->len; i++)
    cb_command_add_gbytes (command, g_ptr_array_index (words, i));
  if (cb_command_table_may_send (cb_console_commands_get_table (self->commands), command, &error))
    return NULL;
  return g_strdup (error->message);
}

/* Whether it may leave something in the connection that a new one would not have: its name, what is watched, how it is told. */
static gboolean
marks_connection (const char *name)
{
  static const char * const names[] = { "client", "watch",   "readonly", "readwrite", "asking", "script",
                                        "debug",  "monitor", "replconf", "sync",      "psync",  NULL };

  return g_strv_contains (names, name) || g_str_has_suffix (name, "subscribe");
}

/**
 * cb_console_rest:
 * @self: a console
 *
 * Nobody looks at it for now: its connection is given back, if nothing is under way and the next one will be as it is. The next command
 * connects.
 */
void
cb_console_rest (CbConsole *self)
{
  g_return_if_fail (CB_IS_CONSOLE (self));

  if (self->closed || !self->ready || self->current != NULL || self->in_multi || self->marked || !g_queue_is_empty (&self->steps))
    return;

  drop_link (self);
  update (self);
}

/**
 * cb_console_dup_refusal:
 * @self: a console
 * @words: (element-type GBytes): at least one
 *
 * Returns: (transfer full) (nullable): a sentence on why it may not be sent; %NULL when it may
 */
char *
cb_console_dup_refusal (CbConsole *self, GPtrArray *words)
{
  char *refusal = cb_console_guard_refuse (words, self->in_multi);

  if (refusal != NULL || !cb_connection_get_read_only (self->connection))
    return refusal;

  /* What was queued while it was allowed would be done now. */
  if (self->in_multi && is_name (words, "exec"))
    for (guint i = 0; i < self->queued->len; i++)
      {
        g_autofree char *why = dup_refusal_of (self, g_ptr_array_index (self->queued, i));

        if (why != NULL)
          /* Translators: a sentence that says why; DISCARD is a command */
          return g_strdup_printf (_ ("EXEC was not sent. %s DISCARD drops the transaction."), why);
      }

  return dup_refusal_of (self, words);
}

/**
 * cb_console_run:
 * @self: a console that is not busy
 * @words: (element-type GBytes): at least one
 *
 * Sends a command, connecting before where there is no connection; whatever becomes of it stands in the entry. On a read-only
 * connection nothing that may write is sent, by the flags that the server tells: they must have been loaded. Nothing is asked here,
 * see cb_console_guard_describe().
 *
 * Returns: (transfer none) (nullable): the entry, also among the others; %NULL while a command is out
 */
CbConsoleEntry *
cb_console_run (CbConsole *self, GPtrArray *words)
{
  g_autofree char *line = NULL;
  g_autofree char *refusal = NULL;
  g_autofree char *name = NULL;
  g_autoptr (CbConsoleEntry) entry = NULL;

  g_return_val_if_fail (CB_IS_CONSOLE (self), NULL);
  g_return_val_if_fail (words != NULL && words->len > 0, NULL);

  if (self->current != NULL || self->closed)
    return NULL;

  line = cb_console_line_join_masked (words);
  entry = cb_console_entry_new (self->prompt, line);
  g_clear_object (&self->pushes);
  append (self, entry);

  refusal = cb_console_dup_refusal (self, words);
  if (refusal != NULL)
    {
      cb_console_entry_end (entry, CB_CONSOLE_ENTRY_FAILED, refusal);
      return entry;
    }

  name = cb_console_line_dup_name (words, 0);
  self->marked = self->marked || marks_connection (name);
  self->current = g_object_ref (entry);
  self->words = g_ptr_array_ref (words);
  self->kind = KIND_PLAIN;
  if (!self->in_multi && g_str_has_suffix (name, "unsubscribe"))
    {
      self->kind = KIND_UNSUBSCRIBE;
      self->n_to_come = MAX (words->len - 1, 1);
    }
  else if (g_str_has_suffix (name, "subscribe") || g_str_equal (name, "monitor"))
    {
      self->kind = KIND_STREAM;
    }
  if (!self->ready || !g_queue_is_empty (&self->steps))
    connect_now (self);
  else if (self->select_first && !needs_no_db (words))
    send_select (self);
  else
    send_current (self);
  update (self);
  return entry;
}

static gboolean
stop_late_cb (gpointer data)
{
  CbConsole *self = data;
  g_autoptr (GError) error = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "");

  self->stop_id = 0;
  link_closed_cb (error, self);
  return G_SOURCE_REMOVE;
}

static void
hang_up (CbConsole *self)
{
  if (self->link != NULL)
    {
      cb_console_link_hang_up (self->link);
      self->hung_up = TRUE;
    }
  if (self->stop_id == 0)
    self->stop_id = g_timeout_add (STOP_MSEC, stop_late_cb, self);
}

static void
unblocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsole) self = data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  gint64 n = 0;

  /* 1: its reply comes, or came already. */
  if (self->closed || self->current == NULL || !self->stopping)
    return;
  if (reply == NULL || !cb_value_get_integer (cb_reply_get_value (reply), &n) || n != 1)
    hang_up (self);
}

/**
 * cb_console_stop:
 * @self: a console
 *
 * Ends what is under way: a stream by a new connection, where everything else is as it was; a command that blocks by CLIENT UNBLOCK
 * over the connection of the window, so that it answers and nothing it took is lost; and anything else by hanging up. A second time
 * it doesn't wait for the server any more. Does nothing when nothing is under way.
 */
void
cb_console_stop (CbConsole *self)
{
  g_return_if_fail (CB_IS_CONSOLE (self));

  if (self->current == NULL)
    return;

  if (!self->sent)
    {
      drop_link (self);
      finish (self, CB_CONSOLE_ENTRY_FAILED, _ ("Stopped. Nothing was sent."));
    }
  else if (self->kind == KIND_STREAM && cb_console_entry_get_n_received (self->current) > 0)
    {
      drop_link (self);
      finish (self, CB_CONSOLE_ENTRY_DONE, NULL);
      connect_now (self);
    }
  else if (self->stopping)
    {
      g_clear_handle_id (&self->stop_id, g_source_remove);
      stop_late_cb (self);
    }
  else
    {
      self->stopping = TRUE;
      if (self->client_id != 0 && !cb_connection_get_read_only (self->connection))
        {
          CbCommand *command = cb_command_new ("CLIENT", "UNBLOCK", NULL);

          cb_command_add_int (command, self->client_id);
          cb_command_set_timeout (command, STOP_MSEC);
          cb_connection_call_async (self->connection, command, NULL, unblocked_cb, g_object_ref (self));
        }
      else
        {
          hang_up (self);
        }
      update (self);
    }
}

/* The entries go; what is under way stays under way, and in sight. */
void
cb_console_clear (CbConsole *self)
{
  g_return_if_fail (CB_IS_CONSOLE (self));

  g_clear_object (&self->pushes);
  g_list_store_remove_all (self->entries);
  if (self->current != NULL)
    g_list_store_append (self->entries, self->current);
}

/* ---- object ---- */

/* Idempotent. */
void
cb_console_close (CbConsole *self)
{
  g_return_if_fail (CB_IS_CONSOLE (self));

  if (self->closed)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_clear_handle_id (&self->stop_id, g_source_remove);
  drop_link (self);
  cb_console_commands_close (self->commands);
  g_clear_object (&self->current);
  g_clear_pointer (&self->words, g_ptr_array_unref);
}

static void
cb_console_dispose (GObject *object)
{
  CbConsole *self = CB_CONSOLE (object);

  if (self->commands != NULL)
    cb_console_close (self);
  g_clear_object (&self->pushes);

  G_OBJECT_CLASS (cb_console_parent_class)->dispose (object);
}

static void
cb_console_finalize (GObject *object)
{
  CbConsole *self = CB_CONSOLE (object);

  g_object_unref (self->connection);
  g_object_unref (self->commands);
  g_object_unref (self->entries);
  g_clear_pointer (&self->login, g_ptr_array_unref);
  g_ptr_array_unref (self->queued);
  g_free (self->last_error);
  g_free (self->prompt);

  G_OBJECT_CLASS (cb_console_parent_class)->finalize (object);
}

static void
cb_console_class_init (CbConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_console_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_console_finalize;
  changed_signal = g_signal_new ("changed", CB_TYPE_CONSOLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_console_init (CbConsole *self)
{
  self->entries = g_list_store_new (CB_TYPE_CONSOLE_ENTRY);
  self->queued = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
}

/**
 * cb_console_new:
 * @connection: that of the window, to the same server; it tells where that is and whether only reading is allowed
 *
 * Returns: (transfer full): a console, which connects with the first command
 */
CbConsole *
cb_console_new (CbConnection *connection)
{
  CbConsole *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_CONSOLE, NULL);
  self->connection = g_object_ref (connection);
  self->commands = cb_console_commands_new (connection);
  start_anew (self);
  update (self);
  return self;
}

GListModel *
cb_console_get_entries (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), NULL);

  return G_LIST_MODEL (self->entries);
}

CbConsoleCommands *
cb_console_get_commands (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), NULL);

  return self->commands;
}

CbConnection *
cb_console_get_connection (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), NULL);

  return self->connection;
}

const char *
cb_console_get_prompt (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), NULL);

  return self->prompt;
}

int
cb_console_get_protocol (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), 2);

  return self->protocol;
}

guint
cb_console_get_db (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), 0);

  return self->db;
}

gboolean
cb_console_get_in_multi (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), FALSE);

  return self->in_multi;
}

gboolean
cb_console_get_busy (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), FALSE);

  return self->current != NULL;
}

gboolean
cb_console_get_connected (CbConsole *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE (self), FALSE);

  return self->ready;
}
