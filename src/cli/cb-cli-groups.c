/* cb-cli-groups.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-groups.h"

#include "cb-cli-keys.h"
#include "cb-stream-groups.h"

#define MOST_GROUPS 100
#define MOST_PENDING 100

static char *
escape (const CbValue *value)
{
  g_autoptr (GBytes) bytes = cb_value_dup_bytes (value);

  return bytes != NULL ? cb_cli_keys_escape (bytes) : g_strdup ("");
}

static void
write_text (CbJsonWriter *writer,
            const char *name,
            const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, text != NULL ? text : "", text != NULL ? (gssize) length : 0);
}

static gint64
get_number (const CbValue *value)
{
  gint64 number;

  return cb_value_get_integer (value, &number) ? number : 0;
}

static void
write_number (CbJsonWriter *writer,
              const char *name,
              const CbValue *value)
{
  cb_json_writer_name (writer, name);
  cb_json_writer_int (writer, get_number (value));
}

/* { consumer, pending, idle ms } */
static void
show_consumer (CbCli *cli,
               const CbValue *consumer,
               CbJsonWriter *writer)
{
  g_autofree char *name = escape (cb_value_get_element (consumer, 0));
  guint n = (guint) get_number (cb_value_get_element (consumer, 1));

  if (writer == NULL)
    {
      /* Translators: a consumer of a stream's group: its name, entries it has, ms since it was heard of */
      cb_cli_print (cli, _("  consumer %s: %u pending, idle for %d ms\n"),
                    name, n, (int) MIN (get_number (cb_value_get_element (consumer, 2)), G_MAXINT));
      return;
    }
  cb_json_writer_begin_object (writer);
  write_text (writer, "name", cb_value_get_element (consumer, 0));
  write_number (writer, "pending", cb_value_get_element (consumer, 1));
  write_number (writer, "idle", cb_value_get_element (consumer, 2));
  cb_json_writer_end_object (writer);
}

/* { id, consumer, idle ms, deliveries, 1 or 0: still there } */
static void
show_entry (CbCli *cli,
            const CbValue *entry,
            CbJsonWriter *writer)
{
  g_autofree char *id = escape (cb_value_get_element (entry, 0));
  g_autofree char *consumer = escape (cb_value_get_element (entry, 1));
  gboolean deleted = get_number (cb_value_get_element (entry, 4)) == 0;
  guint n = (guint) get_number (cb_value_get_element (entry, 3));

  if (writer == NULL)
    {
      /* Translators: an entry of a stream: its id, the consumer that has it, how often it was delivered; "deleted" or nothing */
      cb_cli_print (cli, g_dngettext (NULL, "  pending %s: %s, delivered %u time%s\n", "  pending %s: %s, delivered %u times%s\n", n), id,
                    consumer, n, deleted ? _(", deleted meanwhile") : "");
      return;
    }
  cb_json_writer_begin_object (writer);
  write_text (writer, "id", cb_value_get_element (entry, 0));
  write_text (writer, "consumer", cb_value_get_element (entry, 1));
  write_number (writer, "idle", cb_value_get_element (entry, 2));
  write_number (writer, "deliveries", cb_value_get_element (entry, 3));
  cb_json_writer_name (writer, "deleted");
  cb_json_writer_boolean (writer, deleted);
  cb_json_writer_end_object (writer);
}

static int
show_group (CbCli *cli,
            GBytes *key,
            const CbValue *group,
            CbJsonWriter *writer)
{
  const CbValue *consumers = cb_value_get_element (group, 4);
  g_autoptr (GBytes) name = cb_value_dup_bytes (cb_value_get_element (group, 0));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  const CbValue *entries;

  cb_stream_pending_async (cli->connection, key, name, "-", MOST_PENDING, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  reply = cb_stream_pending_finish (cli->connection, result, &error);
  if (reply == NULL)
    return cb_cli_tell_error (cli, error);
  entries = cb_reply_get_value (reply);

  if (writer == NULL)
    {
      g_autofree char *shown = escape (cb_value_get_element (group, 0));
      g_autofree char *last = escape (cb_value_get_element (group, 1));
      guint n = (guint) get_number (cb_value_get_element (group, 2));

      cb_cli_print (cli, _("group %s: last delivered %s, %u pending\n"),
                    shown, last, n);
    }
  else
    {
      cb_json_writer_begin_object (writer);
      write_text (writer, "name", cb_value_get_element (group, 0));
      write_text (writer, "last_id", cb_value_get_element (group, 1));
      write_number (writer, "pending", cb_value_get_element (group, 2));
      cb_json_writer_name (writer, "consumers");
      cb_json_writer_begin_array (writer);
    }
  for (guint i = 0; i < cb_value_get_length (consumers); i++)
    show_consumer (cli, cb_value_get_element (consumers, i), writer);
  if (writer != NULL)
    {
      cb_json_writer_end_array (writer);
      cb_json_writer_name (writer, "entries");
      cb_json_writer_begin_array (writer);
    }
  for (guint i = 0; i < cb_value_get_length (entries); i++)
    show_entry (cli, cb_value_get_element (entries, i), writer);
  if (writer != NULL)
    {
      cb_json_writer_end_array (writer);
      cb_json_writer_end_object (writer);
    }
  if (get_number (cb_value_get_element (group, 2)) > MOST_PENDING)
    cb_cli_complain (cli, _("Only the first %d pending entries of a group are shown"), MOST_PENDING);
  return CB_EXIT_DONE;
}

int
cb_cli_groups_show (CbCli *cli,
                    GBytes *key,
                    CbJsonWriter *writer)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  const CbValue *groups;
  int status = CB_EXIT_DONE;

  cb_stream_groups_async (cli->connection, key, MOST_GROUPS, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  reply = cb_stream_groups_finish (cli->connection, result, &error);
  if (reply == NULL)
    return cb_cli_tell_error (cli, error);

  groups = cb_reply_get_value (reply);
  if (writer != NULL)
    {
      cb_json_writer_name (writer, "groups");
      cb_json_writer_begin_array (writer);
    }
  for (guint i = 0; i < cb_value_get_length (groups) && status == CB_EXIT_DONE && !cb_cli_is_interrupted (cli); i++)
    status = show_group (cli, key, cb_value_get_element (groups, i), writer);
  if (writer != NULL)
    cb_json_writer_end_array (writer);
  if (cb_value_get_length (groups) == MOST_GROUPS)
    cb_cli_complain (cli, _("Only the first %d groups are shown"), MOST_GROUPS);
  return status;
}
