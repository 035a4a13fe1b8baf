/* cb-gate.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-gate.h"

#include <gio/gio.h>

#include "cb-redis-error.h"

#define PROBE_INTERVAL_MSEC 1000

typedef struct
{
  CbGateFunc func;
  gpointer owner;              /* not owned; it calls cb_gate_forget() before it goes */
} Waiter;

struct _CbGate
{
  GObject parent_instance;

  gboolean open;
  char *problem;               /* (owned) (nullable) */
  gboolean lasting;            /* of that problem */
  GQueue waiters;              /* (element-type Waiter) the one that waits longest first */
  guint probe_source;
};

G_DEFINE_FINAL_TYPE (CbGate, cb_gate, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
set_problem (CbGate *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
let_through (CbGate *self)
{
  g_autofree Waiter *waiter = g_queue_pop_head (&self->waiters);

  if (waiter != NULL)
    waiter->func (waiter->owner);
}

static gboolean
probe_cb (gpointer user_data)
{
  CbGate *self = user_data;

  g_object_ref (self);
  let_through (self);
  g_object_unref (self);

  return G_SOURCE_CONTINUE;
}

static void
cb_gate_finalize (GObject *object)
{
  CbGate *self = CB_GATE (object);

  g_clear_handle_id (&self->probe_source, g_source_remove);
  g_queue_clear_full (&self->waiters, g_free);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_gate_parent_class)->finalize (object);
}

static void
cb_gate_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbGate *self = CB_GATE (object);

  switch (prop_id)
    {
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_gate_class_init (CbGateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cb_gate_finalize;
  object_class->get_property = cb_gate_get_property;

  properties[PROP_PROBLEM] =
    g_param_spec_string ("problem", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_gate_init (CbGate *self)
{
  self->open = TRUE;
  g_queue_init (&self->waiters);
}

/**
 * cb_gate_new:
 *
 * Returns: (transfer full): a gate that stands open
 */
CbGate *
cb_gate_new (void)
{
  return g_object_new (CB_TYPE_GATE, NULL);
}

/**
 * cb_gate_is_open:
 * @self: a gate
 *
 * Returns: whether everybody may pass
 */
gboolean
cb_gate_is_open (CbGate *self)
{
  g_return_val_if_fail (CB_IS_GATE (self), FALSE);

  return self->open;
}

/**
 * cb_gate_get_problem:
 * @self: a gate
 *
 * Returns: (transfer none) (nullable): a sentence that says why it is closed
 */
const char *
cb_gate_get_problem (CbGate *self)
{
  g_return_val_if_fail (CB_IS_GATE (self), NULL);

  return self->problem;
}

/**
 * cb_gate_wait:
 * @self: a closed gate
 * @func: called once, when it is open or when it is this one's turn to try
 * @owner: what @func is given; it must call cb_gate_forget() before it goes
 *
 * Stands in the queue. Somebody who stands there already with the same @func keeps the place.
 */
void
cb_gate_wait (CbGate *self, CbGateFunc func, gpointer owner)
{
  Waiter *waiter;

  g_return_if_fail (CB_IS_GATE (self));
  g_return_if_fail (func != NULL);

  for (GList *l = self->waiters.head; l != NULL; l = l->next)
    {
      waiter = l->data;
      if (waiter->owner == owner && waiter->func == func)
        return;
    }

  waiter = g_new0 (Waiter, 1);
  waiter->func = func;
  waiter->owner = owner;
  g_queue_push_tail (&self->waiters, waiter);
}

/**
 * cb_gate_forget:
 * @self: a gate
 * @owner: one who may be waiting
 *
 * Leaves the queue.
 */
void
cb_gate_forget (CbGate *self, gpointer owner)
{
  g_return_if_fail (CB_IS_GATE (self));

  for (GList *l = self->waiters.head; l != NULL;)
    {
      GList *next = l->next;
      Waiter *waiter = l->data;

      if (waiter->owner == owner)
        {
          g_free (waiter);
          g_queue_delete_link (&self->waiters, l);
        }
      l = next;
    }
}

/**
 * cb_gate_open:
 * @self: a gate
 *
 * Somebody got an answer: all may pass. Costs nothing when it stands open.
 */
void
cb_gate_open (CbGate *self)
{
  guint n;

  g_return_if_fail (CB_IS_GATE (self));

  if (self->open)
    return;

  self->open = TRUE;
  g_clear_handle_id (&self->probe_source, g_source_remove);

  g_object_ref (self);
  set_problem (self, NULL);

  /* Only those who stand there now: one may find it shut again and come back to the end of the queue. */
  n = self->waiters.length;
  while (n-- > 0 && self->open)
    let_through (self);

  g_object_unref (self);
}

/**
 * cb_gate_shut:
 * @self: a gate
 * @reason: what somebody was refused with
 *
 * Closes it, or tells a new reason why it is closed.
 */
void
cb_gate_shut (CbGate *self, const GError *reason)
{
  g_return_if_fail (CB_IS_GATE (self));
  g_return_if_fail (reason != NULL);

  self->open = FALSE;
  if (self->probe_source == 0)
    self->probe_source = g_timeout_add (PROBE_INTERVAL_MSEC, probe_cb, self);

  self->lasting = cb_error_is_lasting (reason);
  set_problem (self, reason->message);
}

/**
 * cb_gate_is_lasting:
 * @self: a gate
 *
 * Returns: whether it is closed for a reason that does not go away by itself
 */
gboolean
cb_gate_is_lasting (CbGate *self)
{
  g_return_val_if_fail (CB_IS_GATE (self), FALSE);

  return !self->open && self->lasting;
}

/**
 * cb_gate_hurry:
 * @self: a gate
 *
 * Lets one try at once, for instance because the connection has come back.
 */
void
cb_gate_hurry (CbGate *self)
{
  g_return_if_fail (CB_IS_GATE (self));

  if (self->open)
    return;

  g_object_ref (self);
  let_through (self);
  g_object_unref (self);
}

/**
 * cb_error_is_lasting:
 * @error: what a call was answered with
 *
 * Tells refusals that stay until a person does something, such as a key of the wrong type or a permission that is missing,
 * from those that come and go with the server.
 *
 * Returns: whether waiting alone does not help
 */
gboolean
cb_error_is_lasting (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return !cb_error_is_outage (error) || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM)
         || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOAUTH)
         || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGPASS)
         /* This node of a cluster. The slot may come back, but not by itself. */
         || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_MOVED);
}

/**
 * cb_error_is_outage:
 * @error: what a call was answered with
 *
 * Tells errors of the server as a whole, which go away and after which the same call can be made again, from errors of one job.
 *
 * Returns: whether it is worth to wait and try again
 */
gboolean
cb_error_is_outage (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain == G_IO_ERROR)
    return error->code != G_IO_ERROR_CANCELLED;

  if (error->domain != CB_REDIS_ERROR)
    return FALSE;

  switch ((CbRedisError) error->code)
    {
    case CB_REDIS_ERROR_RESOLVE:
    case CB_REDIS_ERROR_CONNECT:
    case CB_REDIS_ERROR_NOT_CONNECTED:
    case CB_REDIS_ERROR_LOST:
    case CB_REDIS_ERROR_TIMED_OUT:
    case CB_REDIS_ERROR_PROTOCOL:
    case CB_REDIS_ERROR_SERVER_MISSING:
    case CB_REDIS_ERROR_SERVER_FAILED:
    case CB_REDIS_ERROR_NOAUTH:
    case CB_REDIS_ERROR_WRONGPASS:
    case CB_REDIS_ERROR_NOPERM:
    case CB_REDIS_ERROR_READONLY:
    case CB_REDIS_ERROR_LOADING:
    case CB_REDIS_ERROR_MASTERDOWN:
    case CB_REDIS_ERROR_MISCONF:
    case CB_REDIS_ERROR_OOM:
    case CB_REDIS_ERROR_BUSY:
    case CB_REDIS_ERROR_NOSCRIPT:
    case CB_REDIS_ERROR_EXECABORT:
    case CB_REDIS_ERROR_NOREPLICAS:
    case CB_REDIS_ERROR_UNBLOCKED:
    case CB_REDIS_ERROR_MOVED:
    case CB_REDIS_ERROR_ASK:
    case CB_REDIS_ERROR_TRYAGAIN:
    case CB_REDIS_ERROR_CLUSTERDOWN:
    case CB_REDIS_ERROR_SENTINEL:
      return TRUE;

    case CB_REDIS_ERROR_FAILED:
    case CB_REDIS_ERROR_ADDRESS:
    case CB_REDIS_ERROR_UNEXPECTED:
    case CB_REDIS_ERROR_UNKNOWN_COMMAND:
    case CB_REDIS_ERROR_WRONGTYPE:
    case CB_REDIS_ERROR_CROSSSLOT:
    default:
      return FALSE;
    }
}
