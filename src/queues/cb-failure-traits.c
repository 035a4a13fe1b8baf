/* cb-failure-traits.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-failure-traits.h"

#include <math.h>
#include <string.h>

#include "cb-job-find.h"
#include "cb-json-scanner.h"
#include "cb-json.h"

/* Of a job so many members are counted, so deep, and so long a value. */
#define MOST_MEMBERS 200
#define MOST_DEPTH 6
#define MOST_VALUE 80
#define MOST_NAME 120
/* Of its data so much is read. */
#define MOST_DATA (64 * 1024)
/* So many different values are counted; after that only those that are known. */
#define MOST_TRAITS 50000
/* What fewer failed jobs have is no trait of theirs. */
#define LEAST_FAILED 3
#define LEAST_SHARE 0.05

typedef struct
{
  guint counts[2];            /* completed, failed */
  guint last[2];              /* the job that counted last: a value that stands in a job twice counts once */
} Count;

struct _CbFailureTraits
{
  GObject     parent_instance;

  GHashTable *counts;         /* (owned) (element-type utf8 Count) by name, or name, '\n' and value */
  guint       n_jobs[2];
};

G_DEFINE_FINAL_TYPE (CbFailureTraits, cb_failure_traits, G_TYPE_OBJECT)

static void
cb_failure_traits_finalize (GObject *object)
{
  g_hash_table_unref (CB_FAILURE_TRAITS (object)->counts);

  G_OBJECT_CLASS (cb_failure_traits_parent_class)->finalize (object);
}

static void
cb_failure_traits_class_init (CbFailureTraitsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_failure_traits_finalize;
}

static void
cb_failure_traits_init (CbFailureTraits *self)
{
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

CbFailureTraits *
cb_failure_traits_new (void)
{
  return g_object_new (CB_TYPE_FAILURE_TRAITS, NULL);
}

static void
count (CbFailureTraits *self,
       const char      *name,
       const char      *value,
       gboolean         failed)
{
  g_autofree char *key = value != NULL ? g_strconcat (name, "\n", value, NULL) : g_strdup (name);
  Count *known = g_hash_table_lookup (self->counts, key);

  if (known == NULL)
    {
      if (g_hash_table_size (self->counts) >= MOST_TRAITS)
        return;
      known = g_new0 (Count, 1);
      g_hash_table_insert (self->counts, g_steal_pointer (&key), known);
    }
  if (known->last[failed] == self->n_jobs[failed])
    return;
  known->last[failed] = self->n_jobs[failed];
  known->counts[failed]++;
}

static void
count_data (CbFailureTraits *self,
            GBytes          *data,
            gboolean         failed)
{
  g_auto (CbJsonScanner) scanner = { 0 };
  g_autoptr (GString) name = g_string_new ("data");
  gsize lengths[MOST_DEPTH + 2];    /* of the name, at each depth */
  guint n_members = 0;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);

  if (text == NULL)
    return;

  cb_json_scanner_init (&scanner, text, (gssize) MIN (size, MOST_DATA));
  lengths[0] = name->len;
  while (n_members < MOST_MEMBERS)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);
      g_autofree char *value = NULL;
      gboolean cut = FALSE;

      switch (event)
        {
        case CB_JSON_BEGIN_OBJECT:
        case CB_JSON_BEGIN_ARRAY:
          if (scanner.depth > MOST_DEPTH)
            {
              if (!cb_json_scanner_skip (&scanner))
                return;
            }
          else
            {
              /* The elements of an array have the name of the array. */
              lengths[scanner.depth] = name->len;
            }
          continue;

        case CB_JSON_NAME:
          value = cb_json_decode_string (scanner.token, scanner.length, MOST_NAME, &cut);
          g_string_truncate (name, lengths[scanner.depth]);
          /* What has a dot in it no filter could name. */
          if (cut || strchr (value, '.') != NULL || strchr (value, '\n') != NULL || name->len > MOST_NAME)
            value[0] = '\0';
          g_string_append_printf (name, ".%s", value);
          if (*value != '\0')
            count (self, name->str, NULL, failed);
          n_members++;
          continue;

        case CB_JSON_STRING:
          value = cb_json_decode_string (scanner.token, scanner.length, MOST_VALUE, &cut);
          break;

        case CB_JSON_NUMBER:
        case CB_JSON_TRUE:
        case CB_JSON_FALSE:
        case CB_JSON_NULL:
          cut = scanner.length > MOST_VALUE;
          value = g_strndup (scanner.token, MIN (scanner.length, MOST_VALUE));
          break;

        case CB_JSON_END:
        case CB_JSON_BROKEN:
          return;

        case CB_JSON_END_OBJECT:
        case CB_JSON_END_ARRAY:
        default:
          continue;
        }

      if (!cut && name->len > strlen ("data") && name->str[name->len - 1] != '.')
        count (self, name->str, value, failed);
    }
}

/**
 * cb_failure_traits_add:
 * @failed: on which side it counts
 */
void
cb_failure_traits_add (CbFailureTraits *self,
                       CbJobRecord     *record,
                       gboolean         failed)
{
  g_return_if_fail (CB_IS_FAILURE_TRAITS (self));
  g_return_if_fail (record != NULL);

  failed = failed ? 1 : 0;
  self->n_jobs[failed]++;
  if (record->queue != NULL)
    count (self, "type", record->queue, failed);
  if (record->worker != NULL)
    count (self, "worker", record->worker, failed);
  if (isfinite (record->priority))
    {
      char buffer[G_ASCII_DTOSTR_BUF_SIZE];

      count (self, "priority", g_ascii_dtostr (buffer, sizeof buffer, record->priority), failed);
    }
  if (record->data != NULL)
    count_data (self, record->data, failed);
}

guint
cb_failure_traits_get_n_failed (CbFailureTraits *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_TRAITS (self), 0);

  return self->n_jobs[1];
}

guint
cb_failure_traits_get_n_complete (CbFailureTraits *self)
{
  g_return_val_if_fail (CB_IS_FAILURE_TRAITS (self), 0);

  return self->n_jobs[0];
}

/* --- ranking --- */

static void
trait_free (CbFailureTrait *trait)
{
  g_free (trait->name);
  g_free (trait->value);
  g_free (trait);
}

static double
term (double observed,
      double expected)
{
  return observed > 0 && expected > 0 ? observed * log (observed / expected) : 0;
}

/* Dunning's log-likelihood ratio of a table of four fields: how much better the jobs are described by two rates than by one. */
static double
get_weight (double with_failed,
            double failed,
            double with_complete,
            double complete)
{
  double all = failed + complete;
  double with = with_failed + with_complete;
  double without = all - with;

  return 2 * (term (with_failed, failed * with / all) + term (with_complete, complete * with / all) +
              term (failed - with_failed, failed * without / all) + term (complete - with_complete, complete * without / all));
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const CbFailureTrait *x = *(CbFailureTrait * const *) a, *y = *(CbFailureTrait * const *) b;

  if (x->weight != y->weight)
    return x->weight > y->weight ? -1 : 1;
  /* What it says tells more than that it says something. */
  if ((x->value == NULL) != (y->value == NULL))
    return x->value == NULL ? 1 : -1;
  if (strcmp (x->name, y->name) != 0)
    return strcmp (x->name, y->name);

  return g_strcmp0 (x->value, y->value);
}

/**
 * cb_failure_traits_rank:
 *
 * Returns: (transfer full) (element-type CbFailureTrait): empty where one of both sides has no jobs
 */
GPtrArray *
cb_failure_traits_rank (CbFailureTraits *self,
                        guint            most)
{
  GPtrArray *traits = g_ptr_array_new_with_free_func ((GDestroyNotify) trait_free);
  double failed, complete;
  GHashTableIter iter;
  gpointer key, value;

  g_return_val_if_fail (CB_IS_FAILURE_TRAITS (self), NULL);

  failed = self->n_jobs[1];
  complete = self->n_jobs[0];
  if (failed == 0 || complete == 0)
    return traits;

  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Count *known = value;
      const char *name = key;
      const char *newline = strchr (name, '\n');
      CbFailureTrait *trait;

      if (known->counts[1] < LEAST_FAILED || known->counts[1] < LEAST_SHARE * failed ||
          known->counts[1] / failed <= known->counts[0] / complete)
        continue;

      trait = g_new0 (CbFailureTrait, 1);
      trait->name = newline != NULL ? g_strndup (name, (gsize) (newline - name)) : g_strdup (name);
      trait->value = newline != NULL ? g_strdup (newline + 1) : NULL;
      trait->n_failed = known->counts[1];
      trait->n_complete = known->counts[0];
      trait->share_failed = known->counts[1] / failed;
      trait->share_complete = known->counts[0] / complete;
      trait->weight = get_weight (known->counts[1], failed, known->counts[0], complete);
      /* 6.63: one in a hundred by chance. */
      if (trait->weight < 6.63)
        trait_free (trait);
      else
        g_ptr_array_add (traits, trait);
    }

  g_ptr_array_sort (traits, compare);
  if (traits->len > most)
    g_ptr_array_set_size (traits, (int) most);

  return traits;
}

/* --- going through them --- */

typedef struct
{
  CbEngine *engine;           /* (owned) */
  char     *queue;            /* (owned) (nullable) */
  guint     most;
} Run;

static void
run_free (Run *run)
{
  g_object_unref (run->engine);
  g_free (run->queue);
  g_free (run);
}

static const char *
get_state (CbEngine     *engine,
           CbJobMeaning  meaning)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == meaning)
        return states[i].name;
    }

  return NULL;
}

static void
failed_hit_cb (CbJobFind       *find,
               CbJobRecord     *record,
               CbFailureTraits *self)
{
  if (!record->missing)
    cb_failure_traits_add (self, record, TRUE);
}

static void
complete_hit_cb (CbJobFind       *find,
                 CbJobRecord     *record,
                 CbFailureTraits *self)
{
  if (!record->missing)
    cb_failure_traits_add (self, record, FALSE);
}

static void
found_complete_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (cb_job_find_run_finish (CB_JOB_FIND (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
found_failed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbFailureTraits *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  g_autoptr (CbJobFind) find = NULL;
  GError *error = NULL;

  if (!cb_job_find_run_finish (CB_JOB_FIND (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  find = cb_job_find_new (run->engine, run->queue, get_state (run->engine, CB_JOB_MEANING_COMPLETE), NULL);
  g_object_set (find, "max-hits", run->most, NULL);
  g_signal_connect_object (find, "hit", G_CALLBACK (complete_hit_cb), self, 0);
  cb_job_find_run_async (find, g_task_get_cancellable (task), found_complete_cb, g_object_ref (task));
}

void
cb_failure_traits_run_async (CbFailureTraits     *self,
                             CbEngine            *engine,
                             const char          *queue,
                             CbJobFilter         *filter,
                             guint                most,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (CbJobFind) find = NULL;
  GTask *task;
  Run *run;

  g_return_if_fail (CB_IS_FAILURE_TRAITS (self));
  g_return_if_fail (CB_IS_ENGINE (engine));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_failure_traits_run_async);
  run = g_new0 (Run, 1);
  run->engine = g_object_ref (engine);
  run->queue = g_strdup (queue);
  run->most = most;
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  if (get_state (engine, CB_JOB_MEANING_FAILED) == NULL || get_state (engine, CB_JOB_MEANING_COMPLETE) == NULL)
    {
      cb_job_filter_free (filter);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  find = cb_job_find_new (engine, queue, get_state (engine, CB_JOB_MEANING_FAILED), filter);
  g_object_set (find, "max-hits", most, NULL);
  g_signal_connect_object (find, "hit", G_CALLBACK (failed_hit_cb), self, 0);
  cb_job_find_run_async (find, cancellable, found_failed_cb, task);
}

gboolean
cb_failure_traits_run_finish (CbFailureTraits  *self,
                              GAsyncResult     *result,
                              GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
