/* cb-command-message.c: publish, subscribe
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-commands.h"
#include "cb-subscriber.h"

#include <glib/gi18n.h>
#include <string.h>

static int
run_publish (CbCli *cli)
{
  const char *channel = cb_arguments_get_word (cli->arguments, 0);
  const char *message = cb_arguments_get_word (cli->arguments, 1);
  gint64 after_msec = cb_arguments_get_number (cli->arguments, "after", 0);
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  /* First, so that a server that is not there is told now and not after the delay. */
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  if (after_msec > 0 && !cb_cli_pause (cli, after_msec))
    return CB_EXIT_INTERRUPTED;

  if (!cli->json)
    {
      cb_cli_print (cli, "About to send %s\n", message);
      cb_cli_flush (cli);
    }

  reply = cb_cli_call (cli, cb_command_new ("PUBLISH", channel, message, NULL), &error);
  if (reply == NULL)
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      gint64 receivers = 0;

      cb_value_get_integer (cb_reply_get_value (reply), &receivers);
      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "message");
      cb_json_writer_string (writer, message, -1);
      cb_json_writer_name (writer, "receivers");
      cb_json_writer_int (writer, receivers);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }

  return CB_EXIT_DONE;
}

/* --- subscribe --- */

typedef struct
{
  CbCli *cli;
  const char *until;        /* (nullable) the message after which it ends */
  gboolean over;            /* that message has come */
  gboolean was_connected;
  gboolean wake;            /* there is something to look at */
} Subscription;

static void
write_bytes (CbJsonWriter *writer,
             const char *name,
             GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
}

static void
message_cb (CbSubscriber *subscriber,
            GBytes *pattern,
            GBytes *channel,
            GBytes *payload,
            Subscription *self)
{
  gsize length;
  const char *data = g_bytes_get_data (payload, &length);

  if (self->over)
    return;

  if (self->cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      write_bytes (writer, "channel", channel);
      if (pattern != NULL)
        write_bytes (writer, "pattern", pattern);
      write_bytes (writer, "message", payload);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (self->cli, writer);
    }
  else
    {
      cb_cli_write_value (self->cli, data, length);
      cb_cli_write (self->cli, "\n", 1);
    }
  cb_cli_flush (self->cli);

  if (self->until != NULL && length == strlen (self->until) && memcmp (data, self->until, length) == 0)
    self->over = self->wake = TRUE;
}

static void
connected_cb (CbSubscriber *subscriber,
              GParamSpec *pspec,
              Subscription *self)
{
  if (cb_subscriber_get_connected (subscriber))
    self->was_connected = TRUE;
}

static void
resumed_cb (CbSubscriber *subscriber,
            gint64 deaf_usec,
            Subscription *self)
{
  cb_cli_complain (self->cli, _("Listening again; messages of about %.1f s were missed"), (double) deaf_usec / 1e6);
}

static void
error_cb (CbSubscriber *subscriber,
          GParamSpec *pspec,
          Subscription *self)
{
  const char *message = cb_subscriber_get_error_message (subscriber);

  if (message == NULL || self->over)
    return;

  cb_cli_complain (self->cli, "%s", message);
  self->wake = TRUE;
}

/* Until the last message, or an interrupt. FALSE when the server lets us not listen; a loss is waited for. */
static gboolean
listen_to_all (Subscription *self)
{
  while (cb_cli_run_until (self->cli, &self->wake) && !self->over)
    {
      self->wake = FALSE;
      if (!self->was_connected && cb_cli_server_answers (self->cli))
        return FALSE;
    }

  return TRUE;
}

static void
subscribe_all (CbSubscriber *subscriber,
               CbArguments *arguments,
               gboolean on)
{
  const char * const *channels = cb_arguments_get_words (arguments, 0);
  const char * const *patterns = cb_arguments_get_list (arguments, "pattern");

  for (; *channels != NULL; channels++)
    if (on)
      cb_subscriber_subscribe (subscriber, *channels, -1);
    else
      cb_subscriber_unsubscribe (subscriber, *channels, -1);

  for (; patterns != NULL && *patterns != NULL; patterns++)
    if (on)
      cb_subscriber_psubscribe (subscriber, *patterns, -1);
    else
      cb_subscriber_punsubscribe (subscriber, *patterns, -1);
}

static int
run_subscribe (CbCli *cli)
{
  g_autoptr (CbSubscriber) subscriber = NULL;
  Subscription self = { .cli = cli };
  gboolean listened;
  int status;

  if (cb_arguments_get_length (cli->arguments) == 0 && !cb_arguments_has (cli->arguments, "pattern"))
    return cb_cli_tell_usage (cli, _("A channel or --pattern is missing"));
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  self.until = cb_arguments_get_text (cli->arguments, "until");
  subscriber = cb_subscriber_new (cli->address, "callboardctl");
  g_signal_connect (subscriber, "message", G_CALLBACK (message_cb), &self);
  g_signal_connect (subscriber, "resumed", G_CALLBACK (resumed_cb), &self);
  g_signal_connect (subscriber, "notify::connected", G_CALLBACK (connected_cb), &self);
  g_signal_connect (subscriber, "notify::error-message", G_CALLBACK (error_cb), &self);
  subscribe_all (subscriber, cli->arguments, TRUE);

  listened = listen_to_all (&self);

  g_signal_handlers_disconnect_by_data (subscriber, &self);
  subscribe_all (subscriber, cli->arguments, FALSE);
  cb_subscriber_close (subscriber);

  if (!listened)
    return CB_EXIT_FAILED;
  /* Without --until an interrupt is the way to end it. */
  return self.over || self.until == NULL ? CB_EXIT_DONE : CB_EXIT_INTERRUPTED;
}

static const CbOption publish_options[] = {
  { "after", CB_OPTION_NUMBER, "MS", N_("wait this long before it is sent"), 0, G_MAXINT },
  { NULL }
};

static const CbOption subscribe_options[] = {
  { "pattern", CB_OPTION_LIST, "P", N_("listen to all channels that match; may be given several times") },
  { "until", CB_OPTION_TEXT, "MESSAGE", N_("end after this message") },
  { NULL }
};

const CbCliCommand cb_command_message[] = {
  { .name = "publish",
    .usage = "CHANNEL MESSAGE",
    .summary = N_("Send a message to a channel"),
    .options = publish_options,
    .min_words = 2,
    .max_words = 2,
    .writes = TRUE,
    .run = run_publish },
  { .name = "subscribe",
    .usage = "CHANNEL…",
    .summary = N_("Print each message of channels as it comes"),
    .description = N_("Until it is interrupted, or after the message of --until. When the connection is lost it is "
                      "made again, and how long nothing was heard is told on standard error."),
    .options = subscribe_options,
    .max_words = -1,
    .run = run_subscribe },
  { NULL }
};
