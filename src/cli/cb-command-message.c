/* cb-command-message.c: publish, subscribe
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-commands.h"
#include "cb-message-line.h"
#include "cb-publication.h"

#include <glib/gi18n.h>
#include <string.h>

/* --- publish --- */

typedef struct
{
  CbCli *cli;
  gboolean over;
  GError *error;            /* (owned) (nullable) */
} Publishing;

static void
sent_cb (CbPublication *publication,
         gint64 receivers,
         Publishing *self)
{
  const char *message = cb_arguments_get_word (self->cli->arguments, 1);

  if (self->cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "message");
      cb_json_writer_string (writer, message, -1);
      cb_json_writer_name (writer, "receivers");
      cb_json_writer_int (writer, receivers);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (self->cli, writer);
      cb_cli_flush (self->cli);
    }
}

static void
ended_cb (CbPublication *publication,
          const GError *error,
          Publishing *self)
{
  self->over = TRUE;
  if (error != NULL)
    self->error = g_error_copy (error);
}

static int
run_publish (CbCli *cli)
{
  const char *channel = cb_arguments_get_word (cli->arguments, 0);
  const char *message = cb_arguments_get_word (cli->arguments, 1);
  gint64 after_msec = cb_arguments_get_number (cli->arguments, "after", 0);
  g_autoptr (CbPublication) publication = NULL;
  g_autoptr (GBytes) channel_bytes = g_bytes_new (channel, strlen (channel));
  g_autoptr (GBytes) message_bytes = g_bytes_new (message, strlen (message));
  g_autoptr (GError) error = NULL;
  Publishing self = { .cli = cli };
  CbPublicationPlan plan = { .channel = channel_bytes,
                             .payload = message_bytes,
                             .sharded = cb_arguments_has (cli->arguments, "sharded"),
                             .interval_msec = cb_arguments_get_number (cli->arguments, "interval", 1000),
                             .n_times = (guint64) cb_arguments_get_number (cli->arguments, "repeat", 1) };
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

  publication = cb_publication_new (cli->connection, &plan);
  g_signal_connect (publication, "sent", G_CALLBACK (sent_cb), &self);
  g_signal_connect (publication, "ended", G_CALLBACK (ended_cb), &self);
  cb_publication_start (publication);
  cb_cli_run_until (cli, &self.over);
  g_signal_handlers_disconnect_by_data (publication, &self);
  cb_publication_stop (publication);

  error = g_steal_pointer (&self.error);
  if (error != NULL)
    return cb_cli_tell_error (cli, error);
  /* Without an end an interrupt is the way to end it. */
  return self.over || plan.n_times == 0 ? CB_EXIT_DONE : CB_EXIT_INTERRUPTED;
}

/* --- subscribe --- */

typedef struct
{
  CbCli *cli;
  const char *until;        /* (nullable) the message after which it ends */
  GOutputStream *file;      /* (owned) (nullable) */
  GError *file_error;       /* (owned) (nullable) */
  char *lost_why;           /* (owned) (nullable) */
  gboolean over;            /* that message has come */
  gboolean was_connected;
  gboolean wake;            /* there is something to look at */
} Subscription;

static void
write_value (CbJsonWriter *writer,
             const char *name,
             const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, text, (gssize) length);
}

/* Line by line: whatever becomes of us, what was heard is there. */
static void
save (Subscription *self,
      const CbHeard *heard)
{
  g_autoptr (GString) line = NULL;

  if (self->file == NULL || self->file_error != NULL)
    return;

  line = g_string_new (NULL);
  cb_message_line_write (line, heard);
  if (!g_output_stream_write_all (self->file, line->str, line->len, NULL, NULL, &self->file_error))
    self->over = self->wake = TRUE;
}

static void
print_message (Subscription *self,
               CbTopicKind kind,
               CbReply *reply)
{
  const CbValue *payload = cb_message_reply_get_payload (reply, kind);
  gsize length;
  const char *data = cb_value_get_string (payload, &length);

  if (self->cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      write_value (writer, "channel", cb_message_reply_get_channel (reply, kind));
      if (kind == CB_TOPIC_PATTERN)
        write_value (writer, "pattern", cb_message_reply_get_pattern (reply, kind));
      write_value (writer, "message", payload);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (self->cli, writer);
    }
  else
    {
      cb_cli_write_value (self->cli, data, length);
      cb_cli_write (self->cli, "\n", 1);
    }
  cb_cli_flush (self->cli);
}

static void
message_cb (CbSubscriber *subscriber,
            CbTopicKind kind,
            CbReply *reply,
            gpointer data)
{
  Subscription *self = data;
  const CbValue *payload = cb_message_reply_get_payload (reply, kind);
  CbHeard heard;

  if (self->over)
    return;

  cb_heard_init_message (&heard, kind, reply, g_get_real_time ());
  save (self, &heard);
  cb_heard_clear (&heard);
  print_message (self, kind, reply);

  if (self->until != NULL && cb_value_equal_string (payload, self->until))
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
lost_cb (CbSubscriber *subscriber,
         const GError *error,
         Subscription *self)
{
  g_free (self->lost_why);
  self->lost_why = g_strdup (error->message);
}

static void
resumed_cb (CbSubscriber *subscriber,
            gint64 deaf_usec,
            Subscription *self)
{
  CbHeard heard;

  cb_heard_init_gap (&heard, self->lost_why != NULL ? self->lost_why : "", g_get_real_time () - deaf_usec, deaf_usec);
  save (self, &heard);
  cb_heard_clear (&heard);
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
  CbTopicKind kind = cb_arguments_has (arguments, "sharded") ? CB_TOPIC_SHARD : CB_TOPIC_CHANNEL;

  for (; *channels != NULL; channels++)
    if (on)
      cb_subscriber_subscribe_to (subscriber, kind, *channels, -1);
    else
      cb_subscriber_unsubscribe_from (subscriber, kind, *channels, -1);

  for (; patterns != NULL && *patterns != NULL; patterns++)
    if (on)
      cb_subscriber_psubscribe (subscriber, *patterns, -1);
    else
      cb_subscriber_punsubscribe (subscriber, *patterns, -1);
}

/* FALSE, and told, when the file of --save can't be written. */
static gboolean
open_file (Subscription *self)
{
  const char *path = cb_arguments_get_text (self->cli->arguments, "save");
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return TRUE;

  file = g_file_new_for_commandline_arg (path);
  self->file = G_OUTPUT_STREAM (g_file_append_to (file, G_FILE_CREATE_PRIVATE, NULL, &error));
  if (self->file == NULL)
    cb_cli_tell_error (self->cli, error);
  return self->file != NULL;
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
  if (!open_file (&self))
    return CB_EXIT_FAILED;

  self.until = cb_arguments_get_text (cli->arguments, "until");
  subscriber = cb_subscriber_new (cli->address, "callboardctl");
  cb_subscriber_set_message_func (subscriber, message_cb, &self);
  g_signal_connect (subscriber, "lost", G_CALLBACK (lost_cb), &self);
  g_signal_connect (subscriber, "resumed", G_CALLBACK (resumed_cb), &self);
  g_signal_connect (subscriber, "notify::connected", G_CALLBACK (connected_cb), &self);
  g_signal_connect (subscriber, "notify::error-message", G_CALLBACK (error_cb), &self);
  subscribe_all (subscriber, cli->arguments, TRUE);

  listened = listen_to_all (&self);

  g_signal_handlers_disconnect_by_data (subscriber, &self);
  cb_subscriber_set_message_func (subscriber, NULL, NULL);
  subscribe_all (subscriber, cli->arguments, FALSE);
  cb_subscriber_close (subscriber);
  g_free (self.lost_why);
  if (self.file != NULL && self.file_error == NULL)
    g_output_stream_close (self.file, NULL, &self.file_error);
  g_clear_object (&self.file);

  if (self.file_error != NULL)
    {
      g_autoptr (GError) error = self.file_error;

      cb_cli_tell_error (cli, error);
      return CB_EXIT_FAILED;
    }
  if (!listened)
    return CB_EXIT_FAILED;
  /* Without --until an interrupt is the way to end it. */
  return self.over || self.until == NULL ? CB_EXIT_DONE : CB_EXIT_INTERRUPTED;
}

static const CbOption publish_options[] = {
  { "after", CB_OPTION_NUMBER, "MS", N_("wait this long before it is sent"), 0, G_MAXINT },
  { "repeat", CB_OPTION_NUMBER, "N", N_("send it so many times; 0: until interrupted"), 0, G_MAXINT },
  { "interval", CB_OPTION_NUMBER, "MS", N_("wait this long between two (default: 1000)"), 1, G_MAXINT },
  { "sharded", CB_OPTION_FLAG, NULL, N_("to a sharded channel") },
  { NULL }
};

static const CbOption subscribe_options[] = {
  { "pattern", CB_OPTION_LIST, "P", N_("listen to all channels that match; may be given several times") },
  { "sharded", CB_OPTION_FLAG, NULL, N_("the channels are sharded ones") },
  { "until", CB_OPTION_TEXT, "MESSAGE", N_("end after this message") },
  { "save", CB_OPTION_TEXT, "FILE", N_("append each message to the file, as a line of JSON") },
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
