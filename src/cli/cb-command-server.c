/* cb-command-server.c: server start, server stop, server status, server info
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-commands.h"

#include <glib/gi18n.h>

#include "cb-server-watch.h"

static void
print_json (CbCli *cli,
            CbPrivateServer *server,
            int pid)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "running");
  cb_json_writer_boolean (writer, pid > 0);
  if (pid > 0)
    {
      g_autofree char *uri = cb_address_to_uri (cb_private_server_get_address (server));

      cb_json_writer_name (writer, "pid");
      cb_json_writer_int (writer, pid);
      cb_json_writer_name (writer, "server");
      cb_json_writer_string (writer, uri, -1);
    }
  cb_json_writer_name (writer, "directory");
  cb_json_writer_string (writer, cb_private_server_get_directory (server), -1);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static int
read_pid (CbPrivateServer *server,
          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_private_server_status_async (server, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);

  return cb_private_server_status_finish (server, result, error);
}

static int
print_status (CbCli *cli,
              CbPrivateServer *server,
              gboolean *running)
{
  g_autoptr (GError) error = NULL;
  int pid = read_pid (server, &error);

  *running = pid > 0;
  if (error != NULL)
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    print_json (cli, server, pid);
  else if (pid > 0)
    {
      g_autofree char *uri = cb_address_to_uri (cb_private_server_get_address (server));
      g_autofree char *shown = cb_text_display (uri, -1, TRUE);

      cb_cli_print (cli, _("The private server is running at %s (process %d)\n"), shown, pid);
    }
  else
    cb_cli_print (cli, _("The private server is not running\n"));

  return CB_EXIT_DONE;
}

/* These are about the private server only; one that was named is somebody else's. */
static gboolean
refuse_named_server (CbCli *cli,
                     int *status)
{
  if (!cb_arguments_has (cli->arguments, "server"))
    return FALSE;

  *status = cb_cli_tell_usage (cli, _("“%s” is about the private server and takes no --server"), cli->command->name);
  return TRUE;
}

static int
run_start (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean running;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  cb_private_server_set_stay (server, TRUE);
  cb_private_server_start_async (server, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_start_finish (server, result, &error))
    return cb_cli_tell_error (cli, error);

  status = print_status (cli, server, &running);
  /* Left like any other user leaves it: it was told to stay. */
  cli->private_server = g_steal_pointer (&server);

  return status;
}

static int
run_stop (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  cb_private_server_stop_async (server, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_stop_finish (server, result, &error))
    {
      cb_cli_tell_error (cli, error);
      return CB_EXIT_FAILED;
    }

  if (cli->json)
    print_json (cli, server, 0);
  else
    cb_cli_print (cli, _("The private server was stopped\n"));

  return CB_EXIT_DONE;
}

static int
run_status (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  gboolean running;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  status = print_status (cli, server, &running);

  return status == CB_EXIT_DONE && !running ? CB_EXIT_FAILED : status;
}

/* --- server info --- */

/* What is shown of INFO, in this order; whoever wants the rest has `call INFO`. */
static const char * const shown_fields[] = {
  "redis_version", "redis_mode", "uptime_in_seconds", "role", "connected_clients", "blocked_clients", "used_memory", "used_memory_rss",
  "maxmemory", "maxmemory_policy", "mem_fragmentation_ratio", "total_commands_processed", "instantaneous_ops_per_sec", "keyspace_hits",
  "keyspace_misses", "expired_keys", "evicted_keys", "rejected_connections", "aof_enabled", "rdb_last_save_time",
  "rdb_last_bgsave_status", "rdb_changes_since_last_save",
};

static void
print_info_json (CbCli *cli,
                 const CbServerInfo *info,
                 GPtrArray *findings)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "server");
  cb_json_writer_string (writer, cb_address_get_label (cli->address), -1);
  for (guint i = 0; i < G_N_ELEMENTS (shown_fields); i++)
    {
      const char *text = cb_server_info_get (info, shown_fields[i]);
      gint64 count = cb_server_info_get_count (info, shown_fields[i]);

      if (text == NULL)
        continue;
      cb_json_writer_name (writer, shown_fields[i]);
      if (count >= 0)
        cb_json_writer_int (writer, count);
      else
        cb_json_writer_string (writer, text, -1);
    }

  cb_json_writer_name (writer, "databases");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < cb_server_info_get_n_databases (info); i++)
    {
      const CbServerDatabase *database = cb_server_info_get_database (info, i);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "number");
      cb_json_writer_int (writer, database->number);
      cb_json_writer_name (writer, "keys");
      cb_json_writer_int (writer, database->keys);
      cb_json_writer_name (writer, "expires");
      cb_json_writer_int (writer, MAX (database->expires, 0));
      cb_json_writer_end_object (writer);
    }
  cb_json_writer_end_array (writer);

  cb_json_writer_name (writer, "findings");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < findings->len; i++)
    {
      const CbServerFinding *finding = g_ptr_array_index (findings, i);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "name");
      cb_json_writer_string (writer, finding->name, -1);
      cb_json_writer_name (writer, "severity");
      cb_json_writer_string (writer, cb_server_severity_to_string (finding->severity), -1);
      cb_json_writer_name (writer, "text");
      cb_json_writer_string (writer, finding->text, -1);
      cb_json_writer_name (writer, "advice");
      cb_json_writer_string (writer, finding->advice, -1);
      cb_json_writer_end_object (writer);
    }
  cb_json_writer_end_array (writer);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static void
print_info (CbCli *cli,
            const CbServerInfo *info,
            GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const CbServerFinding *finding = g_ptr_array_index (findings, i);

      cb_cli_print (cli, "%s: %s\n    %s\n", _(cb_server_severity_to_string (finding->severity)), finding->text, finding->advice);
    }
  if (findings->len == 0)
    cb_cli_print (cli, _("Nothing is unusual\n"));

  for (guint i = 0; i < G_N_ELEMENTS (shown_fields); i++)
    {
      const char *text = cb_server_info_get (info, shown_fields[i]);

      if (text != NULL)
        cb_cli_print (cli, "%-28s %s\n", shown_fields[i], text);
    }
  for (guint i = 0; i < cb_server_info_get_n_databases (info); i++)
    {
      const CbServerDatabase *database = cb_server_info_get_database (info, i);
      g_autofree char *name = g_strdup_printf ("db%u", database->number);

      cb_cli_print (cli, "%-28s keys=%" G_GINT64_FORMAT ",expires=%" G_GINT64_FORMAT "\n", name, database->keys,
                    MAX (database->expires, 0));
    }
}

static int
run_info (CbCli *cli)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (CbServerInfo) info = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *save = NULL;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  cb_connection_pipeline_async (cli->connection, cb_server_look_new (TRUE), cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  replies = cb_connection_pipeline_finish (cli->connection, result, &error);
  if (replies != NULL)
    info = cb_server_look_take (replies, &save, &error);
  if (info == NULL)
    return cb_cli_tell_error (cli, error);

  findings = cb_server_find (info, NULL, save, cb_connection_get_server_time (cli->connection));
  if (cli->json)
    print_info_json (cli, info, findings);
  else
    print_info (cli, info, findings);

  return CB_EXIT_DONE;
}

const CbCliCommand cb_command_server[] = {
  { .name = "server start",
    .usage = "",
    .summary = N_("Start the private server and let it run"),
    .run = run_start },
  { .name = "server stop",
    .usage = "",
    .summary = N_("Stop the private server"),
    .writes = TRUE,
    .run = run_stop },
  { .name = "server status",
    .usage = "",
    .summary = N_("Tell whether the private server runs; status 1 when it does not"),
    .run = run_status },
  { .name = "server info",
    .usage = "",
    .summary = N_("Tell how a server is, and what is unusual about it"),
    .description = N_("Says in words what is unusual about the server of --server (or of CALLBOARD_SERVER, or else the private server): full or\n"
                      "fragmented memory, evicted keys, snapshots that fail or are switched off, replicas without a link, connections that\n"
                      "were turned away; each with what to do. Then the main figures of INFO. Writes nothing."),
    .run = run_info },
  { NULL }
};
