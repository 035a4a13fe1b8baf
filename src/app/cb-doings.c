/* cb-doings.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-doings.h"

typedef struct
{
  GObject *work;              /* (owned) */
  GCancellable *cancellable;  /* (owned) */
  gint64 since;               /* µs monotonic */
} Doing;

struct _CbDoings
{
  GObject parent_instance;

  GPtrArray *doings;          /* (owned) (element-type Doing) in the order in which they were begun */
};

G_DEFINE_FINAL_TYPE (CbDoings, cb_doings, G_TYPE_OBJECT)

static guint changed_signal;

static void
doing_free (Doing *doing)
{
  g_object_unref (doing->work);
  g_object_unref (doing->cancellable);
  g_free (doing);
}

static Doing *
find_doing (CbDoings *self, gpointer work)
{
  for (guint i = 0; i < self->doings->len; i++)
    {
      Doing *doing = g_ptr_array_index (self->doings, i);

      if (doing->work == work)
        return doing;
    }
  return NULL;
}

static void
running_cb (CbDoings *self, GParamSpec *property, GObject *work)
{
  Doing *doing = find_doing (self, work);
  gboolean running;

  g_object_get (work, "running", &running, NULL);
  if (running || doing == NULL)
    return;

  g_signal_handlers_disconnect_by_func (work, running_cb, self);
  g_ptr_array_remove (self->doings, doing);
  g_signal_emit (self, changed_signal, 0);
}

static void
cb_doings_finalize (GObject *object)
{
  g_ptr_array_unref (CB_DOINGS (object)->doings);

  G_OBJECT_CLASS (cb_doings_parent_class)->finalize (object);
}

static void
cb_doings_class_init (CbDoingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_doings_finalize;

  changed_signal = g_signal_new ("changed", CB_TYPE_DOINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_doings_init (CbDoings *self)
{
  self->doings = g_ptr_array_new_with_free_func ((GDestroyNotify) doing_free);
}

CbDoings *
cb_doings_new (void)
{
  return g_object_new (CB_TYPE_DOINGS, NULL);
}

/**
 * cb_doings_add:
 * @work: (type GObject): a #CbJobFind, #CbBulk or #CbUndo that has not begun
 *
 * To be called before it is run: with the end of that it is forgotten.
 */
void
cb_doings_add (CbDoings *self, gpointer work, GCancellable *cancellable)
{
  Doing *doing;

  g_return_if_fail (CB_IS_DOINGS (self));
  g_return_if_fail (G_IS_OBJECT (work));
  g_return_if_fail (G_IS_CANCELLABLE (cancellable));

  doing = g_new0 (Doing, 1);
  doing->work = g_object_ref (work);
  doing->cancellable = g_object_ref (cancellable);
  doing->since = g_get_monotonic_time ();
  g_ptr_array_add (self->doings, doing);
  g_signal_connect_object (work, "notify::running", G_CALLBACK (running_cb), self, G_CONNECT_SWAPPED);
  g_signal_emit (self, changed_signal, 0);
}

gpointer
cb_doings_get_last (CbDoings *self, gint64 *since)
{
  Doing *doing;

  g_return_val_if_fail (CB_IS_DOINGS (self), NULL);

  if (self->doings->len == 0)
    return NULL;
  doing = g_ptr_array_index (self->doings, self->doings->len - 1);
  if (since != NULL)
    *since = doing->since;
  return doing->work;
}

void
cb_doings_cancel (CbDoings *self, gpointer work)
{
  Doing *doing;

  g_return_if_fail (CB_IS_DOINGS (self));

  doing = find_doing (self, work);
  if (doing != NULL)
    g_cancellable_cancel (doing->cancellable);
}
