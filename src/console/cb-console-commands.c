/* cb-console-commands.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-commands.h"

#include <string.h>

#include "cb-console-builtin.h"
#include "cb-console-link.h"

/* Commands that are asked about at once: about 64 KiB of answer. */
#define PART 24

#define CONNECT_MSEC 5000
#define MOST_DEPTH 8
#define MOST_SYNTAX 1000

typedef struct
{
  char *syntax;  /* (owned) (nullable) */
  char *summary; /* (owned) (nullable) */
  char *flags;   /* (owned) (nullable) " write denyoom " */
} Command;

struct _CbConsoleCommands
{
  GObject parent_instance;

  CbConnection *connection;  /* (owned) */
  CbCommandTable *table;     /* (owned) (nullable) */
  CbCommandTable *coming;    /* (owned) (nullable) */
  CbReply *reply;            /* (owned) (nullable) */
  GTree *commands;           /* (owned) (element-type utf8 Command) by `config|get` */
  GPtrArray *names;          /* (owned) (element-type utf8) whose arguments are to be asked for */
  guint n_asked;
  CbConsoleLink *link;       /* (owned) (nullable) while arguments are asked for */
  guint n_to_come;           /* replies before those that tell arguments */
  GQueue waiting;            /* (element-type GTask) */
  GCancellable *cancellable; /* (owned) */
  guint epoch;               /* how often there was another server, perhaps */
  guint epoch_asked;         /* when @coming was told */
  gboolean loading;
  gboolean has_docs;
  gboolean docs_known;       /* of the server as it is now */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (CbConsoleCommands, cb_console_commands, G_TYPE_OBJECT)

static guint changed_signal;

static void
command_free (gpointer data)
{
  Command *command = data;

  g_free (command->syntax);
  g_free (command->summary);
  g_free (command->flags);
  g_free (command);
}

static Command *
get_command (CbConsoleCommands *self, const char *name)
{
  Command *command = g_tree_lookup (self->commands, name);

  if (command == NULL)
    {
      command = g_new0 (Command, 1);
      g_tree_insert (self->commands, g_strdup (name), command);
    }
  return command;
}

static void
cb_console_commands_dispose (GObject *object)
{
  cb_console_commands_close (CB_CONSOLE_COMMANDS (object));

  G_OBJECT_CLASS (cb_console_commands_parent_class)->dispose (object);
}

static void
cb_console_commands_finalize (GObject *object)
{
  CbConsoleCommands *self = CB_CONSOLE_COMMANDS (object);

  g_object_unref (self->connection);
  g_clear_pointer (&self->table, cb_command_table_free);
  g_clear_pointer (&self->coming, cb_command_table_free);
  g_clear_pointer (&self->reply, cb_reply_unref);
  g_tree_unref (self->commands);
  g_ptr_array_unref (self->names);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (cb_console_commands_parent_class)->finalize (object);
}

static void
cb_console_commands_class_init (CbConsoleCommandsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_console_commands_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_console_commands_finalize;
  changed_signal = g_signal_new ("changed", CB_TYPE_CONSOLE_COMMANDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static void
cb_console_commands_init (CbConsoleCommands *self)
{
  self->commands = g_tree_new_full (compare_names, NULL, g_free, command_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();
}

/* A server that was away may come back as another one, with other commands behind the same names. */
static void
state_cb (CbConsoleCommands *self)
{
  if (cb_connection_get_state (self->connection) != CB_CONNECTION_READY)
    cb_console_commands_forget (self);
}

CbConsoleCommands *
cb_console_commands_new (CbConnection *connection)
{
  CbConsoleCommands *self = g_object_new (CB_TYPE_CONSOLE_COMMANDS, NULL);

  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; cb_console_builtin[i].name != NULL; i++)
    get_command (self, cb_console_builtin[i].name)->syntax = g_strdup (cb_console_builtin[i].arguments);
  return self;
}

/* ---- arguments ---- */

static char *
dup_text (CbResp *value)
{
  gsize length;
  const char *bytes = cb_resp_get_bytes (value, &length);

  return g_utf8_make_valid (bytes, (gssize) length);
}

static gboolean
has_argument_flag (CbResp *argument, const char *flag)
{
  CbResp *flags = cb_resp_get_field (argument, "flags");

  for (guint i = 0; i < cb_resp_get_n_elements (flags); i++)
    if (cb_resp_equal_string (cb_resp_get_element (flags, i), flag))
      return TRUE;
  return FALSE;
}

static void append_arguments (GString *out, CbResp *arguments, const char *separator, guint depth);

/* As redis-cli and the documentation write it. */
static void
append_argument (GString *out, CbResp *argument, guint depth)
{
  CbResp *type = cb_resp_get_field (argument, "type");
  CbResp *inside = cb_resp_get_field (argument, "arguments");
  CbResp *token = cb_resp_get_field (argument, "token");
  gboolean optional = has_argument_flag (argument, "optional");
  gboolean multiple = has_argument_flag (argument, "multiple");
  g_autoptr (GString) one = g_string_new (NULL);

  if (token != NULL)
    {
      g_autofree char *text = dup_text (token);

      g_string_append (one, *text != '\0' ? text : "\"\"");
    }
  if (!cb_resp_equal_string (type, "pure-token"))
    {
      if (one->len > 0)
        g_string_append_c (one, ' ');
      if (cb_resp_equal_string (type, "oneof"))
        {
          gboolean own = !optional || one->len > 0;

          if (own)
            g_string_append_c (one, '<');
          append_arguments (one, inside, " | ", depth + 1);
          if (own)
            g_string_append_c (one, '>');
        }
      else if (cb_resp_equal_string (type, "block"))
        {
          append_arguments (one, inside, " ", depth + 1);
        }
      else
        {
          CbResp *shown = cb_resp_get_field (argument, "display_text");
          g_autofree char *text = dup_text (shown != NULL ? shown : cb_resp_get_field (argument, "name"));

          g_string_append (one, text);
        }
    }

  if (optional)
    g_string_append_c (out, '[');
  g_string_append (out, one->str);
  if (multiple)
    g_string_append_printf (out, " [%s ...]", one->str);
  if (optional)
    g_string_append_c (out, ']');
}

static void
append_arguments (GString *out, CbResp *arguments, const char *separator, guint depth)
{
  if (depth > MOST_DEPTH)
    return;
  for (guint i = 0; i < cb_resp_get_n_elements (arguments) && out->len < MOST_SYNTAX; i++)
    {
      if (i > 0)
        g_string_append (out, separator);
      append_argument (out, cb_resp_get_element (arguments, i), depth);
    }
}

static void
take_doc (CbConsoleCommands *self, const char *name, CbResp *doc, gboolean top)
{
  Command *command = get_command (self, name);
  CbResp *subcommands = cb_resp_get_field (doc, "subcommands");
  CbResp *summary = cb_resp_get_field (doc, "summary");
  CbResp *arguments = cb_resp_get_field (doc, "arguments");
  g_autoptr (GString) syntax = g_string_new (NULL);

  append_arguments (syntax, arguments, " ", 0);
  g_free (command->syntax);
  command->syntax = g_strdup (syntax->str);
  if (summary != NULL)
    {
      g_free (command->summary);
      command->summary = dup_text (summary);
    }
  for (guint i = 0; top && i + 1 < cb_resp_get_n_elements (subcommands); i += 2)
    {
      g_autofree char *sub = dup_text (cb_resp_get_element (subcommands, i));
      g_autofree char *lower = g_ascii_strdown (sub, -1);

      take_doc (self, lower, cb_resp_get_element (subcommands, i + 1), FALSE);
    }
}

static void
stop_docs (CbConsoleCommands *self)
{
  if (self->link != NULL)
    cb_console_link_close (self->link);
  g_clear_pointer (&self->link, cb_console_link_unref);
}

static void
ask_part (CbConsoleCommands *self)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (words, g_bytes_new_static ("COMMAND", 7));
  g_ptr_array_add (words, g_bytes_new_static ("DOCS", 4));
  for (; self->n_asked < self->names->len && words->len < PART + 2; self->n_asked++)
    {
      const char *name = g_ptr_array_index (self->names, self->n_asked);

      g_ptr_array_add (words, g_bytes_new (name, strlen (name)));
    }
  if (words->len > 2)
    cb_console_link_send (self->link, words);
  else
    stop_docs (self);
}

static void
docs_connected_cb (gpointer data)
{
}

static void
docs_reply_cb (CbResp *reply, gpointer data)
{
  g_autoptr (CbResp) owned = reply;
  CbConsoleCommands *self = data;

  if (self->n_to_come > 0)
    {
      self->n_to_come--;
      return;
    }
  /* An older server, or a user who may not: what is built in has to do. */
  if (!cb_resp_is_aggregate (reply))
    {
      stop_docs (self);
      return;
    }

  for (guint i = 0; i + 1 < cb_resp_get_n_elements (reply); i += 2)
    {
      g_autofree char *name = dup_text (cb_resp_get_element (reply, i));
      g_autofree char *lower = g_ascii_strdown (name, -1);

      take_doc (self, lower, cb_resp_get_element (reply, i + 1), TRUE);
      self->has_docs = TRUE;
      self->docs_known = TRUE;
    }
  ask_part (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
docs_closed_cb (const GError *error, gpointer data)
{
  CbConsoleCommands *self = data;

  g_clear_pointer (&self->link, cb_console_link_unref);
}

static const CbConsoleLinkFuncs docs_funcs = { docs_connected_cb, docs_reply_cb, docs_closed_cb };

static void
load_docs (CbConsoleCommands *self)
{
  CbAddress *address = cb_connection_get_address (self->connection);
  const char *user = cb_address_get_user (address);
  const char *password = cb_address_get_password (address);

  if (self->link != NULL || self->docs_known || self->closed || self->names->len == 0)
    return;

  self->n_asked = 0;
  self->n_to_come = 0;
  self->link = cb_console_link_new (address, CONNECT_MSEC, &docs_funcs, self);
  if (user != NULL)
    cb_console_link_send_words (self->link, "AUTH", user, password != NULL ? password : "", NULL);
  else if (password != NULL)
    cb_console_link_send_words (self->link, "AUTH", password, NULL);
  self->n_to_come += user != NULL || password != NULL;
  ask_part (self);
}

/* ---- flags ---- */

static void
return_waiting (CbConsoleCommands *self, const GError *error)
{
  GTask *task;

  self->loading = FALSE;
  while ((task = g_queue_pop_head (&self->waiting)) != NULL)
    {
      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

static char *
dup_name (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL && length > 0 && g_utf8_validate (text, (gssize) length, NULL) ? g_ascii_strdown (text, (gssize) length)
                                                                                     : NULL;
}

static void
take_flags (CbConsoleCommands *self, const CbValue *entry, gboolean top)
{
  const CbValue *flags = cb_value_get_element (entry, 2);
  const CbValue *subcommands = cb_value_get_element (entry, 9);
  g_autofree char *name = dup_name (cb_value_get_element (entry, 0));
  g_autoptr (GString) text = g_string_new (" ");
  Command *command;

  if (name == NULL)
    return;
  for (guint i = 0; i < cb_value_get_length (flags); i++)
    {
      g_autofree char *flag = dup_name (cb_value_get_element (flags, i));

      if (flag != NULL)
        g_string_append_printf (text, "%s ", flag);
    }
  command = get_command (self, name);
  g_free (command->flags);
  command->flags = g_string_free (g_steal_pointer (&text), FALSE);
  if (top)
    g_ptr_array_add (self->names, g_steal_pointer (&name));
  for (guint i = 0; top && i < cb_value_get_length (subcommands); i++)
    take_flags (self, cb_value_get_element (subcommands, i), FALSE);
}

static gboolean
forget_flags (gpointer key, gpointer value, gpointer data)
{
  g_clear_pointer (&((Command *) value)->flags, g_free);
  return FALSE;
}

static void ask_commands (CbConsoleCommands *self);

/* COMMAND INFO tells by the names that are served: what was renamed or is not there is nil. */
static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsoleCommands) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const CbValue *infos;

  if (reply == NULL || self->closed)
    {
      g_clear_pointer (&self->coming, cb_command_table_free);
      return_waiting (self, error);
      return;
    }
  /* The one half would be of the server before, the other of this one. */
  if (self->epoch_asked != self->epoch)
    {
      ask_commands (self);
      return;
    }

  infos = cb_reply_get_value (reply);
  /* What was known before may be otherwise. */
  g_tree_foreach (self->commands, forget_flags, NULL);
  cb_command_table_take_check (self->coming, infos);
  g_clear_pointer (&self->table, cb_command_table_free);
  self->table = g_steal_pointer (&self->coming);
  g_ptr_array_set_size (self->names, 0);
  for (guint i = 0; i < cb_value_get_length (infos); i++)
    {
      const CbValue *entry = cb_value_get_element (infos, i);
      g_autofree char *name = dup_name (cb_value_get_element (entry, 0));
      g_autofree char *asked = dup_name (cb_value_get_element (cb_value_get_element (cb_reply_get_value (self->reply), i), 0));

      if (name != NULL && g_strcmp0 (name, asked) == 0)
        take_flags (self, entry, TRUE);
    }
  g_clear_pointer (&self->reply, cb_reply_unref);
  load_docs (self);
  return_waiting (self, NULL);
  g_signal_emit (self, changed_signal, 0);
}

static void
commands_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsoleCommands) self = data;
  g_autoptr (GError) error = NULL;
  CbCommand *check = NULL;

  g_clear_pointer (&self->reply, cb_reply_unref);
  self->reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (self->reply != NULL && !self->closed)
    {
      g_clear_pointer (&self->coming, cb_command_table_free);
      self->coming = cb_command_table_new ();
      self->epoch_asked = self->epoch;
      check = cb_command_table_take (self->coming, cb_reply_get_value (self->reply));
    }
  if (check == NULL)
    {
      return_waiting (self, error);
      return;
    }
  cb_connection_call_async (self->connection, cb_command_set_repeatable (check), self->cancellable, checked_cb,
                            g_object_ref (self));
}

static void
ask_commands (CbConsoleCommands *self)
{
  cb_connection_call_async (self->connection, cb_command_set_repeatable (cb_command_new ("COMMAND", NULL)), self->cancellable,
                            commands_cb, g_object_ref (self));
}

/**
 * cb_console_commands_load_async:
 * @self: commands
 * @callback: called when the flags are known, or can't be
 * @user_data: data for @callback
 *
 * Errors: those of cb_connection_call_async(); everything else works without
 */
void
cb_console_commands_load_async (CbConsoleCommands *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, cb_console_commands_load_async);
  if (self->table != NULL || self->closed)
    {
      load_docs (self);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_queue_push_tail (&self->waiting, task);
  if (self->loading)
    return;
  self->loading = TRUE;
  ask_commands (self);
}

gboolean
cb_console_commands_load_finish (CbConsoleCommands *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

CbCommandTable *
cb_console_commands_get_table (CbConsoleCommands *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_COMMANDS (self), NULL);

  return self->table;
}

/* Whether the server has told of it, by this name. */
gboolean
cb_console_commands_knows (CbConsoleCommands *self, const char *name)
{
  const Command *command = g_tree_lookup (self->commands, name);

  return command != NULL && command->flags != NULL;
}

gboolean
cb_console_commands_has_flag (CbConsoleCommands *self, const char *name, const char *flag)
{
  const Command *command = g_tree_lookup (self->commands, name);
  g_autofree char *word = g_strdup_printf (" %s ", flag);

  return command != NULL && command->flags != NULL && strstr (command->flags, word) != NULL;
}

/* Whether the server has told arguments; what is built in is all there is otherwise. */
gboolean
cb_console_commands_get_has_docs (CbConsoleCommands *self)
{
  return self->has_docs;
}

const char *
cb_console_commands_get_syntax (CbConsoleCommands *self, const char *name)
{
  const Command *command = g_tree_lookup (self->commands, name);

  return command != NULL ? command->syntax : NULL;
}

const char *
cb_console_commands_get_summary (CbConsoleCommands *self, const char *name)
{
  const Command *command = g_tree_lookup (self->commands, name);

  return command != NULL ? command->summary : NULL;
}

typedef struct
{
  CbConsoleCommands *self;
  const char *beginning;
  GPtrArray *found;
  gsize skip; /* what is not shown of a name */
} Search;

static gboolean
look_at (gpointer key, gpointer value, gpointer data)
{
  const char *name = key;
  const Command *command = value;
  Search *search = data;

  if (!g_str_has_prefix (name, search->beginning))
    return strncmp (name, search->beginning, strlen (search->beginning)) > 0;
  /* What is built in and the server does not have is not offered. */
  if (search->self->table != NULL && command->flags == NULL)
    return FALSE;
  if (strchr (name + search->skip, '|') == NULL)
    g_ptr_array_add (search->found, g_ascii_strup (name + search->skip, -1));
  return FALSE;
}

/**
 * cb_console_commands_complete:
 * @self: commands
 * @container: (nullable): in lower case, whose subcommands are meant
 * @beginning: in any case
 *
 * Returns: (transfer full) (element-type utf8): names
 */
GPtrArray *
cb_console_commands_complete (CbConsoleCommands *self, const char *container, const char *beginning)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *lower = g_ascii_strdown (beginning, -1);
  g_autofree char *whole = container != NULL ? g_strdup_printf ("%s|%s", container, lower) : g_steal_pointer (&lower);
  Search search = { self, whole, found, container != NULL ? strlen (container) + 1 : 0 };

  g_tree_foreach (self->commands, look_at, &search);
  return found;
}

/* The flags are to be asked for again; until then nothing is known of any command. */
void
cb_console_commands_forget (CbConsoleCommands *self)
{
  self->epoch++;
  self->docs_known = FALSE;
  g_clear_pointer (&self->table, cb_command_table_free);
  g_tree_foreach (self->commands, forget_flags, NULL);
}

/* Nothing is asked any more. Idempotent. */
void
cb_console_commands_close (CbConsoleCommands *self)
{
  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  stop_docs (self);
}
