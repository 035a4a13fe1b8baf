/* cb-serving.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is served is remembered for each server by itself, in one key of the settings: server → list of queues.
 *
 * Two rules keep this from doing harm. On the app's private server a newcomer finds the sample queue served, so that the first
 * job runs. On a server that somebody named, other programs may rely on who takes their jobs: there nothing is served until a
 * person switches it on, and the switch is not remembered over a restart (what it would do then, and with what
 * block-list, is).
 */

#include "config.h"

#include "cb-serving.h"

#include <glib/gi18n.h>

#include "cb-delivery.h"

#define MAX_DELIVERIES 200

/* A worker may finish a thousand jobs a second; the list tells of them four times. */
#define DELIVERIES_MSEC 250

struct _CbServing
{
  GObject parent_instance;

  CbBoard *board;       /* (owned) */
  GSettings *settings;  /* (owned) (nullable) */
  char *server_id;
  gboolean shared;

  GPtrArray *queues;    /* (element-type CbServedQueue) (owned) */
  GPtrArray *leaving;   /* (element-type CbServedQueue) (owned) removed, perhaps with jobs to finish */
  GListStore *deliveries;
  GQueue new_deliveries; /* (element-type CbDelivery) (owned) newest first, not on the list yet */
  guint deliveries_id;
  char *summary;
  guint n_on;
  guint n_slots;
};

static void cb_serving_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbServing, cb_serving, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, cb_serving_list_model_init))

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_SHARED,
  PROP_N_ON,
  PROP_N_SLOTS,
  PROP_SUMMARY,
  PROP_DELIVERIES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

enum
{
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
update_summary (CbServing *self)
{
  guint n_on = 0, n_slots = 0;

  for (guint i = 0; i < self->queues->len; i++)
    {
      CbServedQueue *served = g_ptr_array_index (self->queues, i);

      if (cb_served_queue_get_enabled (served))
        {
          n_on++;
          n_slots += cb_served_queue_get_concurrency (served);
        }
    }

  if (self->summary != NULL && n_on == self->n_on && n_slots == self->n_slots)
    return;

  self->n_on = n_on;
  self->n_slots = n_slots;
  g_free (self->summary);
  if (n_on == 0)
    /* Translators: the worker is switched off */
    self->summary = g_strdup (_("off"));
  else
    /* Translators: the worker is switched on, and how many jobs it may run at once */
    self->summary = g_strdup_printf (ngettext ("on · %u slot", "on · %u slots", n_slots), n_slots);

  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_ON]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SLOTS]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUMMARY]);
}

/* Reads the whole dictionary and writes it back with only this server's entry changed: another window may be on another
 * server. */
static void
save (CbServing *self)
{
  g_autoptr (GVariant) old = NULL;
  GVariantBuilder queues;
  GVariantDict dict;

  if (self->settings == NULL)
    return;

  g_variant_builder_init (&queues, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < self->queues->len; i++)
    {
      GVariant *variant = cb_served_queue_to_variant (g_ptr_array_index (self->queues, i));

      if (variant != NULL)
        g_variant_builder_add_value (&queues, variant);
    }

  old = g_settings_get_value (self->settings, CB_SERVING_SETTINGS_KEY);
  g_variant_dict_init (&dict, old);
  g_variant_dict_insert_value (&dict, self->server_id, g_variant_builder_end (&queues));
  g_settings_set_value (self->settings, CB_SERVING_SETTINGS_KEY, g_variant_dict_end (&dict));
}

static void
changed_cb (CbServing *self)
{
  save (self);
  update_summary (self);
}

static gboolean
add_deliveries_cb (gpointer user_data)
{
  CbServing *self = user_data;
  guint n_new = self->new_deliveries.length;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->deliveries));
  g_autoptr (GPtrArray) additions = g_ptr_array_new_with_free_func (g_object_unref);
  CbDelivery *delivery;

  self->deliveries_id = 0;
  if (n + n_new > MAX_DELIVERIES)
    {
      guint n_old = MIN (n + n_new - MAX_DELIVERIES, n);

      g_list_store_splice (self->deliveries, n - n_old, n_old, NULL, 0);
    }

  while ((delivery = g_queue_pop_head (&self->new_deliveries)) != NULL)
    g_ptr_array_add (additions, delivery);
  g_list_store_splice (self->deliveries, 0, 0, additions->pdata, additions->len);

  return G_SOURCE_REMOVE;
}

static void
finished_cb (CbServing *self, CbDelivery *delivery)
{
  g_queue_push_head (&self->new_deliveries, g_object_ref (delivery));
  if (self->new_deliveries.length > MAX_DELIVERIES)
    g_object_unref (g_queue_pop_tail (&self->new_deliveries));
  if (self->deliveries_id == 0)
    self->deliveries_id = g_timeout_add (DELIVERIES_MSEC, add_deliveries_cb, self);

  g_signal_emit (self, signals[FINISHED], 0, delivery);
}

static void
append (CbServing *self, CbServedQueue *served)
{
  cb_served_queue_set_server (served, self->server_id);
  g_ptr_array_add (self->queues, served);
  g_signal_connect_object (served, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "finished", G_CALLBACK (finished_cb), self, G_CONNECT_SWAPPED);
}

static void
load (CbServing *self)
{
  g_autoptr (GVariant) servers = NULL;
  g_autoptr (GVariant) queues = NULL;
  GVariantIter iter;
  GVariant *child;

  if (self->settings != NULL)
    {
      servers = g_settings_get_value (self->settings, CB_SERVING_SETTINGS_KEY);
      queues = g_variant_lookup_value (servers, self->server_id, G_VARIANT_TYPE ("aa{sv}"));
    }

  if (queues == NULL)
    {
      /* The first time. On a shared server the card is there, so that the switch can be found, but off. */
      append (self, cb_served_queue_new (self->board, CB_SERVING_SAMPLE_QUEUE, NULL, NULL));
      cb_served_queue_set_enabled (g_ptr_array_index (self->queues, 0), !self->shared);
      return;
    }

  g_variant_iter_init (&iter, queues);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr (GVariant) owned_child = child;
      g_autoptr (GVariant) variant = NULL;
      CbServedQueue *served;

      if (self->shared)
        {
          GVariantDict dict;

          g_variant_dict_init (&dict, child);
          g_variant_dict_remove (&dict, "enabled");
          variant = g_variant_ref_sink (g_variant_dict_end (&dict));
        }
      else
        variant = g_variant_ref (child);

      served = cb_served_queue_new_for_variant (self->board, variant);
      if (served != NULL)
        append (self, served);
    }
}

static GType
cb_serving_get_item_type (GListModel *model)
{
  return CB_TYPE_SERVED_QUEUE;
}

static guint
cb_serving_get_n_items (GListModel *model)
{
  return CB_SERVING (model)->queues->len;
}

static gpointer
cb_serving_get_item (GListModel *model, guint position)
{
  CbServing *self = CB_SERVING (model);

  return position < self->queues->len ? g_object_ref (g_ptr_array_index (self->queues, position)) : NULL;
}

static void
cb_serving_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_serving_get_item_type;
  iface->get_n_items = cb_serving_get_n_items;
  iface->get_item = cb_serving_get_item;
}

static void
cb_serving_finalize (GObject *object)
{
  CbServing *self = CB_SERVING (object);

  g_clear_handle_id (&self->deliveries_id, g_source_remove);
  g_queue_clear_full (&self->new_deliveries, g_object_unref);
  g_clear_pointer (&self->queues, g_ptr_array_unref);
  g_clear_pointer (&self->leaving, g_ptr_array_unref);
  g_clear_object (&self->deliveries);
  g_clear_object (&self->settings);
  g_clear_object (&self->board);
  g_free (self->server_id);
  g_free (self->summary);

  G_OBJECT_CLASS (cb_serving_parent_class)->finalize (object);
}

static void
cb_serving_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbServing *self = CB_SERVING (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_SHARED:
      g_value_set_boolean (value, self->shared);
      break;
    case PROP_N_ON:
      g_value_set_uint (value, self->n_on);
      break;
    case PROP_N_SLOTS:
      g_value_set_uint (value, self->n_slots);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_DELIVERIES:
      g_value_set_object (value, self->deliveries);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_serving_class_init (CbServingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = cb_serving_finalize;
  object_class->get_property = cb_serving_get_property;

  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, CB_TYPE_BOARD, flags);
  props[PROP_SHARED] = g_param_spec_boolean ("shared", NULL, NULL, FALSE, flags);
  props[PROP_N_ON] = g_param_spec_uint ("n-on", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_SLOTS] = g_param_spec_uint ("n-slots", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  props[PROP_DELIVERIES] = g_param_spec_object ("deliveries", NULL, NULL, G_TYPE_LIST_MODEL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[FINISHED] = g_signal_new ("finished", CB_TYPE_SERVING, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, CB_TYPE_DELIVERY);
}

static void
cb_serving_init (CbServing *self)
{
  self->queues = g_ptr_array_new_with_free_func (g_object_unref);
  self->leaving = g_ptr_array_new_with_free_func (g_object_unref);
  self->deliveries = g_list_store_new (CB_TYPE_DELIVERY);
  g_queue_init (&self->new_deliveries);
}

/**
 * cb_serving_new:
 * @board: the server's queues
 * @settings: (nullable): with a key `workers` of type `a{sv}`; %NULL: nothing is remembered
 * @server_id: names the server in the settings; holds no password
 * @shared: whether programs other than this app may use the server
 *
 * Reads what is to be served and starts what is switched on.
 */
CbServing *
cb_serving_new (CbBoard *board, GSettings *settings, const char *server_id, gboolean shared)
{
  CbServing *self = g_object_new (CB_TYPE_SERVING, NULL);

  self->board = g_object_ref (board);
  g_set_object (&self->settings, settings);
  self->server_id = g_strdup (server_id);
  self->shared = shared;

  load (self);
  update_summary (self);

  return self;
}

/**
 * cb_serving_find:
 * @prefix: (nullable): %NULL: any
 *
 * Returns: (transfer none) (nullable): the queue, if it is on the list
 */
CbServedQueue *
cb_serving_find (CbServing *self, const char *queue, const char *prefix)
{
  for (guint i = 0; i < self->queues->len; i++)
    {
      CbServedQueue *served = g_ptr_array_index (self->queues, i);
      const char *served_prefix = cb_served_queue_get_prefix (served);

      if (g_str_equal (cb_served_queue_get_queue (served), queue)
          && (prefix == NULL || served_prefix == NULL || g_str_equal (served_prefix, prefix)))
        return served;
    }

  return NULL;
}

/**
 * cb_serving_add:
 * @prefix: (nullable): see cb_served_queue_new()
 * @engine_name: (nullable): see cb_served_queue_new()
 *
 * Puts a queue on the list, switched off. One that is there already is given back as it is.
 *
 * Returns: (transfer none): the queue
 */
CbServedQueue *
cb_serving_add (CbServing *self, const char *queue, const char *prefix, const char *engine_name)
{
  CbServedQueue *served = cb_serving_find (self, queue, prefix);

  if (served != NULL)
    return served;

  served = cb_served_queue_new (self->board, queue, prefix, engine_name);
  append (self, served);
  save (self);
  g_list_model_items_changed (G_LIST_MODEL (self), self->queues->len - 1, 0, 1);

  return served;
}

/**
 * cb_serving_remove:
 *
 * Switches a queue off and takes it from the list. The jobs that it runs are finished as after switching it off, and
 * cb_serving_stop_async() waits for them.
 */
void
cb_serving_remove (CbServing *self, CbServedQueue *served)
{
  guint position;

  if (!g_ptr_array_find (self->queues, served, &position))
    return;

  for (guint i = self->leaving->len; i > 0; i--)
    if (cb_served_queue_get_state (g_ptr_array_index (self->leaving, i - 1)) == CB_WORKER_STOPPED)
      g_ptr_array_remove_index_fast (self->leaving, i - 1);

  g_signal_handlers_disconnect_by_func (served, changed_cb, self);
  cb_served_queue_set_enabled (served, FALSE);
  /* Nothing would refer to it any more. */
  cb_served_queue_set_secret (served, NULL);
  g_ptr_array_add (self->leaving, g_object_ref (served));
  g_ptr_array_remove_index (self->queues, position);
  changed_cb (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

CbBoard *
cb_serving_get_board (CbServing *self)
{
  return self->board;
}

gboolean
cb_serving_get_shared (CbServing *self)
{
  return self->shared;
}

GListModel *
cb_serving_get_deliveries (CbServing *self)
{
  return G_LIST_MODEL (self->deliveries);
}

/* --- the end --- */

typedef struct
{
  guint n_left; /* and one for the loop that starts them */
  GError *error;
} StopData;

static void
stop_data_free (StopData *data)
{
  g_clear_error (&data->error);
  g_free (data);
}

static void
finish_one (GTask *task)
{
  StopData *data = g_task_get_task_data (task);

  if (--data->n_left > 0)
    return;

  if (data->error != NULL)
    g_task_return_error (task, g_steal_pointer (&data->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  StopData *data = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!cb_served_queue_stop_finish (CB_SERVED_QUEUE (source), result, &error) && data->error == NULL)
    data->error = g_steal_pointer (&error);

  finish_one (task);
}

/**
 * cb_serving_get_n_active:
 *
 * Returns: how many jobs run here now, those of queues that were switched off or taken from the list meanwhile as well
 */
guint
cb_serving_get_n_active (CbServing *self)
{
  GPtrArray * const lists[] = { self->queues, self->leaving };
  guint n = 0;

  g_return_val_if_fail (CB_IS_SERVING (self), 0);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < lists[i]->len; j++)
      {
        CbWorker *worker = cb_served_queue_get_worker (g_ptr_array_index (lists[i], j));
        guint n_active = 0;

        if (worker != NULL)
          g_object_get (worker, "n-active", &n_active, NULL);
        n += n_active;
      }
  return n;
}

/**
 * cb_serving_stop_async:
 * @grace_msec: how long the jobs that are running may take before they are put back
 *
 * Stops all workers at once, and answers when the last one has. The switches stay as they are.
 *
 * Errors: the first of the workers'; the others are stopped all the same.
 */
void
cb_serving_stop_async (CbServing *self, guint grace_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  StopData *data = g_new0 (StopData, 1);

  g_task_set_source_tag (task, cb_serving_stop_async);
  g_task_set_task_data (task, data, (GDestroyNotify) stop_data_free);

  data->n_left = 1 + self->queues->len + self->leaving->len;
  for (guint i = 0; i < self->queues->len; i++)
    cb_served_queue_stop_async (g_ptr_array_index (self->queues, i), grace_msec, cancellable, stopped_cb,
                                g_object_ref (task));
  for (guint i = 0; i < self->leaving->len; i++)
    cb_served_queue_stop_async (g_ptr_array_index (self->leaving, i), grace_msec, cancellable, stopped_cb,
                                g_object_ref (task));
  finish_one (task);
}

gboolean
cb_serving_stop_finish (CbServing *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
