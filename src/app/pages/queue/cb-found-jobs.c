/* cb-found-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-found-jobs.h"

/* Of one read of what changed. */
#define MAX_TOUCHED 500

struct _CbFoundJobs
{
  GObject parent_instance;

  CbEngine *engine;           /* (owned) */
  char *queue;                /* (owned) (nullable) */
  char *state;                /* (owned) (nullable) */
  CbJobFilter *filter;        /* (owned) */
  gboolean reversed;
  CbJobFind *find;            /* (owned) */
  GCancellable *cancellable;  /* (owned) */
  GPtrArray *jobs;            /* (owned) (element-type CbJob) */
  GHashTable *positions;      /* (owned) id (borrowed of the job) → position + 1 */
  guint n_told;               /* of the jobs: those that the view knows */
  gboolean running;
  char *problem;              /* (owned) (nullable) */
};

static void cb_found_jobs_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbFoundJobs, cb_found_jobs, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, cb_found_jobs_list_model_init))

enum
{
  PROP_0,
  PROP_RUNNING,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static GType
cb_found_jobs_get_item_type (GListModel *model)
{
  return CB_TYPE_JOB;
}

static guint
cb_found_jobs_get_n_items (GListModel *model)
{
  return CB_FOUND_JOBS (model)->n_told;
}

static gpointer
cb_found_jobs_get_item (GListModel *model, guint position)
{
  CbFoundJobs *self = CB_FOUND_JOBS (model);

  return position < self->n_told ? g_object_ref (g_ptr_array_index (self->jobs, position)) : NULL;
}

static void
cb_found_jobs_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_found_jobs_get_item_type;
  iface->get_n_items = cb_found_jobs_get_n_items;
  iface->get_item = cb_found_jobs_get_item;
}

/* A page of hits at a time, not each by itself. */
static void
tell (CbFoundJobs *self)
{
  guint before = self->n_told;

  if (before == self->jobs->len)
    return;

  self->n_told = self->jobs->len;
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->n_told - before);
}

static void
hit_cb (CbFoundJobs *self, CbJobRecord *record)
{
  CbJob *job = cb_job_new_for_record (record);

  g_ptr_array_add (self->jobs, job);
  g_hash_table_insert (self->positions, (gpointer) cb_job_get_id (job), GUINT_TO_POINTER (self->jobs->len));
}

static void
looked_cb (CbFoundJobs *self)
{
  tell (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUNNING]);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbFoundJobs) self = user_data;
  g_autoptr (GError) error = NULL;

  cb_job_find_run_finish (CB_JOB_FIND (source), result, &error);
  self->running = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (error != NULL)
    {
      self->problem = g_strdup (error->message);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
    }
  tell (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUNNING]);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbFoundJobs) self = user_data;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (source), result, NULL);

  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);
      gint64 position = record != NULL ? cb_found_jobs_find (self, record->id) : -1;

      if (position >= 0)
        cb_job_update (g_ptr_array_index (self->jobs, (guint) position), record);
    }
}

static void
cb_found_jobs_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbFoundJobs *self = CB_FOUND_JOBS (object);

  switch (prop_id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_found_jobs_dispose (GObject *object)
{
  CbFoundJobs *self = CB_FOUND_JOBS (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->find);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_found_jobs_parent_class)->dispose (object);
}

static void
cb_found_jobs_finalize (GObject *object)
{
  CbFoundJobs *self = CB_FOUND_JOBS (object);

  g_hash_table_unref (self->positions);
  g_ptr_array_unref (self->jobs);
  g_free (self->problem);
  g_free (self->queue);
  g_free (self->state);
  cb_job_filter_free (self->filter);

  G_OBJECT_CLASS (cb_found_jobs_parent_class)->finalize (object);
}

static void
cb_found_jobs_class_init (CbFoundJobsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_found_jobs_get_property;
  object_class->dispose = cb_found_jobs_dispose;
  object_class->finalize = cb_found_jobs_finalize;

  props[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
cb_found_jobs_init (CbFoundJobs *self)
{
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->positions = g_hash_table_new (g_str_hash, g_str_equal);
}

/**
 * cb_found_jobs_new:
 * @queue: (nullable): all with %NULL
 * @state: (nullable): all with %NULL
 * @reversed: the newest first
 * @filter: (transfer full)
 *
 * Begins to look at once.
 */
CbFoundJobs *
cb_found_jobs_new (CbEngine *engine, const char *queue, const char *state, gboolean reversed, CbJobFilter *filter)
{
  CbFoundJobs *self = g_object_new (CB_TYPE_FOUND_JOBS, NULL);

  self->engine = g_object_ref (engine);
  self->queue = g_strdup (queue);
  self->state = g_strdup (state);
  self->filter = cb_job_filter_copy (filter);
  self->reversed = reversed;
  self->cancellable = g_cancellable_new ();
  self->find = cb_job_find_new (engine, queue, state, filter);
  g_object_set (self->find, "reversed", reversed, "max-hits", CB_FOUND_JOBS_MOST, NULL);
  g_signal_connect_object (self->find, "hit", G_CALLBACK (hit_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find, "notify::n-looked", G_CALLBACK (looked_cb), self, G_CONNECT_SWAPPED);
  self->running = TRUE;
  cb_job_find_run_async (self->find, self->cancellable, ended_cb, g_object_ref (self));

  return self;
}

/**
 * cb_found_jobs_find_all:
 *
 * Returns: (transfer full): a search for the same, without an end at %CB_FOUND_JOBS_MOST
 */
CbJobFind *
cb_found_jobs_find_all (CbFoundJobs *self)
{
  CbJobFind *find;

  g_return_val_if_fail (CB_IS_FOUND_JOBS (self), NULL);

  find = cb_job_find_new (self->engine, self->queue, self->state, cb_job_filter_copy (self->filter));
  g_object_set (find, "reversed", self->reversed, NULL);

  return find;
}

/**
 * cb_found_jobs_stop:
 *
 * Looks no further; what was found stays.
 */
void
cb_found_jobs_stop (CbFoundJobs *self)
{
  g_return_if_fail (CB_IS_FOUND_JOBS (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

void
cb_found_jobs_touch (CbFoundJobs *self, const char * const *ids)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) here = NULL;
  guint n = 0;

  g_return_if_fail (CB_IS_FOUND_JOBS (self));

  for (; *ids != NULL && n < MAX_TOUCHED; ids++)
    {
      if (cb_found_jobs_find (self, *ids) < 0)
        continue;
      g_strv_builder_add (builder, *ids);
      n++;
    }
  here = g_strv_builder_end (builder);
  if (n > 0)
    cb_engine_get_many_async (self->engine, (const char * const *) here, self->cancellable, read_cb, g_object_ref (self));
}

gint64
cb_found_jobs_find (CbFoundJobs *self, const char *id)
{
  g_return_val_if_fail (CB_IS_FOUND_JOBS (self), -1);

  return (gint64) GPOINTER_TO_UINT (g_hash_table_lookup (self->positions, id)) - 1;
}

gboolean
cb_found_jobs_get_running (CbFoundJobs *self)
{
  g_return_val_if_fail (CB_IS_FOUND_JOBS (self), FALSE);

  return self->running;
}

gboolean
cb_found_jobs_get_cut (CbFoundJobs *self)
{
  g_return_val_if_fail (CB_IS_FOUND_JOBS (self), FALSE);

  return cb_job_find_get_cut (self->find);
}

guint64
cb_found_jobs_get_n_looked (CbFoundJobs *self)
{
  g_return_val_if_fail (CB_IS_FOUND_JOBS (self), 0);

  return cb_job_find_get_n_looked (self->find);
}
