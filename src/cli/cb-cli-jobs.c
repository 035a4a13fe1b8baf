/* cb-cli-jobs.c: walking over jobs, and jobs as text
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"

#include <glib/gi18n.h>
#include <string.h>

/**
 * cb_cli_check_state:
 * @state: (nullable): what --state said
 *
 * Returns: whether the engine has that state; if not, it is told with those there are
 */
gboolean
cb_cli_check_state (CbCli *cli,
                    const char *state,
                    int *status)
{
  CbEngine *engine = cb_cli_get_engine (cli);
  g_autoptr (GString) names = NULL;
  const CbStateInfo *states;
  guint n_states;

  if (state == NULL || cb_engine_find_state (engine, state) >= 0)
    return TRUE;

  states = cb_engine_get_states (engine, &n_states);
  names = g_string_new (NULL);
  for (guint i = 0; i < n_states; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", states[i].name);

  *status = cb_cli_tell_usage (cli, _("--state must be one of %s, not “%s”"), names->str, state);
  return FALSE;
}

/**
 * cb_cli_get_filter:
 * @filter: (out) (nullable): what the options say; %NULL when they are not given
 *
 * Returns: %FALSE when one of them is wrong; it is told why
 */
gboolean
cb_cli_get_filter (CbCli *cli,
                   CbJobFilter **filter,
                   int *status)
{
  const char *text = cb_arguments_get_text (cli->arguments, "filter");
  const char *older = cb_arguments_get_text (cli->arguments, "older-than");
  g_autofree char *both = g_strconcat (text != NULL ? text : "", older != NULL ? " age>" : "", older, NULL);
  g_autoptr (CbJobFilter) alone = NULL;
  g_autoptr (GError) error = NULL;
  gsize at, length;

  *filter = NULL;
  if (text == NULL && older == NULL)
    return TRUE;

  /* By itself first, so that it is named, and is not taken for more than one term. */
  if (older != NULL)
    {
      g_autofree char *age = g_strconcat ("age>", older, NULL);

      alone = strpbrk (older, " \t\n\"") == NULL ? cb_job_filter_parse (age, NULL, NULL, NULL) : NULL;
      if (alone == NULL)
        {
          *status = cb_cli_tell_usage (cli, _("--older-than takes a time like 90s, 2h or 1d12h, not “%s”"), older);
          return FALSE;
        }
    }

  *filter = cb_job_filter_parse (both, &at, &length, &error);
  if (*filter == NULL)
    {
      g_autofree char *part = g_strndup (both + at, MIN (length, strlen (both + at)));
      g_autofree char *shown = cb_text_display (part, -1, TRUE);

      *status = cb_cli_tell_usage (cli, "--filter, “%s”: %s", shown, error->message);
      return FALSE;
    }

  return TRUE;
}

static CbJobPage *
read_page (CbCli *cli,
           const char *queue,
           const char *state,
           gint64 offset,
           guint limit,
           gboolean reversed,
           GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  CbEngine *engine = cb_cli_get_engine (cli);

  cb_engine_page_async (engine, queue, state, offset, limit, reversed, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);

  return cb_engine_page_finish (engine, result, error);
}

/**
 * cb_cli_each_job:
 * @queue: (nullable): the type, or all
 * @state: (nullable): the state, or all
 * @from: the first position, 0 being the first in the order asked for; negative: from the end, -1 being the last
 * @to: the last position, in the same way
 *
 * Walks over the jobs page by page, so that a million of them need no more memory than one page. The set is not
 * frozen: jobs that come and go meanwhile may be left out or come twice.
 *
 * Returns: %FALSE with any error of cb_engine_page_async()
 */
gboolean
cb_cli_each_job (CbCli *cli,
                 const char *queue,
                 const char *state,
                 gint64 from,
                 gint64 to,
                 gboolean reversed,
                 CbCliJobFunc func,
                 gpointer user_data,
                 GError **error)
{
  if (from < 0 || to < -1)
    {
      g_autoptr (CbJobPage) page = read_page (cli, queue, state, 0, 1, reversed, error);

      if (page == NULL)
        return FALSE;
      if (from < 0)
        from = MAX (page->total + from, 0);
      if (to < -1)
        {
          to = page->total + to;
          if (to < 0)
            return TRUE;
        }
    }

  while (to == -1 || from <= to)
    {
      guint limit = to == -1 ? CB_CLI_PORTION : (guint) MIN (to - from + 1, CB_CLI_PORTION);
      g_autoptr (CbJobPage) page = read_page (cli, queue, state, from, limit, reversed, error);

      if (page == NULL)
        return FALSE;

      for (guint i = 0; i < page->records->len; i++)
        if (!func (cli, g_ptr_array_index (page->records, i), user_data))
          return TRUE;

      if (page->records->len == 0)
        return TRUE;
      from += page->records->len;
      if (from >= page->total)
        return TRUE;
    }

  return TRUE;
}

/* --- JSON --- */

void
cb_cli_write_bytes (CbJsonWriter *writer,
                    GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
}

/* --- text --- */

char *
cb_cli_format_time (gint64 usec)
{
  g_autoptr (GDateTime) time = NULL;

  if (usec < 0)
    return g_strdup ("");

  time = g_date_time_new_from_unix_local (usec / G_USEC_PER_SEC);
  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S") : g_strdup ("?");
}

char *
cb_cli_format_duration (gint64 usec)
{
  gint64 msec = usec / 1000;
  gint64 seconds = msec / 1000;

  if (msec < 1000)
    return g_strdup_printf (_("%d ms"), (int) msec);
  if (seconds < 60)
    return g_strdup_printf (_("%.1f s"), (double) msec / 1000);
  if (seconds < 60 * 60)
    return g_strdup_printf (_("%d min %d s"), (int) (seconds / 60), (int) (seconds % 60));
  if (seconds < 24 * 60 * 60)
    return g_strdup_printf (_("%d h %d min"), (int) (seconds / 3600), (int) (seconds / 60 % 60));

  return g_strdup_printf (_("%d d %d h"), (int) MIN (seconds / 86400, G_MAXINT), (int) (seconds / 3600 % 24));
}

/* Times and delays go by the server's clock in any case, so this is news and no problem. */
#define CLOCKS_DIFFER_USEC (2 * G_TIME_SPAN_SECOND)

void
cb_cli_tell_clock (CbCli *cli)
{
  gint64 offset = cb_connection_get_clock_offset (cli->connection);
  /* It was measured over the way there and back. */
  gint64 seconds = (ABS (offset) + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
  g_autofree char *much = cb_cli_format_duration (seconds * G_USEC_PER_SEC);

  if (offset > CLOCKS_DIFFER_USEC)
    cb_cli_complain (cli, _("The server’s clock is %s ahead of this machine’s. Jobs go by the server’s."), much);
  else if (offset < -CLOCKS_DIFFER_USEC)
    cb_cli_complain (cli, _("The server’s clock is %s behind this machine’s. Jobs go by the server’s."), much);
}

/* How many places of a terminal a text takes: East Asian characters take two, combining ones none. */
static int
measure (const char *text)
{
  int width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      width += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }

  return width;
}

char *
cb_cli_pad (const char *text,
            int width)
{
  return g_strdup_printf ("%s%*s", text, MAX (width - measure (text), 0), "");
}

/* "fixed:1000" and "exponential:1000:60000" are short for the JSON that is stored. */
char *
cb_cli_expand_backoff (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  GString *json;

  if (g_strcmp0 (parts[0], "fixed") != 0 && g_strcmp0 (parts[0], "exponential") != 0)
    return g_strdup (text);
  for (guint i = 1; parts[i] != NULL; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXINT64, NULL, NULL))
      return g_strdup (text);

  json = g_string_new (NULL);
  g_string_append_printf (json, "{\"type\":\"%s\"", parts[0]);
  if (parts[1] != NULL)
    g_string_append_printf (json, ",\"delay\":%s", parts[1]);
  if (parts[1] != NULL && parts[2] != NULL)
    g_string_append_printf (json, ",\"maxDelay\":%s", parts[2]);
  g_string_append_c (json, '}');

  return g_string_free (json, FALSE);
}

void
cb_cli_tell_no_undo (CbCli *cli,
                     CbBulk *bulk)
{
  if (cb_bulk_get_n_not_kept (bulk) > 0)
    cb_cli_complain (cli, _("With --no-undo it is done without being written down, and can’t be undone then"));
}
