/* cb-command-queue.c: queue list, queue setting
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-engines.h"
#include "cb-cli-jobs.h"
#include "cb-commands.h"

#include <glib/gi18n.h>

typedef struct
{
  CbCli *cli;
  guint n_printed;
  gboolean has_problem;
  gboolean is_table_begun;
} Listing;

/* --- printing --- */

static void
print_json_counts (Listing *self,
                   CbEngine *engine,
                   const CbQueueCounts *counts)
{
  /* Kue's states in the order of its own statistics; others behind them. */
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;
  const CbStateInfo *states;
  guint n_states;

  states = cb_engine_get_states (engine, &n_states);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "queue");
  cb_json_writer_string (writer, counts->queue != NULL ? counts->queue : "", -1);
  cb_json_writer_name (writer, "engine");
  cb_json_writer_string (writer, cb_engine_get_name (engine), -1);
  cb_json_writer_name (writer, "prefix");
  cb_json_writer_string (writer, cb_engine_get_prefix (engine), -1);
  cb_json_writer_name (writer, "counts");
  cb_json_writer_begin_object (writer);
  for (guint i = 0; i < n_states; i++)
    {
      cb_json_writer_name (writer, states[i].name);
      if (counts->counts[i] >= 0)
        cb_json_writer_int (writer, counts->counts[i]);
      else
        cb_json_writer_null (writer);
    }
  cb_json_writer_end_object (writer);
  if (counts->unregistered)
    {
      cb_json_writer_name (writer, "registered");
      cb_json_writer_boolean (writer, FALSE);
    }
  if (counts->problem != NULL)
    {
      cb_json_writer_name (writer, "problem");
      cb_json_writer_string (writer, counts->problem, -1);
    }
  cb_json_writer_end_object (writer);

  text = cb_json_writer_steal (writer);
  cb_cli_print (self->cli, "%s%s", self->n_printed > 0 ? "," : "", text);
}

/* @states: the columns behind the name, NULL for none. */
static void
begin_table (Listing *self,
             const CbStateInfo *states,
             guint n_states)
{
  g_autofree char *queue_title = cb_cli_pad (_("QUEUE"), 32);
  g_autofree char *engine_title = cb_cli_pad (_("ENGINE"), 8);
  g_autofree char *prefix_title = states != NULL ? cb_cli_pad (_("PREFIX"), 8) : g_strdup (_("PREFIX"));
  g_autoptr (GString) line = g_string_new (NULL);

  if (self->is_table_begun)
    return;

  g_string_append_printf (line, "%s %s %s", queue_title, engine_title, prefix_title);
  for (guint i = 0; i < n_states; i++)
    {
      g_autofree char *title = g_ascii_strup (states[i].name, -1);

      g_string_append_printf (line, " %9s", title);
    }
  cb_cli_print (self->cli, "%s\n", line->str);
  self->is_table_begun = TRUE;
}

static void
print_text_counts (Listing *self,
                   CbEngine *engine,
                   const CbQueueCounts *counts)
{
  g_autofree char *name = cb_text_display (counts->queue != NULL ? counts->queue : "", -1, TRUE);
  g_autofree char *prefix = cb_text_display (cb_engine_get_prefix (engine), -1, TRUE);
  g_autofree char *padded_name = cb_cli_pad (name, 32);
  g_autofree char *padded_prefix = cb_cli_pad (prefix, 8);
  g_autoptr (GString) line = g_string_new (NULL);
  const CbStateInfo *states;
  guint n_states;

  states = cb_engine_get_states (engine, &n_states);

  begin_table (self, states, n_states);
  g_string_append_printf (line, "%s %-8s %s", padded_name, cb_engine_get_name (engine), padded_prefix);
  for (guint i = 0; i < n_states; i++)
    if (counts->counts[i] >= 0)
      g_string_append_printf (line, " %9" G_GINT64_FORMAT, counts->counts[i]);
    else
      g_string_append_printf (line, " %9s", "?");
  cb_cli_print (self->cli, "%s\n", line->str);
}

static void
print_counts (Listing *self,
              CbEngine *engine,
              const CbQueueCounts *counts)
{
  if (self->cli->json)
    print_json_counts (self, engine, counts);
  else
    print_text_counts (self, engine, counts);
  self->n_printed++;

  if (counts->unregistered)
    cb_cli_complain (self->cli, _("Queue %s is not registered: Kue does not list it. “callboardctl doctor --repair” puts that right"),
                     counts->queue);
  if (counts->problem != NULL)
    {
      cb_cli_complain (self->cli, _("Queue %s: %s"), counts->queue, counts->problem);
      self->has_problem = TRUE;
    }
}

/* --- queues of other libraries --- */

static void
print_json_other (Listing *self,
                  CbOtherQueue *queue)
{
  GBytes *name = cb_other_queue_get_name (queue);
  GBytes *prefix = cb_other_queue_get_prefix (queue);
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "queue");
  cb_json_writer_string (writer, g_bytes_get_data (name, NULL), (gssize) g_bytes_get_size (name));
  cb_json_writer_name (writer, "engine");
  cb_json_writer_string (writer, cb_library_get_name (cb_other_queue_get_library (queue)), -1);
  cb_json_writer_name (writer, "prefix");
  if (g_bytes_get_size (prefix) > 0)
    cb_json_writer_string (writer, g_bytes_get_data (prefix, NULL), (gssize) g_bytes_get_size (prefix));
  else
    cb_json_writer_string (writer, "", 0);
  cb_json_writer_name (writer, "supported");
  cb_json_writer_boolean (writer, FALSE);
  cb_json_writer_name (writer, "counts");
  cb_json_writer_null (writer);
  cb_json_writer_end_object (writer);

  text = cb_json_writer_steal (writer);
  cb_cli_print (self->cli, "%s%s", self->n_printed > 0 ? "," : "", text);
}

static void
print_text_other (Listing *self,
                  CbOtherQueue *queue)
{
  g_autofree char *name = cb_other_queue_dup_label (queue);
  g_autofree char *prefix = cb_other_queue_dup_prefix_label (queue);
  g_autofree char *padded_name = cb_cli_pad (name, 32);

  begin_table (self, NULL, 0);
  cb_cli_print (self->cli, "%s %-8s%s%s\n", padded_name, cb_library_get_name (cb_other_queue_get_library (queue)), *prefix != '\0' ? " " : "",
                prefix);
}

static void
print_others (Listing *self,
              const CbDiscovery *found)
{
  for (guint i = 0; i < found->others->len; i++)
    {
      CbOtherQueue *queue = g_ptr_array_index (found->others, i);

      if (self->cli->json)
        print_json_other (self, queue);
      else
        print_text_other (self, queue);
      self->n_printed++;
    }
}

/* Whoever reads JSON has read it there. */
static void
explain_others (Listing *self,
                const CbDiscovery *found)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  const char *last = NULL;

  for (guint i = 0; i < found->others->len; i++)
    {
      const char *title = cb_library_get_title (cb_other_queue_get_library (g_ptr_array_index (found->others, i)));

      if (title != last)
        g_string_append_printf (titles, "%s%s", last != NULL ? ", " : "", title);
      last = title;
    }
  if (last != NULL && !self->cli->json)
    /* Translators: names of libraries */
    cb_cli_complain (self->cli, _("Callboard does not show jobs of these libraries yet: %s. “callboardctl keys” lists their keys"), titles->str);
  if (found->has_more)
    cb_cli_complain (self->cli, _("There may be more queues of other libraries: too many keys are called like theirs"));
}

/* --- listing --- */

static gboolean
list_engine (Listing *self,
             CbEngine *engine,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) queues = NULL;

  cb_engine_list_queues_async (engine, self->cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  queues = cb_engine_list_queues_finish (engine, result, error);
  if (queues == NULL)
    return FALSE;

  for (guint from = 0; from < queues->len && !cb_cli_is_interrupted (self->cli); from += CB_CLI_PORTION)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      g_autoptr (GAsyncResult) counted = NULL;
      g_autoptr (GPtrArray) counts = NULL;

      for (guint i = from; i < MIN (queues->len, from + CB_CLI_PORTION); i++)
        g_ptr_array_add (names, g_ptr_array_index (queues, i));
      g_ptr_array_add (names, NULL);

      cb_engine_count_async (engine, (const char * const *) names->pdata, self->cli->cancellable,
                             cb_cli_take_result, &counted);
      cb_cli_await (&counted);
      counts = cb_engine_count_finish (engine, counted, error);
      if (counts == NULL)
        return FALSE;

      for (guint i = 0; i < counts->len; i++)
        print_counts (self, engine, g_ptr_array_index (counts, i));
    }

  return TRUE;
}

static int
run_list (CbCli *cli)
{
  g_autoptr (GPtrArray) engines = NULL;
  g_autoptr (CbDiscovery) found = NULL;
  g_autoptr (GError) find_error = NULL;
  Listing self = { .cli = cli };
  int status = CB_EXIT_DONE;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  status = CB_EXIT_DONE;
  engines = cb_cli_find_engines (cli, &found, &find_error);
  if (engines == NULL)
    return cb_cli_tell_error (cli, find_error);

  if (cli->json)
    cb_cli_print (cli, "[");
  for (guint i = 0; i < engines->len && status != CB_EXIT_NO_CONNECTION; i++)
    {
      g_autoptr (GError) error = NULL;

      /* What one engine can't tell does not keep the others from being shown. */
      if (!list_engine (&self, g_ptr_array_index (engines, i), &error))
        status = cb_cli_tell_error (cli, error);
    }
  if (found != NULL && status != CB_EXIT_NO_CONNECTION && !cb_cli_is_interrupted (cli))
    print_others (&self, found);
  if (cli->json)
    cb_cli_print (cli, "]\n");
  if (found != NULL)
    explain_others (&self, found);

  /* An empty table could be taken for a queue without jobs. */
  if (status == CB_EXIT_DONE && self.n_printed == 0 && !cli->json && !cb_cli_is_interrupted (cli))
    {
      if (cli->has_prefix)
        cb_cli_complain (cli, _("There is no queue with the prefix “%s”"), cli->prefix);
      else
        cb_cli_complain (cli, _("There is no queue in this database"));
    }

  if (status == CB_EXIT_DONE && self.has_problem)
    status = CB_EXIT_FAILED;

  return status;
}

/* --- settings --- */

static int
run_setting (CbCli *cli)
{
  const char *name = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GError) error = NULL;
  int status = CB_EXIT_DONE;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  cb_engine_get_setting_async (cb_cli_get_engine (cli), name, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  value = cb_engine_get_setting_finish (cli->engine, result, &error);
  if (error != NULL)
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      if (value != NULL)
        cb_json_writer_string (writer, g_bytes_get_data (value, NULL), g_bytes_get_size (value));
      else
        cb_json_writer_null (writer);
      cb_cli_print_json (cli, writer);
      return CB_EXIT_DONE;
    }

  if (value == NULL)
    {
      cb_cli_complain (cli, _("There is no setting “%s” with the prefix “%s”"), name, cli->prefix);
      return CB_EXIT_FAILED;
    }
  cb_cli_write_value (cli, g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  cb_cli_print (cli, "\n");

  return CB_EXIT_DONE;
}

const CbCliCommand cb_command_queue[] = {
  { .name = "queue list",
    .usage = "",
    .summary = N_("Print the queues with how many jobs are in each state"),
    .description = N_("Without --prefix, the queues of every prefix that is found, and by name only those of other libraries than Kue."),
    .run = run_list },
  { .name = "queue setting",
    .usage = "NAME",
    .summary = N_("Print one of the settings that programs keep beside their queues"),
    .min_words = 1,
    .max_words = 1,
    .run = run_setting },
  { NULL }
};
