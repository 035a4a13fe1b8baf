/* cb-command-replay.c: replay, channels
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-channel-offers.h"
#include "cb-commands.h"
#include "cb-replay.h"

#include <glib/gi18n.h>
#include <string.h>

/* --- replay --- */

/* "2", "0.5" or "max"; FALSE for anything else. */
static gboolean
parse_speed (const char *text,
             double *speed)
{
  char *end;

  *speed = 1;
  if (text == NULL)
    return TRUE;
  if (strcmp (text, "max") == 0)
    {
      *speed = 0;
      return TRUE;
    }
  *speed = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *speed > 0 && *speed <= 1e6;
}

static int
run_replay (CbCli *cli)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (cb_arguments_get_word (cli->arguments, 0));
  g_autoptr (CbReplay) replay = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;
  double speed;
  gboolean done;
  int status;

  if (!parse_speed (cb_arguments_get_text (cli->arguments, "speed"), &speed))
    return cb_cli_tell_usage (cli, _("--speed must be a number above 0, or max"));
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  replay = cb_replay_new (cli->connection, file, speed);
  cb_replay_run_async (replay, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  done = cb_replay_run_finish (replay, result, &error);
  g_object_unref (result);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "sent");
      cb_json_writer_int (writer, (gint64) cb_replay_get_n_sent (replay));
      cb_json_writer_name (writer, "receivers");
      cb_json_writer_int (writer, (gint64) cb_replay_get_n_receivers (replay));
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      g_autofree char *sent = g_strdup_printf ("%" G_GUINT64_FORMAT, cb_replay_get_n_sent (replay));
      g_autofree char *received = g_strdup_printf ("%" G_GUINT64_FORMAT, cb_replay_get_n_receivers (replay));

      /* Translators: two numbers */
      cb_cli_print (cli, _("%s sent, received %s times"), sent, received);
      cb_cli_print (cli, "\n");
    }

  if (done)
    return CB_EXIT_DONE;
  if (cb_cli_is_interrupted (cli))
    return CB_EXIT_INTERRUPTED;
  return cb_cli_tell_error (cli, error);
}

/* --- channels --- */

static void
print_offer (CbCli *cli,
             const CbChannelOffer *offer)
{
  gsize length;
  const char *name = g_bytes_get_data (offer->name, &length);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "channel");
      cb_json_writer_string (writer, name != NULL ? name : "", (gssize) length);
      cb_json_writer_name (writer, "subscribers");
      cb_json_writer_int (writer, offer->n_subscribers);
      if (offer->kind == CB_TOPIC_SHARD)
        {
          cb_json_writer_name (writer, "sharded");
          cb_json_writer_boolean (writer, TRUE);
        }
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
      return;
    }

  cb_cli_print (cli, "%8" G_GINT64_FORMAT "  ", offer->n_subscribers);
  cb_cli_write_value (cli, name != NULL ? name : "", length);
  cb_cli_print (cli, "%s\n", offer->kind == CB_TOPIC_SHARD ? _("  (sharded)") : "");
}

static int
run_channels (CbCli *cli)
{
  const char *part = cb_arguments_get_length (cli->arguments) > 0 ? cb_arguments_get_word (cli->arguments, 0) : "";
  g_autoptr (CbChannelOffers) offers = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  cb_channel_offers_get_async (cli->connection, part, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  offers = cb_channel_offers_get_finish (cli->connection, result, &error);
  g_object_unref (result);
  if (offers == NULL)
    return cb_cli_tell_error (cli, error);

  for (guint i = 0; i < offers->channels->len; i++)
    print_offer (cli, g_ptr_array_index (offers->channels, i));
  if (offers->n_left_out > 0)
    cb_cli_complain (cli, ngettext ("%u more channel is left out: name a part of what is wanted",
                                    "%u more channels are left out: name a part of what is wanted", offers->n_left_out),
                     offers->n_left_out);
  if (offers->n_patterns > 0)
    cb_cli_complain (cli, ngettext ("There is also %u subscription to a pattern", "There are also %u subscriptions to patterns",
                                    (gulong) offers->n_patterns), (guint) offers->n_patterns);
  return CB_EXIT_DONE;
}

static const CbOption replay_options[] = {
  { "speed", CB_OPTION_TEXT, "X", N_("2: twice as fast as it was; max: as fast as it goes (default: 1)") },
  { NULL }
};

const CbCliCommand cb_command_replay[] = {
  { .name = "replay",
    .usage = "FILE",
    .summary = N_("Publish again what subscribe --save has saved"),
    .description = N_("In its order and as far apart as it came. It ends at the first line that is no message."),
    .options = replay_options,
    .min_words = 1,
    .max_words = 1,
    .writes = TRUE,
    .run = run_replay },
  { .name = "channels",
    .usage = "[PART]",
    .summary = N_("Print the channels that somebody is subscribed to, with how many"),
    .description = N_("At most 200; PART is what is in their names. A channel without a subscriber is not known to the server."),
    .max_words = 1,
    .run = run_channels },
  { NULL }
};
