/* cb-job-command.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-command.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-job-spec.h"
#include "cb-json.h"
#include "cb-queue-error.h"

/* ARG_MAX is about 2 MiB for all, and Linux takes no more than 128 KiB in one word. */
#define MAX_DATA (120 * 1024)

/* A word that a POSIX shell takes for exactly @text: plain where nothing in it means anything to a shell, else in single quotes. */
static char *
quote (const char *text)
{
  const char *at = text;

  while (g_ascii_isalnum (*at) || (*at != '\0' && strchr ("_-./:=@%+,", *at) != NULL))
    at++;
  return at > text && *at == '\0' ? g_strdup (text) : g_shell_quote (text);
}

/* Joined with its name, so that a value that begins with a dash is no option. */
static void
add_option (GString *command, const char *name, const char *value)
{
  g_autofree char *quoted = quote (value);

  g_string_append_printf (command, " --%s=%s", name, quoted);
}

static void
add_number (GString *command, const char *name, gint64 value)
{
  g_string_append_printf (command, " --%s=%" G_GINT64_FORMAT, name, value);
}

/* A function, as Kue takes one from a program, is text in a job that nothing but that program can have meant. */
static gboolean
check_backoff (CbJobRecord *self, GError **error)
{
  g_autoptr (CbJobSpec) spec = cb_job_spec_new ("any", NULL);

  spec->backoff = g_strdup (self->backoff);
  if (cb_job_spec_check (spec, NULL))
    return TRUE;

  g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                       _ ("No command can be made: the job’s back-off is a function or the like, which “job create” doesn’t take."));
  return FALSE;
}

/* What a shell and the clipboard can carry: text without NUL. @problem: what is said of anything else. */
static gboolean
check_text (const char *text, gsize length, const char *problem, GError **error)
{
  if (g_utf8_validate_len (text, length, NULL))
    return TRUE;

  g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, problem);
  return FALSE;
}

/**
 * cb_job_record_to_command:
 * @server: (nullable): the address as a URI, without a password; %NULL: none is named
 * @prefix: (nullable): the prefix of the queue; that which is there without one is left out
 *
 * `callboardctl job create` with what @self was made of, quoted for a POSIX shell: the data to the last byte, priority, attempts, back-off,
 * time to live, and the delay where it still waits for that. What it is looked for by a search of Kue's is not kept with a job.
 *
 * Returns: (transfer full) (nullable): one command; it has line breaks where the data have
 */
char *
cb_job_record_to_command (CbJobRecord *self, const char *server, const char *prefix, GError **error)
{
  g_autoptr (GString) command = g_string_new ("callboardctl");
  gsize length = 0;
  const char *data = self->data != NULL ? g_bytes_get_data (self->data, &length) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *queue = NULL;

  if (self->queue == NULL || data == NULL)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           self->queue == NULL ? _ ("No command can be made: the job has no queue.")
                                               : _ ("No command can be made: the job has no data."));
      return NULL;
    }
  if (!check_text (data, length,
                   _ ("No command can be made: the job’s data are bytes that are no text, which a command can’t carry."), error) ||
      !check_text (self->queue, strlen (self->queue),
                   _ ("No command can be made: the name of the queue has bytes that are no text, which a command can’t carry."), error))
    return NULL;
  if (length > MAX_DATA)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           _ ("No command can be made: more than 120 KiB of data are too much for one word of a shell. Save them, and use "
                              "--file instead."));
      return NULL;
    }
  text = g_strndup (data, length);
  if (!cb_json_check (text, (gssize) length, NULL))
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           _ ("No command can be made: the job’s data are no JSON, and “job create” makes no such job."));
      return NULL;
    }
  if (!check_backoff (self, error))
    return NULL;

  if (server != NULL)
    add_option (command, "server", server);
  if (prefix != NULL && strcmp (prefix, "q") != 0)
    add_option (command, "prefix", prefix);
  g_string_append (command, " job create");
  add_option (command, "data", text);
  if (!isnan (self->priority) && self->priority != 0)
    {
      g_autofree char *priority = cb_job_priority_to_text (self->priority);

      add_option (command, "priority", priority);
    }
  if (self->delay > 0 && self->meaning == CB_JOB_MEANING_DELAYED)
    add_number (command, "delay", self->delay / 1000);
  if (self->attempts_max > 1)
    add_number (command, "attempts", self->attempts_max);
  if (self->backoff != NULL)
    add_option (command, "backoff", self->backoff);
  if (self->ttl > 0)
    add_number (command, "ttl", self->ttl / 1000);
  if (self->remove_on_complete)
    g_string_append (command, " --remove-on-complete");

  queue = quote (self->queue);
  g_string_append_printf (command, " -- %s", queue);
  return g_string_free (g_steal_pointer (&command), FALSE);
}
