/* cb-job.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "cb-job-spec.h"
#include "cb-json.h"

/*
 * A row that updates itself. Whoever shows a property is told only when what it shows is different: cells that are bound
 * to it do nothing while a thousand other jobs change.
 */

/* Characters of data that a list can show. */
#define EXCERPT_CHARS 160

struct _CbJob
{
  GObject      parent_instance;

  char        *id;              /* (owned) (nullable) */
  CbJobRecord *record;          /* (owned) (nullable) not read yet */
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_QUEUE,
  PROP_STATE,
  PROP_STATE_LABEL,
  PROP_MEANING,
  PROP_EXCERPT,
  PROP_PRIORITY,
  PROP_PRIORITY_LABEL,
  PROP_PROGRESS,
  PROP_PROGRESS_FRACTION,
  PROP_ATTEMPTS_MADE,
  PROP_ATTEMPTS_MAX,
  PROP_ATTEMPTS_LABEL,
  PROP_CREATED_AT,
  PROP_PROMOTE_AT,
  PROP_UPDATED_AT,
  PROP_STARTED_AT,
  PROP_FAILED_AT,
  PROP_DURATION,
  PROP_DELAY,
  PROP_TTL,
  PROP_ERROR_LINE,
  PROP_PROBLEM,
  PROP_LOADED,
  PROP_MISSING,
  PROP_RECORD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbJob, cb_job, G_TYPE_OBJECT)

static char *
dup_state_label (CbJobRecord *record)
{
  const char *label;

  if (record == NULL)
    return NULL;
  if (record->missing)
    return g_strdup (_("Missing"));

  label = cb_job_state_get_label (record->state);
  return label != NULL ? g_strdup (label) : cb_text_display (record->state, -1, TRUE);
}

static char *
dup_excerpt (CbJobRecord *record)
{
  const char *text;
  gsize size;

  if (record == NULL || record->data == NULL)
    return NULL;

  text = g_bytes_get_data (record->data, &size);
  return size > 0 ? cb_json_excerpt (text, size, EXCERPT_CHARS) : g_strdup ("");
}

static char *
dup_priority_label (CbJobRecord *record)
{
  static const struct
  {
    const char *name;
    const char *label;
  } labels[] = {
    { "low", N_("Low") },
    { "normal", N_("Normal") },
    { "medium", N_("Medium") },
    { "high", N_("High") },
    { "critical", N_("Critical") },
  };
  const char *name;

  if (record == NULL || record->missing)
    return NULL;
  if (isnan (record->priority))
    return g_strdup ("—");

  name = cb_job_priority_get_name (record->priority);
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (labels); i++)
    {
      if (strcmp (labels[i].name, name) == 0)
        return g_strdup (_(labels[i].label));
    }

  return cb_job_priority_to_text (record->priority);
}

static char *
dup_attempts_label (CbJobRecord *record)
{
  if (record == NULL || record->missing)
    return NULL;

  /* Translators: how often a job ran, and how often it may: "1 of 3" */
  return g_strdup_printf (_("%d of %d"), record->attempts_made, record->attempts_max);
}

static double
progress_fraction (CbJobRecord *record)
{
  return record != NULL ? CLAMP (record->progress, 0, 100) / 100.0 : 0;
}

static void
cb_job_finalize (GObject *object)
{
  CbJob *self = CB_JOB (object);

  g_free (self->id);
  g_clear_pointer (&self->record, cb_job_record_unref);

  G_OBJECT_CLASS (cb_job_parent_class)->finalize (object);
}

static void
cb_job_get_property (GObject    *object,
                     guint       prop_id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  CbJob *self = CB_JOB (object);
  CbJobRecord *record = self->record;

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, cb_job_get_queue (self));
      break;
    case PROP_STATE:
      g_value_set_string (value, cb_job_get_state (self));
      break;
    case PROP_STATE_LABEL:
      g_value_take_string (value, dup_state_label (record));
      break;
    case PROP_MEANING:
      g_value_set_enum (value, cb_job_get_meaning (self));
      break;
    case PROP_EXCERPT:
      g_value_take_string (value, dup_excerpt (record));
      break;
    case PROP_PRIORITY:
      g_value_set_double (value, record != NULL ? record->priority : 0);
      break;
    case PROP_PRIORITY_LABEL:
      g_value_take_string (value, dup_priority_label (record));
      break;
    case PROP_PROGRESS:
      g_value_set_int (value, record != NULL ? record->progress : -1);
      break;
    case PROP_PROGRESS_FRACTION:
      g_value_set_double (value, progress_fraction (record));
      break;
    case PROP_ATTEMPTS_MADE:
      g_value_set_int (value, record != NULL ? record->attempts_made : 0);
      break;
    case PROP_ATTEMPTS_MAX:
      g_value_set_int (value, record != NULL ? record->attempts_max : 0);
      break;
    case PROP_ATTEMPTS_LABEL:
      g_value_take_string (value, dup_attempts_label (record));
      break;
    case PROP_CREATED_AT:
      g_value_set_int64 (value, record != NULL ? record->created_at : -1);
      break;
    case PROP_PROMOTE_AT:
      g_value_set_int64 (value, record != NULL ? record->promote_at : -1);
      break;
    case PROP_UPDATED_AT:
      g_value_set_int64 (value, record != NULL ? record->updated_at : -1);
      break;
    case PROP_STARTED_AT:
      g_value_set_int64 (value, record != NULL ? record->started_at : -1);
      break;
    case PROP_FAILED_AT:
      g_value_set_int64 (value, record != NULL ? record->failed_at : -1);
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, record != NULL ? record->duration : -1);
      break;
    case PROP_DELAY:
      g_value_set_int64 (value, record != NULL ? record->delay : -1);
      break;
    case PROP_TTL:
      g_value_set_int64 (value, record != NULL ? record->ttl : -1);
      break;
    case PROP_ERROR_LINE:
      g_value_take_string (value, record != NULL ? cb_job_record_dup_error_line (record) : NULL);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, record != NULL ? record->problem : NULL);
      break;
    case PROP_LOADED:
      g_value_set_boolean (value, record != NULL);
      break;
    case PROP_MISSING:
      g_value_set_boolean (value, record != NULL && record->missing);
      break;
    case PROP_RECORD:
      g_value_set_boxed (value, record);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_job_class_init (CbJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_job_finalize;
  object_class->get_property = cb_job_get_property;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  properties[PROP_STATE_LABEL] = g_param_spec_string ("state-label", NULL, NULL, NULL, flags);
  properties[PROP_MEANING] =
    g_param_spec_enum ("meaning", NULL, NULL, CB_TYPE_JOB_MEANING, CB_JOB_MEANING_UNKNOWN, flags);
  properties[PROP_EXCERPT] = g_param_spec_string ("excerpt", NULL, NULL, NULL, flags);
  properties[PROP_PRIORITY] = g_param_spec_double ("priority", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  properties[PROP_PRIORITY_LABEL] = g_param_spec_string ("priority-label", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_int ("progress", NULL, NULL, G_MININT, G_MAXINT, -1, flags);
  properties[PROP_PROGRESS_FRACTION] = g_param_spec_double ("progress-fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_ATTEMPTS_MADE] = g_param_spec_int ("attempts-made", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  properties[PROP_ATTEMPTS_MAX] = g_param_spec_int ("attempts-max", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  properties[PROP_ATTEMPTS_LABEL] = g_param_spec_string ("attempts-label", NULL, NULL, NULL, flags);
  properties[PROP_CREATED_AT] = g_param_spec_int64 ("created-at", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_PROMOTE_AT] = g_param_spec_int64 ("promote-at", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_UPDATED_AT] = g_param_spec_int64 ("updated-at", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_STARTED_AT] = g_param_spec_int64 ("started-at", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_FAILED_AT] = g_param_spec_int64 ("failed-at", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_DURATION] = g_param_spec_int64 ("duration", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_DELAY] = g_param_spec_int64 ("delay", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_TTL] = g_param_spec_int64 ("ttl", NULL, NULL, G_MININT64, G_MAXINT64, -1, flags);
  properties[PROP_ERROR_LINE] = g_param_spec_string ("error-line", NULL, NULL, NULL, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  properties[PROP_MISSING] = g_param_spec_boolean ("missing", NULL, NULL, FALSE, flags);
  properties[PROP_RECORD] = g_param_spec_boxed ("record", NULL, NULL, CB_TYPE_JOB_RECORD, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_job_init (CbJob *self)
{
}

/**
 * cb_job_new:
 * @id: (nullable): %NULL when not even that is known
 *
 * Returns: (transfer full): a row that is not read yet
 */
CbJob *
cb_job_new (const char *id)
{
  CbJob *self = g_object_new (CB_TYPE_JOB, NULL);

  self->id = g_strdup (id);

  return self;
}

/**
 * cb_job_new_for_record:
 * @record: (transfer none): what an engine read
 *
 * Returns: (transfer full): a row
 */
CbJob *
cb_job_new_for_record (CbJobRecord *record)
{
  CbJob *self = cb_job_new (record->id);

  self->record = cb_job_record_ref (record);

  return self;
}

static gboolean
same_bytes (GBytes *a,
            GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

/* Not equal to itself is what NAN is; here it is no change. */
static gboolean
same_double (double a,
             double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static gboolean
same_list (GPtrArray *a,
           GPtrArray *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  if (a->len != b->len)
    return FALSE;

  for (guint i = 0; i < a->len; i++)
    {
      if (!same_bytes (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
        return FALSE;
    }

  return TRUE;
}

/* All that no property shows by itself. */
static gboolean
same_rest (CbJobRecord *a,
           CbJobRecord *b)
{
  return same_bytes (a->data, b->data) && same_bytes (a->result, b->result) &&
         same_bytes (a->progress_data, b->progress_data) && same_bytes (a->error, b->error) &&
         g_strcmp0 (a->worker, b->worker) == 0 && g_strcmp0 (a->backoff, b->backoff) == 0 &&
         a->remove_on_complete == b->remove_on_complete && a->log_length == b->log_length &&
         same_list (a->log, b->log) && same_list (a->raw, b->raw);
}

static void
notify_if (CbJob    *self,
           gboolean  different,
           int       prop_id,
           gboolean *changed)
{
  if (!different)
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
  *changed = TRUE;
}

static void
notify_if_text (CbJob    *self,
                char     *old,          /* (transfer full) */
                char     *new,          /* (transfer full) */
                int       prop_id,
                gboolean *changed)
{
  notify_if (self, g_strcmp0 (old, new) != 0, prop_id, changed);
  g_free (old);
  g_free (new);
}

/* Compares what is shown of two records; @old may be %NULL. */
static gboolean
notify_changes (CbJob       *self,
                CbJobRecord *old,
                CbJobRecord *new)
{
  g_autoptr (CbJobRecord) nothing = NULL;
  gboolean first = old == NULL, changed = FALSE;
  CbJobRecord *o = old;

  if (first)
    {
      o = nothing = cb_job_record_new (new->id);
      o->attempts_max = 0;
    }

  notify_if (self, first, PROP_LOADED, &changed);
  notify_if (self, g_strcmp0 (o->queue, new->queue) != 0, PROP_QUEUE, &changed);
  notify_if (self, strcmp (o->state, new->state) != 0, PROP_STATE, &changed);
  notify_if_text (self, dup_state_label (old), dup_state_label (new), PROP_STATE_LABEL, &changed);
  notify_if (self, o->meaning != new->meaning, PROP_MEANING, &changed);
  if (!same_bytes (o->data, new->data))
    notify_if_text (self, dup_excerpt (old), dup_excerpt (new), PROP_EXCERPT, &changed);
  notify_if (self, !same_double (o->priority, new->priority), PROP_PRIORITY, &changed);
  notify_if_text (self, dup_priority_label (old), dup_priority_label (new), PROP_PRIORITY_LABEL, &changed);
  notify_if (self, o->progress != new->progress, PROP_PROGRESS, &changed);
  notify_if (self, progress_fraction (old) != progress_fraction (new), PROP_PROGRESS_FRACTION, &changed);
  notify_if (self, o->attempts_made != new->attempts_made, PROP_ATTEMPTS_MADE, &changed);
  notify_if (self, o->attempts_max != new->attempts_max, PROP_ATTEMPTS_MAX, &changed);
  notify_if_text (self, dup_attempts_label (old), dup_attempts_label (new), PROP_ATTEMPTS_LABEL, &changed);
  notify_if (self, o->created_at != new->created_at, PROP_CREATED_AT, &changed);
  notify_if (self, o->promote_at != new->promote_at, PROP_PROMOTE_AT, &changed);
  notify_if (self, o->updated_at != new->updated_at, PROP_UPDATED_AT, &changed);
  notify_if (self, o->started_at != new->started_at, PROP_STARTED_AT, &changed);
  notify_if (self, o->failed_at != new->failed_at, PROP_FAILED_AT, &changed);
  notify_if (self, o->duration != new->duration, PROP_DURATION, &changed);
  notify_if (self, o->delay != new->delay, PROP_DELAY, &changed);
  notify_if (self, o->ttl != new->ttl, PROP_TTL, &changed);
  if (!same_bytes (o->error, new->error))
    notify_if_text (self, old != NULL ? cb_job_record_dup_error_line (old) : NULL,
                    cb_job_record_dup_error_line (new), PROP_ERROR_LINE, &changed);
  notify_if (self, g_strcmp0 (o->problem, new->problem) != 0, PROP_PROBLEM, &changed);
  notify_if (self, o->missing != new->missing, PROP_MISSING, &changed);
  notify_if (self, changed || !same_rest (o, new), PROP_RECORD, &changed);

  return changed;
}

/**
 * cb_job_update:
 * @record: (transfer none): read later than what the job has; of the same job
 *
 * Takes over the newer record and notifies the properties that show something else than before. A row that was made
 * without an id takes that of the record.
 *
 * Returns: whether anything is different
 */
gboolean
cb_job_update (CbJob       *self,
               CbJobRecord *record)
{
  g_autoptr (CbJobRecord) old = NULL;
  gboolean changed;

  g_return_val_if_fail (CB_IS_JOB (self), FALSE);
  g_return_val_if_fail (record != NULL, FALSE);
  g_return_val_if_fail (self->id == NULL || strcmp (self->id, record->id) == 0, FALSE);

  if (record == self->record)
    return FALSE;

  g_object_freeze_notify (G_OBJECT (self));

  old = g_steal_pointer (&self->record);
  self->record = cb_job_record_ref (record);
  if (self->id == NULL)
    {
      self->id = g_strdup (record->id);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ID]);
    }
  changed = notify_changes (self, old, record);

  g_object_thaw_notify (G_OBJECT (self));

  return changed;
}

/**
 * cb_job_get_record:
 *
 * Returns: (transfer none) (nullable): the newest record; %NULL for a row that is not read yet
 */
CbJobRecord *
cb_job_get_record (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), NULL);

  return self->record;
}

const char *
cb_job_get_id (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), NULL);

  return self->id;
}

const char *
cb_job_get_queue (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), NULL);

  return self->record != NULL ? self->record->queue : NULL;
}

/**
 * cb_job_get_state:
 *
 * Returns: (transfer none): the engine's word; "" when it has none or is not read yet
 */
const char *
cb_job_get_state (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), "");

  return self->record != NULL ? self->record->state : "";
}

CbJobMeaning
cb_job_get_meaning (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), CB_JOB_MEANING_UNKNOWN);

  return self->record != NULL ? self->record->meaning : CB_JOB_MEANING_UNKNOWN;
}

gboolean
cb_job_get_loaded (CbJob *self)
{
  g_return_val_if_fail (CB_IS_JOB (self), FALSE);

  return self->record != NULL;
}
