/* cb-channel-offers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-channel-offers.h"

#include <string.h>

static void
offer_free (gpointer data)
{
  CbChannelOffer *offer = data;

  g_bytes_unref (offer->name);
  g_free (offer);
}

void
cb_channel_offers_free (CbChannelOffers *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->channels);
  g_free (self);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const CbChannelOffer *first = *(const CbChannelOffer * const *) a;
  const CbChannelOffer *second = *(const CbChannelOffer * const *) b;
  int order = g_bytes_compare (first->name, second->name);

  return order != 0 ? order : (int) first->kind - (int) second->kind;
}

static void
take_names (CbChannelOffers *self,
            CbTopicKind      kind,
            CbReply         *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  guint n = cb_value_get_length (value);

  for (guint i = 0; i < n; i++)
    {
      CbChannelOffer *offer;

      if (cb_value_get_string (cb_value_get_element (value, i), NULL) == NULL)
        continue;
      if (self->channels->len >= CB_CHANNEL_OFFERS_MAX)
        {
          self->n_left_out += n - i;
          return;
        }
      offer = g_new0 (CbChannelOffer, 1);
      offer->name = cb_value_dup_bytes (cb_value_get_element (value, i));
      offer->kind = kind;
      g_ptr_array_add (self->channels, offer);
    }
}

/* NUMSUB answers name, number, name, number, in the order of the question. */
static void
take_numbers (CbChannelOffers *self,
              CbTopicKind      kind,
              CbReply         *reply)
{
  guint at = 0;

  for (guint i = 0; i < self->channels->len; i++)
    {
      CbChannelOffer *offer = g_ptr_array_index (self->channels, i);

      if (offer->kind != kind)
        continue;
      cb_value_get_integer (cb_value_get_element (cb_reply_get_value (reply), at * 2 + 1), &offer->n_subscribers);
      at++;
    }
}

static void
numbers_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbChannelOffers *self = g_object_get_data (G_OBJECT (task), "offers");
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  take_numbers (self, CB_TOPIC_CHANNEL, g_ptr_array_index (replies, 0));
  take_numbers (self, CB_TOPIC_SHARD, g_ptr_array_index (replies, 1));
  g_ptr_array_sort (self->channels, compare);
  g_task_return_pointer (task, g_object_steal_data (G_OBJECT (task), "offers"), (GDestroyNotify) cb_channel_offers_free);
}

static CbCommand *
command_for (CbChannelOffers *self,
             CbTopicKind      kind)
{
  CbCommand *command = cb_command_new ("PUBSUB", kind == CB_TOPIC_SHARD ? "SHARDNUMSUB" : "NUMSUB", NULL);

  for (guint i = 0; i < self->channels->len; i++)
    {
      CbChannelOffer *offer = g_ptr_array_index (self->channels, i);

      if (offer->kind == kind)
        cb_command_add_gbytes (command, offer->name);
    }
  return cb_command_set_repeatable (command);
}

static void
names_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbChannelOffers *self;
  CbPipeline *pipeline;
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (cb_value_is_error (cb_reply_get_value (g_ptr_array_index (replies, 0))))
    {
      gsize length;
      const char *text = cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, 0)), &length);

      g_task_return_error (task, cb_redis_error_new_from_reply ("PUBSUB CHANNELS", text, length));
      return;
    }

  self = g_new0 (CbChannelOffers, 1);
  self->channels = g_ptr_array_new_with_free_func (offer_free);
  self->n_patterns = -1;
  take_names (self, CB_TOPIC_CHANNEL, g_ptr_array_index (replies, 0));
  /* An error on servers that know none. */
  take_names (self, CB_TOPIC_SHARD, g_ptr_array_index (replies, 1));
  cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 2)), &self->n_patterns);
  g_object_set_data_full (G_OBJECT (task), "offers", self, (GDestroyNotify) cb_channel_offers_free);

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, command_for (self, CB_TOPIC_CHANNEL));
  cb_pipeline_add (pipeline, command_for (self, CB_TOPIC_SHARD));
  cb_connection_pipeline_async (CB_CONNECTION (source), pipeline, g_task_get_cancellable (task), numbers_cb,
                                g_object_ref (task));
}

/* What a person types is meant as it is written, not as a pattern. */
static char *
pattern_for (const char *part)
{
  GString *pattern = g_string_new ("*");

  for (; *part != '\0'; part++)
    {
      if (strchr ("*?[]\\^", *part) != NULL)
        g_string_append_c (pattern, '\\');
      g_string_append_c (pattern, *part);
    }
  g_string_append (pattern, pattern->len > 1 ? "*" : "");
  return g_string_free (pattern, FALSE);
}

/**
 * cb_channel_offers_get_async:
 * @connection: a connection
 * @part: what is to be in the name; "" for all
 * @cancellable: (nullable): ends it
 * @callback: told of the outcome
 * @user_data: data for @callback
 *
 * Asks which channels somebody hears, and how many do: three commands, then two. PUBSUB CHANNELS has no limit of its own, so the more is
 * typed the less comes.
 */
void
cb_channel_offers_get_async (CbConnection        *connection,
                             const char          *part,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (connection, cancellable, callback, user_data);
  g_autofree char *pattern = pattern_for (part);
  CbPipeline *pipeline = cb_pipeline_new ();

  g_task_set_source_tag (task, cb_channel_offers_get_async);
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("PUBSUB", "CHANNELS", pattern, NULL)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("PUBSUB", "SHARDCHANNELS", pattern, NULL)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("PUBSUB", "NUMPAT", NULL)));
  cb_connection_pipeline_async (connection, pipeline, cancellable, names_cb, g_steal_pointer (&task));
}

CbChannelOffers *
cb_channel_offers_get_finish (CbConnection *connection,
                              GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
