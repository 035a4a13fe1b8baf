/* cb-worker-slot.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-worker-slot-private.h"

#include <unistd.h>

struct _CbWorkerSlot
{
  GObject parent_instance;

  guint number;
  char *owner;                 /* (owned) (nullable) */
  gboolean reserved;           /* for a claim that is under way */
  CbRun *run;                  /* (owned) (nullable) */
  int progress;
  gint64 since;
  char *last_line;             /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbWorkerSlot, cb_worker_slot, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NUMBER,
  PROP_JOB,
  PROP_PROGRESS,
  PROP_SINCE,
  PROP_LAST_LINE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
set_progress (CbWorkerSlot *self, int progress)
{
  if (self->progress == progress)
    return;

  self->progress = progress;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

static void
set_since (CbWorkerSlot *self, gint64 since)
{
  if (self->since == since)
    return;

  self->since = since;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SINCE]);
}

static void
set_last_line (CbWorkerSlot *self, const char *line)
{
  if (g_strcmp0 (self->last_line, line) == 0)
    return;

  g_free (self->last_line);
  self->last_line = g_strdup (line);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_LINE]);
}

/* A handler that was given up may go on telling while another job has its slot. */
void
cb_worker_slot_set_progress (CbWorkerSlot *self, int progress)
{
  set_progress (self, progress);
}

void
cb_worker_slot_set_last_line (CbWorkerSlot *self, const char *line)
{
  set_last_line (self, line);
}

static void
cb_worker_slot_finalize (GObject *object)
{
  CbWorkerSlot *self = CB_WORKER_SLOT (object);

  g_clear_object (&self->run);
  g_free (self->owner);
  g_free (self->last_line);

  G_OBJECT_CLASS (cb_worker_slot_parent_class)->finalize (object);
}

static void
cb_worker_slot_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbWorkerSlot *self = CB_WORKER_SLOT (object);

  switch (prop_id)
    {
    case PROP_NUMBER:
      g_value_set_uint (value, self->number);
      break;
    case PROP_JOB:
      g_value_set_boxed (value, cb_worker_slot_get_job (self));
      break;
    case PROP_PROGRESS:
      g_value_set_int (value, self->progress);
      break;
    case PROP_SINCE:
      g_value_set_int64 (value, self->since);
      break;
    case PROP_LAST_LINE:
      g_value_set_string (value, self->last_line);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_worker_slot_class_init (CbWorkerSlotClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = cb_worker_slot_finalize;
  object_class->get_property = cb_worker_slot_get_property;

  properties[PROP_NUMBER] = g_param_spec_uint ("number", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_JOB] = g_param_spec_boxed ("job", NULL, NULL, CB_TYPE_JOB_RECORD, flags);
  properties[PROP_PROGRESS] = g_param_spec_int ("progress", NULL, NULL, -1, 100, -1, flags);
  properties[PROP_SINCE] = g_param_spec_int64 ("since", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_LAST_LINE] = g_param_spec_string ("last-line", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_worker_slot_init (CbWorkerSlot *self)
{
  self->progress = -1;
  self->since = -1;
}

CbWorkerSlot *
cb_worker_slot_new (guint number)
{
  CbWorkerSlot *self = g_object_new (CB_TYPE_WORKER_SLOT, NULL);

  self->number = number;

  return self;
}

guint
cb_worker_slot_get_number (CbWorkerSlot *self)
{
  return self->number;
}

/* As Kue names its workers, with our own first word; the number counts the slots of this process. */
static char *
make_owner (const char *queue, const char *suffix)
{
  static guint serial;

  return g_strdup_printf ("callboard:%s:%d:%s:%u%s", g_get_host_name (), (int) getpid (), queue, ++serial, suffix);
}

const char *
cb_worker_slot_get_owner (CbWorkerSlot *self, const char *queue)
{
  if (self->owner == NULL)
    self->owner = make_owner (queue, "");

  return self->owner;
}

char *
cb_worker_slot_make_ahead_owner (const char *queue)
{
  return make_owner (queue, ":ahead");
}

gboolean
cb_worker_slot_is_free (CbWorkerSlot *self)
{
  return !self->reserved && self->run == NULL;
}

void
cb_worker_slot_set_reserved (CbWorkerSlot *self, gboolean reserved)
{
  self->reserved = reserved;
}

void
cb_worker_slot_clear_run (CbWorkerSlot *self)
{
  if (self->run == NULL)
    return;

  g_clear_object (&self->run);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
  set_progress (self, -1);
  set_since (self, -1);
  set_last_line (self, NULL);
}

void
cb_worker_slot_set_run (CbWorkerSlot *self, CbRun *run, gint64 since)
{
  g_assert (self->run == NULL);

  self->reserved = FALSE;
  self->run = g_object_ref (run);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
  set_progress (self, 0);
  set_since (self, since);
  set_last_line (self, NULL);
}

CbRun *
cb_worker_slot_get_run (CbWorkerSlot *self)
{
  return self->run;
}

/**
 * cb_worker_slot_get_job:
 * @self: a slot
 *
 * Returns: (transfer none) (nullable): the job it runs, as it was claimed; %NULL when it is idle
 */
CbJobRecord *
cb_worker_slot_get_job (CbWorkerSlot *self)
{
  g_return_val_if_fail (CB_IS_WORKER_SLOT (self), NULL);

  return self->run != NULL ? cb_run_get_job (self->run) : NULL;
}
