/* cb-kue-read.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

/*
 * How many jobs the queues hold, and which stand in a window of a set. Which queues there are is found in cb-kue-types.c, the
 * jobs themselves are read in cb-kue-jobs.c. Nothing here writes; a key of the wrong type costs its own part and no other.
 */

/* --- the counts --- */

/* A length of a set, or -1 with the reason added to @counts. */
static gint64
get_count (CbEngine      *self,
           CbQueueCounts *counts,
           const char    *state,
           CbReply       *reply)
{
  g_autofree char *key = cb_kue_key_set (cb_engine_get_prefix (self), counts->queue, state);
  g_autoptr (GError) error = cb_kue_read_error ("ZCARD", key, reply);
  gint64 count;

  if (error == NULL && cb_value_get_integer (cb_reply_get_value (reply), &count))
    return count;

  if (counts->problem == NULL)
    counts->problem = g_strdup (error != NULL ? error->message : "The server gave no number");
  return -1;
}

static void
got_counts_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbEngine *self = g_task_get_source_object (task);
  GStrv queues = g_task_get_task_data (task);
  GPtrArray *all;
  GError *error = NULL;
  guint n = queues != NULL ? g_strv_length (queues) : 1;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  all = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_queue_counts_free);
  for (guint i = 0; i < n; i++)
    {
      CbQueueCounts *counts = cb_queue_counts_new (queues != NULL ? queues[i] : NULL);

      for (guint state = 0; state < CB_KUE_N_STATES; state++)
        {
          counts->counts[state] = get_count (self, counts, cb_kue_states[state].name, g_ptr_array_index (replies, at++));
          counts->total += MAX (counts->counts[state], 0);
        }
      /* The set of all jobs also holds those that are in no state. */
      if (queues == NULL)
        {
          gint64 total = get_count (self, counts, NULL, g_ptr_array_index (replies, at++));

          counts->total = total >= 0 ? total : counts->total;
        }
      counts->unregistered = queues != NULL && g_hash_table_contains (CB_KUE_ENGINE (self)->strays, queues[i]);
      g_ptr_array_add (all, counts);
    }

  g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
}

void
cb_kue_engine_count (CbEngine            *self,
                     const char * const  *queues,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbPipeline *pipeline = cb_pipeline_new ();
  const char *prefix = cb_engine_get_prefix (self);

  g_task_set_source_tag (task, cb_kue_engine_count);
  g_task_set_task_data (task, g_strdupv ((GStrv) queues), (GDestroyNotify) g_strfreev);

  for (guint i = 0; queues == NULL ? i < 1 : queues[i] != NULL; i++)
    {
      for (guint state = 0; state < CB_KUE_N_STATES; state++)
        cb_pipeline_add (pipeline, cb_kue_engine_command ("ZCARD", cb_kue_key_set (prefix, queues != NULL ? queues[i] : NULL,
                                                                                  cb_kue_states[state].name)));
    }
  if (queues == NULL)
    cb_pipeline_add (pipeline, cb_kue_engine_command ("ZCARD", cb_kue_key_set (prefix, NULL, NULL)));

  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, cancellable, got_counts_cb, task);
}

/* --- a page --- */

/* A page is a window over one set, or over several laid end to end: first their lengths, then the piece of each that is in
 * the window, then the jobs. With one set the piece is asked for together with the length. */
typedef struct
{
  GPtrArray *keys;       /* (owned) (element-type utf8) of the sets, in order */
  gint64     offset;
  guint      limit;
  gboolean   reversed;
  gint64     total;
  GPtrArray *members;    /* (owned) (element-type GBytes) */
} Page;

static void
page_free (Page *page)
{
  g_ptr_array_unref (page->keys);
  g_ptr_array_unref (page->members);
  g_free (page);
}

static CbCommand *
range_command (Page       *page,
               const char *key,
               gint64      from,
               gint64      to)
{
  CbCommand *command = cb_kue_engine_command (page->reversed ? "ZREVRANGE" : "ZRANGE", g_strdup (key));

  return cb_command_add_int (cb_command_add_int (command, from), to);
}

static void
got_jobs_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Page *page = g_task_get_task_data (task);
  CbJobPage *answer;
  GPtrArray *records;
  GError *error = NULL;

  records = cb_kue_engine_read_members_finish (CB_KUE_ENGINE (source), result, &error);
  if (records == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  answer = g_new0 (CbJobPage, 1);
  answer->records = records;
  answer->total = page->total;
  g_task_return_pointer (task, answer, (GDestroyNotify) cb_job_page_free);
}

static void
read_jobs (GTask *task)
{
  Page *page = g_task_get_task_data (task);

  cb_kue_engine_read_members_async (g_task_get_source_object (task), page->members, g_task_get_cancellable (task),
                                    got_jobs_cb, g_object_ref (task));
}

static void
add_members (Page    *page,
             CbReply *reply)
{
  const CbValue *value = cb_reply_get_value (reply);

  for (guint i = 0; i < cb_value_get_length (value); i++)
    {
      GBytes *member = cb_value_dup_bytes (cb_value_get_element (value, i));

      if (member != NULL)
        g_ptr_array_add (page->members, member);
    }
}

static void
got_ranges_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Page *page = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < replies->len; i++)
    add_members (page, g_ptr_array_index (replies, i));
  read_jobs (task);
}

static void
read_ranges (GTask        *task,
             const gint64 *lengths)
{
  CbEngine *self = g_task_get_source_object (task);
  Page *page = g_task_get_task_data (task);
  g_autoptr (CbPipeline) pipeline = cb_pipeline_new ();
  gint64 begin = 0;
  gint64 end = page->offset + page->limit;

  for (guint i = 0; i < page->keys->len; i++)
    {
      gint64 from = MAX (page->offset - begin, 0);
      gint64 to = MIN (end - begin, lengths[i]) - 1;

      if (from <= to)
        cb_pipeline_add (pipeline, range_command (page, g_ptr_array_index (page->keys, i), from, to));
      begin += lengths[i];
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    read_jobs (task);
  else
    cb_connection_pipeline_async (cb_engine_get_connection (self), g_steal_pointer (&pipeline), g_task_get_cancellable (task),
                                  got_ranges_cb, g_object_ref (task));
}

static void
got_lengths_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) first_error = NULL;
  Page *page = g_task_get_task_data (task);
  gint64 lengths[CB_KUE_N_STATES] = { 0 };
  guint n_bad = 0;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* A set that can't be read is left out, unless it is the only one; cb_engine_count_async() says what is wrong with it. */
  for (guint i = 0; i < page->keys->len; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);

      error = cb_kue_read_error ("ZCARD", g_ptr_array_index (page->keys, i), reply);
      if (error != NULL)
        n_bad++;
      else
        cb_value_get_integer (cb_reply_get_value (reply), &lengths[i]);
      if (error != NULL && first_error == NULL)
        first_error = g_steal_pointer (&error);
      g_clear_error (&error);
      page->total += lengths[i];
    }
  if (n_bad == page->keys->len)
    {
      g_task_return_error (task, g_steal_pointer (&first_error));
      return;
    }

  if (page->keys->len > 1)
    {
      read_ranges (task, lengths);
      return;
    }

  add_members (page, g_ptr_array_index (replies, 1));
  read_jobs (task);
}

/* Kue keeps every set by priority, but that of the delayed of all queues, which it promotes from, by when they are due, and that of the
 * active ones by when their time to live is over, where they have one. */
CbJobOrder
cb_kue_engine_get_order (CbEngine   *self,
                         const char *queue,
                         const char *state)
{
  int index = state != NULL ? cb_engine_find_state (self, state) : -1;
  CbJobMeaning meaning = index >= 0 ? cb_kue_states[index].meaning : CB_JOB_MEANING_UNKNOWN;

  if (state == NULL)
    return queue == NULL ? CB_JOB_ORDER_PRIORITY : CB_JOB_ORDER_NONE;
  if (queue == NULL && meaning == CB_JOB_MEANING_DELAYED)
    return CB_JOB_ORDER_DUE;
  if (queue == NULL && meaning == CB_JOB_MEANING_ACTIVE)
    return CB_JOB_ORDER_NONE;

  return CB_JOB_ORDER_PRIORITY;
}

void
cb_kue_engine_page (CbEngine            *self,
                    const char          *queue,
                    const char          *state,
                    gint64               offset,
                    guint                limit,
                    gboolean             reversed,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbPipeline *pipeline = cb_pipeline_new ();
  const char *prefix = cb_engine_get_prefix (self);
  Page *page = g_new0 (Page, 1);

  g_task_set_source_tag (task, cb_kue_engine_page);
  page->keys = g_ptr_array_new_with_free_func (g_free);
  page->members = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  page->offset = offset;
  page->limit = limit;
  page->reversed = reversed;
  g_task_set_task_data (task, page, (GDestroyNotify) page_free);

  if (state != NULL || queue == NULL)
    {
      g_ptr_array_add (page->keys, cb_kue_key_set (prefix, queue, state));
    }
  else
    {
      guint order[CB_MAX_STATES];
      guint n = cb_engine_get_list_order (self, order);

      for (guint i = 0; i < n; i++)
        g_ptr_array_add (page->keys, cb_kue_key_set (prefix, queue, cb_kue_states[order[i]].name));
    }

  for (guint i = 0; i < page->keys->len; i++)
    cb_pipeline_add (pipeline, cb_kue_engine_command ("ZCARD", g_strdup (g_ptr_array_index (page->keys, i))));
  if (page->keys->len == 1)
    cb_pipeline_add (pipeline, range_command (page, g_ptr_array_index (page->keys, 0), offset, offset + limit - 1));

  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, cancellable, got_lengths_cb, task);
}
