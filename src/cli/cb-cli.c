/* cb-cli.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * The library below is asynchronous, a command is not: it does one thing after the other. So each step starts its
 * call and turns the main loop until the answer is there (cb_cli_await()), which leaves commands that can be read
 * from top to bottom, while signals, reconnects and events are served all the time.
 *
 * A signal never ends the program in the middle of something: it triggers the cancellable, calls come back, and the
 * private server is left in order. A worker takes the second one for "at once"; the third ends the program as it is.
 */

#include "config.h"

#include "cb-cli.h"
#include "cb-commands.h"
#include "cb-engines.h"
#include "cb-production.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

CbCli *
cb_cli_new (void)
{
  CbCli *self = g_new0 (CbCli, 1);

  self->arguments = cb_arguments_new ();
  self->cancellable = g_cancellable_new ();
  self->prefix = "q";
  self->timeout_msec = -1;

  return self;
}

void
cb_cli_free (CbCli *self)
{
  if (self == NULL)
    return;

  g_clear_object (&self->engine);
  g_clear_object (&self->connection);
  g_clear_object (&self->private_server);
  g_clear_pointer (&self->address, cb_address_unref);
  g_clear_object (&self->cancellable);
  cb_arguments_free (self->arguments);
  g_free (self);
}

/* --- output --- */

static void
check_output (CbCli *self,
              gboolean ok)
{
  if (ok || self->output_errno != 0)
    return;

  /* Nobody reads any more (`| head`), or the disk is full: there is no use in going on. */
  self->output_errno = errno != 0 ? errno : EIO;
  g_cancellable_cancel (self->cancellable);
}

/* fwrite() and not g_print(), which would convert bytes into the character set of the locale. */
void
cb_cli_write (CbCli *self,
              const char *bytes,
              gssize length)
{
  gsize size = length < 0 ? strlen (bytes) : (gsize) length;

  if (self->output_errno != 0 || size == 0)
    return;

  errno = 0;
  check_output (self, fwrite (bytes, 1, size, stdout) == size);
}

void
cb_cli_print (CbCli *self,
              const char *format,
              ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  cb_cli_write (self, text, -1);
}

void
cb_cli_write_value (CbCli *self,
                    const char *bytes,
                    gsize length)
{
  if (isatty (STDOUT_FILENO))
    {
      g_autofree char *text = cb_text_display (bytes, (gssize) length, FALSE);

      cb_cli_write (self, text, -1);
    }
  else
    cb_cli_write (self, bytes, (gssize) length);
}

void
cb_cli_print_json (CbCli *self,
                   CbJsonWriter *writer)
{
  g_autofree char *text = cb_json_writer_steal (writer);

  cb_cli_write (self, text, -1);
  cb_cli_write (self, "\n", 1);
}

void
cb_cli_flush (CbCli *self)
{
  if (self->output_errno != 0)
    return;

  errno = 0;
  check_output (self, fflush (stdout) == 0);
}

static void
write_error_line (CbCli *self,
                  const char *text)
{
  g_autofree char *line = cb_text_display (text, -1, TRUE);

  /* So that lines on a terminal stand in the order in which things happened. */
  cb_cli_flush (self);
  fprintf (stderr, "callboardctl: %s\n", line);
}

void
cb_cli_complain (CbCli *self,
                 const char *format,
                 ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  write_error_line (self, text);
}

int
cb_cli_tell_usage (CbCli *self,
                   const char *format,
                   ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  if (self->command != NULL)
    cb_cli_complain (self, _("%s (see “callboardctl %s --help”)"), text, self->command->name);
  else
    cb_cli_complain (self, _("%s (see “callboardctl --help”)"), text);

  return CB_EXIT_USAGE;
}

/* The server can't be reached, won't let us in or doesn't start. */
static gboolean
is_connection_error (const GError *error)
{
  return cb_redis_error_is_connection (error) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_MISSING) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED);
}

int
cb_cli_tell_error (CbCli *self,
                   const GError *error)
{
  g_return_val_if_fail (error != NULL, CB_EXIT_FAILED);

  /* Cancelling was somebody's wish; cb_cli_run() knows whose. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CB_EXIT_INTERRUPTED;

  write_error_line (self, error->message);

  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ADDRESS))
    return CB_EXIT_USAGE;
  return is_connection_error (error) ? CB_EXIT_NO_CONNECTION : CB_EXIT_FAILED;
}

/* --- waiting --- */

void
cb_cli_take_result (GObject *source,
                    GAsyncResult *result,
                    gpointer user_data)
{
  GAsyncResult **out = user_data;

  *out = g_object_ref (result);
}

void
cb_cli_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
cb_cli_is_interrupted (CbCli *self)
{
  return self->n_signals > 0 || self->output_errno != 0;
}

/**
 * cb_cli_run_until:
 * @condition: (nullable): set by a callback; %NULL to run until interrupted
 *
 * Returns: whether the condition became true
 */
gboolean
cb_cli_run_until (CbCli *self,
                  const gboolean *condition)
{
  while (!cb_cli_is_interrupted (self) && (condition == NULL || !*condition))
    g_main_context_iteration (NULL, TRUE);

  return condition != NULL && *condition;
}

static gboolean
pause_over_cb (gpointer user_data)
{
  gboolean *over = user_data;

  *over = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
cb_cli_pause (CbCli *self,
              gint64 msec)
{
  gboolean over = FALSE;
  guint source;

  source = g_timeout_add ((guint) CLAMP (msec, 0, G_MAXINT), pause_over_cb, &over);
  if (cb_cli_run_until (self, &over))
    return TRUE;

  g_source_remove (source);
  return FALSE;
}

static gboolean
signal_cb (gpointer user_data)
{
  CbCli *self = user_data;

  self->n_signals++;
  if (self->n_signals > 2)
    _exit (CB_EXIT_INTERRUPTED);
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_CONTINUE;
}

/* --- connection --- */

static gboolean
start_private_server (CbCli *self,
                      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbPrivateServer) server = cb_private_server_new (NULL);

  cb_private_server_start_async (server, self->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_start_finish (server, result, error))
    return FALSE;

  self->address = cb_address_ref (cb_private_server_get_address (server));
  self->private_server = g_steal_pointer (&server);
  return TRUE;
}

static gboolean
is_locked (CbCli *self,
           CbAddress *address)
{
  return !cb_arguments_has (self->arguments, "yes-production") && cb_production_is_marked (address);
}

/* A command that is known to write is not even connected. */
static gboolean
may_write (CbCli *self,
           CbAddress *address,
           GError **error)
{
  if (!self->command->writes || cb_arguments_has (self->arguments, "dry-run") || !is_locked (self, address))
    return TRUE;
  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY,
               _("“%s” writes, and %s is marked as production: nothing was sent. Give --yes-production when it is meant"),
               self->command->name, cb_address_get_label (address));
  return FALSE;
}

/**
 * cb_cli_new_target:
 * @address: another server that is written to
 *
 * Returns: (transfer full) (nullable): a connection that is not open yet; %NULL with an error for one that is marked as production
 */
CbConnection *
cb_cli_new_target (CbCli *self,
                   CbAddress *address,
                   GError **error)
{
  CbConnection *target;

  if (!may_write (self, address, error))
    return NULL;
  target = cb_connection_new (address, "callboardctl");
  if (self->timeout_msec > 0)
    cb_connection_set_timeout (target, (guint) self->timeout_msec);
  return target;
}

/**
 * cb_cli_connect:
 *
 * Connects to the server of --server or CALLBOARD_SERVER; to the private server, started if need be, when neither
 * names one. Does nothing when it is done already.
 *
 * Returns: %FALSE with %CB_REDIS_ERROR, or %G_IO_ERROR_CANCELLED
 */
gboolean
cb_cli_connect (CbCli *self,
                GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  const char *uri;

  if (self->connection != NULL)
    return TRUE;

  uri = cb_arguments_get_text (self->arguments, "server");
  if (uri == NULL)
    {
      uri = g_getenv ("CALLBOARD_SERVER");
      if (uri != NULL && uri[0] == '\0')
        uri = NULL;
    }

  if (self->address == NULL)
    {
      if (uri != NULL)
        {
          self->address = cb_address_parse (uri, error);
          if (self->address == NULL)
            return FALSE;
        }
      else if (!start_private_server (self, error))
        return FALSE;
    }

  if (!self->command->elsewhere && !may_write (self, self->address, error))
    return FALSE;
  self->connection = cb_connection_new (self->address, "callboardctl");
  /* Whatever a command means to be: on production nothing that writes leaves the socket unasked. */
  cb_connection_set_read_only (self->connection, self->read_only || is_locked (self, self->address));
  if (self->timeout_msec >= 0)
    cb_connection_set_timeout (self->connection, (guint) self->timeout_msec);

  cb_connection_open_async (self->connection, self->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_connection_open_finish (self->connection, result, error))
    {
      g_clear_object (&self->connection);
      return FALSE;
    }

  return TRUE;
}

gboolean
cb_cli_connect_or_tell (CbCli *self,
                        int *status)
{
  g_autoptr (GError) error = NULL;

  if (cb_cli_connect (self, &error))
    return TRUE;

  *status = cb_cli_tell_error (self, error);
  /* Whatever kept us out (no password, still loading, refused): there is no connection. */
  if (*status == CB_EXIT_FAILED && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY))
    *status = CB_EXIT_NO_CONNECTION;
  return FALSE;
}

CbEngine *
cb_cli_get_engine (CbCli *self)
{
  g_return_val_if_fail (self->connection != NULL, NULL);

  if (self->engine == NULL)
    self->engine = cb_engines_create ("kue", self->connection, self->prefix);

  return self->engine;
}

/**
 * cb_cli_call:
 * @command: (transfer full):
 *
 * Returns: (nullable) (transfer full): the reply; %NULL with the server's error or a failure of the connection
 */
CbReply *
cb_cli_call (CbCli *self,
             CbCommand *command,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_connection_call_async (self->connection, command, self->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);

  return cb_connection_call_finish (self->connection, result, error);
}

/**
 * cb_cli_server_answers:
 *
 * Tells a refusal from a loss: whoever was turned away while the server answers others has been refused.
 */
gboolean
cb_cli_server_answers (CbCli *self)
{
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = cb_cli_call (self, cb_command_new ("PING", NULL), &error);

  return reply != NULL || error->domain != CB_REDIS_ERROR || !cb_redis_error_is_connection (error);
}

/**
 * cb_cli_leave:
 *
 * Ends the connection, and stops being a user of the private server. Done at the end in any case.
 */
void
cb_cli_leave (CbCli *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->engine);
  if (self->connection != NULL)
    cb_connection_close (self->connection);

  /* Calls that were cut off answer from an idle, and let go of what they hold. */
  for (guint i = 0; i < 100 && g_main_context_iteration (NULL, FALSE); i++)
    ;

  if (self->private_server == NULL)
    return;

  /* Not cancellable: a server of ours that nobody uses must not stay. */
  cb_private_server_leave_async (self->private_server, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_leave_finish (self->private_server, result, &error))
    cb_cli_complain (self, "%s", error->message);
  g_clear_object (&self->private_server);
}

/* --- the program --- */

static void
take_globals (CbCli *self)
{
  const char *prefix = cb_arguments_get_text (self->arguments, "prefix");

  self->json = cb_arguments_has (self->arguments, "json");
  self->read_only = cb_arguments_has (self->arguments, "read-only");
  self->timeout_msec = cb_arguments_get_number (self->arguments, "timeout", -1);
  if (prefix != NULL)
    {
      self->prefix = prefix;
      self->has_prefix = TRUE;
    }
}

/* Wrong usage found before the command has begun: TRUE when it may run. */
static gboolean
check_command (CbCli *self,
               int *status)
{
  const CbCliCommand *command = self->command;
  int n_words = (int) cb_arguments_get_length (self->arguments);

  *status = CB_EXIT_USAGE;

  if (self->prefix[0] == '\0')
    {
      cb_cli_tell_usage (self, _("--prefix must not be empty"));
      return FALSE;
    }

  if (n_words < command->min_words || (command->max_words >= 0 && n_words > command->max_words))
    {
      if (command->max_words == 0)
        cb_cli_tell_usage (self, _("“%s” takes no arguments"), command->name);
      else
        cb_cli_tell_usage (self, _("The usage is “%s %s”"), command->name, command->usage);
      return FALSE;
    }

  /* Refused before anything is sent, connected or started. A dry run only looks. */
  if (self->read_only && command->writes && !cb_arguments_has (self->arguments, "dry-run"))
    {
      cb_cli_complain (self, _("“%s” writes, and --read-only was given: nothing was sent"), command->name);
      *status = CB_EXIT_FAILED;
      return FALSE;
    }

  return TRUE;
}

static int
parse_and_run (CbCli *self,
               const char * const *words)
{
  g_autoptr (CbArguments) before = cb_arguments_new ();
  g_autoptr (GError) error = NULL;
  const CbCliCommand *command;
  gboolean is_group;
  guint n_name;
  int status;
  int taken;

  /* Options before the command only show where it is; all of them are read again with its own. */
  taken = cb_arguments_parse (before, words, NULL, cb_global_options, 0, FALSE, &error);
  if (taken < 0)
    return cb_cli_tell_usage (self, "%s", error->message);

  if (words[taken] == NULL)
    {
      if (cb_arguments_has (before, "version"))
        {
          cb_cli_print (self, "callboardctl %s\n", PACKAGE_VERSION);
          return CB_EXIT_DONE;
        }
      if (cb_arguments_has (before, "help"))
        {
          cb_commands_print_help (self, NULL);
          return CB_EXIT_DONE;
        }
      return cb_cli_tell_usage (self, _("A command is missing"));
    }

  if (strcmp (words[taken], "__commands") == 0)
    {
      cb_commands_print_list (self);
      return CB_EXIT_DONE;
    }

  command = cb_commands_find (words[taken], words[taken + 1], &n_name, &is_group);
  if (command == NULL)
    {
      if (is_group && words[taken + 1] == NULL)
        return cb_cli_tell_usage (self, _("“%s” needs to be told what to do"), words[taken]);
      if (is_group && g_strcmp0 (words[taken + 1], "--help") == 0)
        {
          cb_commands_print_help (self, NULL);
          return CB_EXIT_DONE;
        }
      if (is_group)
        return cb_cli_tell_usage (self, _("There is no command “%s %s”"), words[taken], words[taken + 1]);
      return cb_cli_tell_usage (self, _("There is no command “%s”"), words[taken]);
    }
  self->command = command;

  {
    g_autoptr (GPtrArray) all = g_ptr_array_new ();

    for (int i = 0; i < taken; i++)
      if (strcmp (words[i], "--") != 0)
        g_ptr_array_add (all, (gpointer) words[i]);
    for (guint i = (guint) taken + n_name; words[i] != NULL; i++)
      g_ptr_array_add (all, (gpointer) words[i]);
    g_ptr_array_add (all, NULL);

    if (cb_arguments_parse (self->arguments, (const char * const *) all->pdata, command->options,
                            cb_global_options, -1, command->rest_is_words, &error) < 0)
      return cb_cli_tell_usage (self, "%s", error->message);
  }

  if (cb_arguments_has (self->arguments, "help"))
    {
      cb_commands_print_help (self, command);
      return CB_EXIT_DONE;
    }

  take_globals (self);
  if (!check_command (self, &status))
    return status;

  return command->run (self);
}

/* As nohup leaves it: whoever started the program wants it to outlive the terminal. */
static gboolean
is_ignored (int signal_number)
{
  struct sigaction action;

  return sigaction (signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/**
 * cb_cli_run:
 * @words: (array zero-terminated=1): the arguments of the program, without its name
 *
 * Returns: the exit status
 */
int
cb_cli_run (CbCli *self,
            const char * const *words)
{
  guint interrupt = g_unix_signal_add (SIGINT, signal_cb, self);
  guint terminate = g_unix_signal_add (SIGTERM, signal_cb, self);
  guint hang_up = is_ignored (SIGHUP) ? 0 : g_unix_signal_add (SIGHUP, signal_cb, self);
  int status;

  status = parse_and_run (self, words);

  cb_cli_leave (self);
  cb_cli_flush (self);

  if (self->output_errno != 0)
    {
      if (self->output_errno != EPIPE)
        fprintf (stderr, "callboardctl: %s: %s\n", _("The output can’t be written"), g_strerror (self->output_errno));
      status = CB_EXIT_FAILED;
    }

  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_clear_handle_id (&hang_up, g_source_remove);

  return status;
}
