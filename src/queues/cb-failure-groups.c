/* cb-failure-groups.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-failure-groups.h"

#include <string.h>

#include "cb-failure-cause.h"
#include "cb-job-find.h"

#define MOST_QUEUES 16

struct _CbFailureGroups
{
  GObject     parent_instance;

  GHashTable *by_cause;       /* (owned) (element-type utf8 CbFailureGroup) owns neither */
  GPtrArray  *groups;         /* (owned) (element-type CbFailureGroup) */
  gboolean    sorted;
  guint64     n_jobs;
  guint64     n_others;
  guint64     n_total;
};

G_DEFINE_FINAL_TYPE (CbFailureGroups, cb_failure_groups, G_TYPE_OBJECT)

static void
group_free (CbFailureGroup *group)
{
  g_free (group->cause);
  g_free (group->sample);
  g_free (group->sample_id);
  g_free (group->sample_queue);
  g_ptr_array_unref (group->queues);
  g_free (group);
}

static void
cb_failure_groups_finalize (GObject *object)
{
  CbFailureGroups *self = CB_FAILURE_GROUPS (object);

  g_hash_table_unref (self->by_cause);
  g_ptr_array_unref (self->groups);

  G_OBJECT_CLASS (cb_failure_groups_parent_class)->finalize (object);
}

static void
cb_failure_groups_class_init (CbFailureGroupsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_failure_groups_finalize;
}

static void
cb_failure_groups_init (CbFailureGroups *self)
{
  self->by_cause = g_hash_table_new (g_str_hash, g_str_equal);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
}

CbFailureGroups *
cb_failure_groups_new (void)
{
  return g_object_new (CB_TYPE_FAILURE_GROUPS, NULL);
}

static void
add_queue (CbFailureGroup *group,
           const char     *queue)
{
  if (queue == NULL || group->queues->len == MOST_QUEUES ||
      g_ptr_array_find_with_equal_func (group->queues, queue, g_str_equal, NULL))
    return;

  g_ptr_array_add (group->queues, g_strdup (queue));
}

/**
 * cb_failure_groups_add:
 * @record: a failed job
 */
void
cb_failure_groups_add (CbFailureGroups *self,
                       CbJobRecord     *record)
{
  g_autofree char *cause = NULL;
  CbFailureGroup *group;
  gsize length = 0;
  const char *error;

  g_return_if_fail (CB_IS_FAILURE_GROUPS (self));
  g_return_if_fail (record != NULL);

  error = record->error != NULL ? g_bytes_get_data (record->error, &length) : NULL;
  cause = cb_failure_cause_dup (error, (gssize) length);
  group = g_hash_table_lookup (self->by_cause, cause);
  self->n_jobs++;
  self->sorted = FALSE;
  if (group == NULL)
    {
      if (self->groups->len == CB_FAILURE_GROUPS_MOST)
        {
          self->n_others++;
          return;
        }
      group = g_new0 (CbFailureGroup, 1);
      group->cause = g_steal_pointer (&cause);
      group->queues = g_ptr_array_new_with_free_func (g_free);
      group->first_at = group->last_at = -1;
      g_ptr_array_add (self->groups, group);
      g_hash_table_insert (self->by_cause, group->cause, group);
    }

  group->count++;
  add_queue (group, record->queue);
  if (record->failed_at >= 0 && (group->first_at < 0 || record->failed_at < group->first_at))
    group->first_at = record->failed_at;
  if (group->sample == NULL || record->failed_at > group->last_at)
    {
      g_free (group->sample);
      g_free (group->sample_id);
      g_free (group->sample_queue);
      group->sample = cb_job_record_dup_error_line (record);
      if (group->sample == NULL)
        group->sample = g_strdup ("");
      group->sample_id = g_strdup (record->id);
      group->sample_queue = g_strdup (record->queue);
      group->last_at = MAX (group->last_at, record->failed_at);
    }
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const CbFailureGroup *x = *(CbFailureGroup * const *) a, *y = *(CbFailureGroup * const *) b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  if (x->last_at != y->last_at)
    return x->last_at > y->last_at ? -1 : 1;

  return strcmp (x->cause, y->cause);
}

const CbFailureGroup *
cb_failure_groups_get (CbFailureGroups *self,
                       guint            index)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), NULL);
  g_return_val_if_fail (index < self->groups->len, NULL);

  if (!self->sorted)
    g_ptr_array_sort (self->groups, compare);
  self->sorted = TRUE;

  return g_ptr_array_index (self->groups, index);
}

const CbFailureGroup *
cb_failure_groups_find (CbFailureGroups *self,
                        const char      *cause)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), NULL);

  return g_hash_table_lookup (self->by_cause, cause);
}

guint
cb_failure_groups_get_n (CbFailureGroups *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), 0);

  return self->groups->len;
}

guint64
cb_failure_groups_get_n_jobs (CbFailureGroups *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), 0);

  return self->n_jobs;
}

guint64
cb_failure_groups_get_n_others (CbFailureGroups *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), 0);

  return self->n_others;
}

guint64
cb_failure_groups_get_n_total (CbFailureGroups *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_GROUPS (self), 0);

  return MAX (self->n_total, self->n_jobs);
}

/* --- going through them --- */

static void
hit_cb (CbJobFind       *find,
        CbJobRecord     *record,
        CbFailureGroups *self)
{
  /* Of an id without a job nobody knows why. */
  if (!record->missing)
    cb_failure_groups_add (self, record);
}

static void
found_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbFailureGroups *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->n_total = cb_job_find_get_n_total (CB_JOB_FIND (source));
  if (cb_job_find_run_finish (CB_JOB_FIND (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The engine's word for what failed for good; NULL: it has none. */
static const char *
get_failed_state (CbEngine *engine)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == CB_JOB_MEANING_FAILED)
        return states[i].name;
    }

  return NULL;
}

/**
 * cb_failure_groups_run_async:
 * @queue: (nullable): %NULL for all
 * @most: 0 for all there are
 *
 * Adds the failed jobs of an engine; several engines may be added one after the other.
 */
void
cb_failure_groups_run_async (CbFailureGroups     *self,
                             CbEngine            *engine,
                             const char          *queue,
                             guint                most,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (CbJobFind) find = NULL;
  GTask *task;

  g_return_if_fail (CB_IS_FAILURE_GROUPS (self));
  g_return_if_fail (CB_IS_ENGINE (engine));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_failure_groups_run_async);
  if (get_failed_state (engine) == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  find = cb_job_find_new (engine, queue, get_failed_state (engine), NULL);
  g_object_set (find, "max-hits", most, NULL);
  g_signal_connect_object (find, "hit", G_CALLBACK (hit_cb), self, 0);
  cb_job_find_run_async (find, cancellable, found_cb, task);
}

gboolean
cb_failure_groups_run_finish (CbFailureGroups  *self,
                              GAsyncResult     *result,
                              GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_failure_group_dup_filter:
 *
 * Returns: (transfer full): `cause:"…"`, which cb_job_filter_parse() reads
 */
char *
cb_failure_group_dup_filter (const CbFailureGroup *group)
{
  GString *filter = g_string_new ("cause:\"");

  /* What failed without a word. */
  if (*group->cause == '\0')
    {
      g_string_assign (filter, "-error:*");
      return g_string_free (filter, FALSE);
    }
  for (const char *at = group->cause; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        g_string_append_c (filter, '\\');
      g_string_append_c (filter, *at);
    }
  g_string_append_c (filter, '"');

  return g_string_free (filter, FALSE);
}
