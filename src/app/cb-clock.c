/* cb-clock.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-clock.h"

struct _CbClock
{
  GObject parent_instance;

  CbEngine *engine;           /* (owned) (nullable) */
  guint timeout_id;
};

G_DEFINE_FINAL_TYPE (CbClock, cb_clock, G_TYPE_OBJECT)

enum
{
  TICK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
tick_cb (gpointer data)
{
  g_signal_emit (data, signals[TICK], 0);
  return G_SOURCE_CONTINUE;
}

static void
cb_clock_dispose (GObject *object)
{
  CbClock *self = CB_CLOCK (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_clock_parent_class)->dispose (object);
}

static void
cb_clock_class_init (CbClockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_clock_dispose;

  signals[TICK] = g_signal_new ("tick", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_clock_init (CbClock *self)
{
}

CbClock *
cb_clock_new (void)
{
  return g_object_new (CB_TYPE_CLOCK, NULL);
}

gint64
cb_clock_get_now (CbClock *self)
{
  g_return_val_if_fail (CB_IS_CLOCK (self), -1);

  return self->engine != NULL ? cb_engine_get_time (self->engine) : g_get_real_time ();
}

void
cb_clock_set_engine (CbClock *self, CbEngine *engine)
{
  g_return_if_fail (CB_IS_CLOCK (self));

  g_set_object (&self->engine, engine);
}

/**
 * cb_clock_set_running:
 *
 * Starting it ticks at once: what was shown before is old.
 */
void
cb_clock_set_running (CbClock *self, gboolean running)
{
  g_return_if_fail (CB_IS_CLOCK (self));

  if (running == (self->timeout_id != 0))
    return;

  if (running)
    {
      self->timeout_id = g_timeout_add_seconds (1, tick_cb, self);
      tick_cb (self);
    }
  else
    {
      g_clear_handle_id (&self->timeout_id, g_source_remove);
    }
}
