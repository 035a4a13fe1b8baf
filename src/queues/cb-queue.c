/* cb-queue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"

struct _CbQueue
{
  GObject   parent_instance;

  CbEngine *engine;                     /* (owned) */
  char     *name;                       /* (owned) (nullable) NULL: all queues of the engine */
  char     *title;                      /* (owned) */
  gboolean  shares_name;                /* with a queue of another prefix */
  char     *problem;                    /* (owned) (nullable) */
  gint64    counts[CB_MAX_STATES];      /* as in CbQueueCounts */
  gint64    total;
  gboolean  unregistered;
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_NAME,
  PROP_TITLE,
  PROP_LABEL,
  PROP_PREFIX,
  PROP_PROBLEM,
  PROP_UNREGISTERED,
  PROP_TOTAL,
  /* The order of these is that of counted[]. */
  PROP_WAITING,
  PROP_ACTIVE,
  PROP_DELAYED,
  PROP_FAILED,
  PROP_COMPLETE,
  N_PROPS
};

static const CbJobMeaning counted[] = {
  CB_JOB_MEANING_WAITING, CB_JOB_MEANING_ACTIVE, CB_JOB_MEANING_DELAYED, CB_JOB_MEANING_FAILED, CB_JOB_MEANING_COMPLETE,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbQueue, cb_queue, G_TYPE_OBJECT)

/* The states of one meaning taken together; -1 when one of them is not known. */
static gint64
sum_meaning (CbQueue      *self,
             CbJobMeaning  meaning)
{
  const CbStateInfo *states;
  gint64 sum = 0;
  guint n_states;

  states = cb_engine_get_states (self->engine, &n_states);
  for (guint i = 0; i < n_states; i++)
    {
      if (states[i].meaning != meaning)
        continue;
      if (self->counts[i] < 0)
        return -1;
      sum += self->counts[i];
    }

  return sum;
}

static void
cb_queue_constructed (GObject *object)
{
  CbQueue *self = CB_QUEUE (object);

  G_OBJECT_CLASS (cb_queue_parent_class)->constructed (object);

  if (self->name == NULL)
    self->title = g_strdup (_("All Queues"));
  else
    self->title = *self->name != '\0' ? cb_text_display (self->name, -1, TRUE) : g_strdup ("\"\"");
}

/* The title, with the prefix where that alone does not tell which queue it is. */
static char *
dup_label (CbQueue *self)
{
  g_autofree char *prefix = NULL;

  if (!self->shares_name)
    return g_strdup (self->title);

  prefix = cb_text_display (cb_engine_get_prefix (self->engine), -1, TRUE);
  return g_strdup_printf ("%s · %s", self->title, prefix);
}

static void
cb_queue_finalize (GObject *object)
{
  CbQueue *self = CB_QUEUE (object);

  g_clear_object (&self->engine);
  g_free (self->name);
  g_free (self->title);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_queue_parent_class)->finalize (object);
}

static void
cb_queue_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  CbQueue *self = CB_QUEUE (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_LABEL:
      g_value_take_string (value, dup_label (self));
      break;
    case PROP_PREFIX:
      g_value_set_string (value, cb_engine_get_prefix (self->engine));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_UNREGISTERED:
      g_value_set_boolean (value, self->unregistered);
      break;
    case PROP_TOTAL:
      g_value_set_int64 (value, self->total);
      break;
    case PROP_WAITING:
    case PROP_ACTIVE:
    case PROP_DELAYED:
    case PROP_FAILED:
    case PROP_COMPLETE:
      g_value_set_int64 (value, sum_meaning (self, counted[prop_id - PROP_WAITING]));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_queue_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  CbQueue *self = CB_QUEUE (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_queue_class_init (CbQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = cb_queue_constructed;
  object_class->finalize = cb_queue_finalize;
  object_class->get_property = cb_queue_get_property;
  object_class->set_property = cb_queue_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, construct);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, construct);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_PREFIX] = g_param_spec_string ("prefix", NULL, NULL, NULL, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_UNREGISTERED] = g_param_spec_boolean ("unregistered", NULL, NULL, FALSE, flags);
  properties[PROP_TOTAL] = g_param_spec_int64 ("total", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_WAITING] = g_param_spec_int64 ("waiting", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_ACTIVE] = g_param_spec_int64 ("active", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_DELAYED] = g_param_spec_int64 ("delayed", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_FAILED] = g_param_spec_int64 ("failed", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_COMPLETE] = g_param_spec_int64 ("complete", NULL, NULL, -1, G_MAXINT64, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_queue_init (CbQueue *self)
{
  self->total = -1;
  for (guint i = 0; i < CB_MAX_STATES; i++)
    self->counts[i] = -1;
}

/**
 * cb_queue_new:
 * @name: as the engine has it
 *
 * Returns: (transfer full): a queue whose counts are not known yet
 */
CbQueue *
cb_queue_new (CbEngine   *engine,
              const char *name)
{
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (CB_TYPE_QUEUE, "engine", engine, "name", name, NULL);
}

/**
 * cb_queue_new_for_all:
 *
 * Returns: (transfer full): what stands for all queues of an engine; see cb_queue_sum()
 */
CbQueue *
cb_queue_new_for_all (CbEngine *engine)
{
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);

  return g_object_new (CB_TYPE_QUEUE, "engine", engine, NULL);
}

/**
 * cb_queue_get_engine:
 *
 * Returns: (transfer none): never changes
 */
CbEngine *
cb_queue_get_engine (CbQueue *self)
{
  g_return_val_if_fail (CB_IS_QUEUE (self), NULL);

  return self->engine;
}

const char *
cb_queue_get_name (CbQueue *self)
{
  g_return_val_if_fail (CB_IS_QUEUE (self), NULL);

  return self->name;
}

/**
 * cb_queue_set_shares_name:
 * @shares_name: whether somebody sees a queue of the same name and another prefix beside this one
 *
 * Its label has the prefix in it then.
 */
void
cb_queue_set_shares_name (CbQueue  *self,
                          gboolean  shares_name)
{
  g_return_if_fail (CB_IS_QUEUE (self));

  if (self->shares_name == shares_name)
    return;
  self->shares_name = shares_name;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
}

/**
 * cb_queue_get_count:
 * @state: (nullable): the engine's word; %NULL for all jobs of the queue
 *
 * Returns: how many jobs; -1 when it is not known, or there is no such state
 */
gint64
cb_queue_get_count (CbQueue    *self,
                    const char *state)
{
  int index;

  g_return_val_if_fail (CB_IS_QUEUE (self), -1);

  if (state == NULL)
    return self->total;

  index = cb_engine_find_state (self->engine, state);
  return index >= 0 ? self->counts[index] : -1;
}

/**
 * cb_queue_set_counts:
 * @counts: of this queue
 *
 * Takes over counts and notifies those that are different.
 */
void
cb_queue_set_counts (CbQueue             *self,
                     const CbQueueCounts *counts)
{
  gint64 before[G_N_ELEMENTS (counted)];

  g_return_if_fail (CB_IS_QUEUE (self));
  g_return_if_fail (counts != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (counted); i++)
    before[i] = sum_meaning (self, counted[i]);

  g_object_freeze_notify (G_OBJECT (self));

  memcpy (self->counts, counts->counts, sizeof self->counts);
  for (guint i = 0; i < G_N_ELEMENTS (counted); i++)
    {
      if (before[i] != sum_meaning (self, counted[i]))
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAITING + i]);
    }

  if (self->total != counts->total)
    {
      self->total = counts->total;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL]);
    }
  if (self->unregistered != counts->unregistered)
    {
      self->unregistered = counts->unregistered;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNREGISTERED]);
    }
  if (g_strcmp0 (self->problem, counts->problem) != 0)
    {
      g_free (self->problem);
      self->problem = g_strdup (counts->problem);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
    }

  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * cb_queue_sum:
 * @queues: (element-type CbQueue): of any engines
 *
 * What is not known of one of them is not known of all.
 */
void
cb_queue_sum (CbQueue    *self,
              GListModel *queues)
{
  g_autoptr (CbQueueCounts) sums = cb_queue_counts_new (NULL);
  guint n = g_list_model_get_n_items (queues);

  g_return_if_fail (CB_IS_QUEUE (self));

  memset (sums->counts, 0, sizeof sums->counts);
  sums->total = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (queues, i);

      if (queue->engine != self->engine)
        continue;
      for (guint state = 0; state < CB_MAX_STATES; state++)
        sums->counts[state] = sums->counts[state] < 0 || queue->counts[state] < 0 ? -1 : sums->counts[state] + queue->counts[state];
      sums->total = sums->total < 0 || queue->total < 0 ? -1 : sums->total + queue->total;
      if (sums->problem == NULL && queue->problem != NULL)
        sums->problem = g_strdup (queue->problem);
    }
  cb_queue_set_counts (self, sums);
}
