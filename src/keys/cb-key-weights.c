/* cb-key-weights.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-weights.h"

#include <string.h>

#include "cb-key-facts.h"

#define PORTION 250

typedef struct
{
  CbKeyStore *keys; /* (owned) */
  CbKeyWeight what;
  GArray *weights;  /* (owned) (element-type gint64) */
  guint n_asked;
} Weighing;

static void
weighing_free (gpointer data)
{
  Weighing *weighing = data;

  cb_key_store_unref (weighing->keys);
  g_array_unref (weighing->weights);
  g_free (weighing);
}

/* By the letters of its name, so that types of modules have their places too. */
static gint64
weigh_type (const char *type)
{
  gint64 weight = 0;
  gsize length = strlen (type);

  for (gsize i = 0; i < 7; i++)
    weight = weight << 8 | (i < length ? (guchar) type[i] : 0);
  return weight;
}

static gint64
weigh (CbKeyWeight       what,
       const CbKeyFacts *facts)
{
  switch (what)
    {
    case CB_KEY_WEIGHT_TTL:
      return facts->ttl_msec >= 0 ? facts->ttl_msec : G_MAXINT64;
    case CB_KEY_WEIGHT_MEMORY:
      return facts->memory;
    case CB_KEY_WEIGHT_TYPE:
    default:
      return weigh_type (facts->type);
    }
}

static void ask (CbConnection *connection, GTask *task);

static void
facts_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Weighing *weighing = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) facts = cb_key_facts_finish (CB_CONNECTION (source), result, &error);

  if (facts == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < facts->len; i++)
    {
      gint64 weight = weigh (weighing->what, &g_array_index (facts, CbKeyFacts, i));

      g_array_append_val (weighing->weights, weight);
    }
  ask (CB_CONNECTION (source), task);
}

static void
ask (CbConnection *connection,
     GTask        *task)
{
  Weighing *weighing = g_task_get_task_data (task);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint n = MIN (cb_key_store_get_length (weighing->keys), CB_KEY_WEIGHTS_MOST);

  for (; weighing->n_asked < n && names->len < PORTION; weighing->n_asked++)
    {
      gsize length;
      const char *name = cb_key_store_get_name (weighing->keys, weighing->n_asked, &length);

      g_ptr_array_add (names, g_bytes_new (name, length));
    }
  if (names->len > 0)
    cb_key_facts_async (connection, names, weighing->what == CB_KEY_WEIGHT_MEMORY, g_task_get_cancellable (task), facts_cb,
                        g_object_ref (task));
  else
    g_task_return_pointer (task, g_array_ref (weighing->weights), (GDestroyNotify) g_array_unref);
}

/**
 * cb_key_weights_async:
 *
 * Errors: those of the connection, %G_IO_ERROR_CANCELLED
 */
void
cb_key_weights_async (CbConnection        *connection,
                      CbKeyStore          *keys,
                      CbKeyWeight          what,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Weighing *weighing;

  g_return_if_fail (CB_IS_CONNECTION (connection));
  g_return_if_fail (keys != NULL);

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_weights_async);
  weighing = g_new0 (Weighing, 1);
  weighing->keys = cb_key_store_ref (keys);
  weighing->what = what;
  weighing->weights = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_task_set_task_data (task, weighing, weighing_free);
  ask (connection, task);
}

GArray *
cb_key_weights_finish (CbConnection  *connection,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
