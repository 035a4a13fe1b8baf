/* cb-served-queue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A switch, and what it switches. The switch can be thrown back and forth faster than a worker stops, which takes as long as its
 * jobs do. So `enabled` is what the person wants, the worker's state is what is so, and update() brings the second
 * after the first whenever either has changed.
 */

#include "config.h"

#include "cb-served-queue.h"

#include <glib/gi18n.h>

#include "cb-delivery.h"
#include "cb-engines.h"
#include "cb-handler-setup.h"
#include "cb-json.h"
#include "cb-rate.h"
#include "cb-secret-store.h"

#define MAX_CONCURRENCY 100
#define DEFAULT_CONCURRENCY 4
#define MAX_RATE_INTERVAL (24 * 60 * 60 * 1000)

/* How long a job may go on after its queue was switched off. It is put back into the queue then. */
#define SWITCH_OFF_GRACE_MSEC 30000

struct _CbServedQueue
{
  GObject parent_instance;

  CbBoard *board; /* (owned) */
  char *queue;
  char *title;
  char *prefix;      /* (nullable) the board's */
  char *engine_name; /* (nullable) the default engine */

  gboolean enabled;
  CbHandlerSetup setup;
  guint concurrency;
  guint timeout;
  guint rate_limit;
  guint rate_interval;

  CbSecretStore *secrets;   /* (owned) (nullable): a secret is kept no longer than the program runs */
  char *secret_problem;     /* (nullable) why the secret can't be read or kept */
  gboolean secret_loading;

  CbWorker *worker;   /* (owned) (nullable) */
  CbHandler *handler; /* (owned) (nullable) made of the settings; NULL when they have changed since, or can't be used */
  char *own_problem;  /* (nullable) why there is no worker, or none that could do anything */
  char *problem;      /* (nullable) the worker's, as last asked for */
  gboolean stopping;  /* a cb_worker_stop_async() of ours is under way */
  gboolean closing;   /* the app ends: whatever the switch says, nothing is started */
};

G_DEFINE_FINAL_TYPE (CbServedQueue, cb_served_queue, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_QUEUE,
  PROP_TITLE,
  PROP_PREFIX,
  PROP_ENGINE_NAME,
  PROP_ENABLED,
  PROP_HANDLER_NAME,
  PROP_CONCURRENCY,
  PROP_TIMEOUT,
  PROP_BLOCK_LIST,
  PROP_PROGRAM,
  PROP_URL,
  PROP_HAS_SECRET,
  PROP_SECRET_PROBLEM,
  PROP_RATE_LIMIT,
  PROP_RATE_INTERVAL,
  PROP_WORKER,
  PROP_STATE,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

enum
{
  CHANGED,
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_own_problem (CbServedQueue *self, const char *problem)
{
  if (g_strcmp0 (self->own_problem, problem) == 0)
    return;

  g_free (self->own_problem);
  self->own_problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
}

/* (transfer full) (nullable) */
static CbEngine *
find_engine (CbServedQueue *self)
{
  GListModel *engines = cb_board_get_engines (self->board);
  CbEngine *engine = NULL;
  g_autoptr (CbConnection) connection = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (engines); i++)
    {
      g_autoptr (CbEngine) candidate = g_list_model_get_item (engines, i);

      if ((self->engine_name == NULL || g_str_equal (cb_engine_get_name (candidate), self->engine_name))
          && (self->prefix == NULL || g_strcmp0 (cb_engine_get_prefix (candidate), self->prefix) == 0))
        return g_steal_pointer (&candidate);
    }

  /* Not found on the server yet: a queue that this app is the first to know of. */
  g_object_get (self->board, "connection", &connection, NULL);
  if (connection != NULL && self->engine_name != NULL && self->prefix != NULL)
    engine = cb_engines_create (self->engine_name, connection, self->prefix);
  else
    g_set_object (&engine, cb_board_get_default_engine (self->board));

  return engine;
}

static void
job_finished_cb (CbServedQueue *self, CbJobRecord *job, GBytes *result, const GError *error, gboolean will_retry,
                 CbWorker *worker)
{
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbDelivery) delivery = NULL;

  g_object_get (worker, "engine", &engine, NULL);
  delivery = cb_delivery_new (cb_engine_get_prefix (engine), job, cb_engine_get_time (engine), error, will_retry);
  g_signal_emit (self, signals[FINISHED], 0, delivery);
}

static void
worker_problem_cb (CbServedQueue *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
}

static void update (CbServedQueue *self);

static void
worker_state_cb (CbServedQueue *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* A handler is made anew when its settings change: it may be in the middle of jobs that began under the old ones. */
static gboolean
ensure_handler (CbServedQueue *self)
{
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  if (self->handler != NULL)
    return TRUE;

  if (self->secret_loading)
    return FALSE;

  engine = find_engine (self);
  g_free (self->setup.prefix);
  self->setup.prefix = g_strdup (engine != NULL ? cb_engine_get_prefix (engine) : "");
  self->handler = cb_handler_setup_create (&self->setup, &error);
  set_own_problem (self, error != NULL ? error->message : NULL);
  if (self->handler != NULL && self->worker != NULL)
    g_object_set (self->worker, "handler", self->handler, NULL);

  return self->handler != NULL;
}

static gboolean
ensure_worker (CbServedQueue *self)
{
  g_autoptr (CbEngine) engine = NULL;

  if (!ensure_handler (self))
    return FALSE;

  if (self->worker != NULL)
    return TRUE;

  engine = find_engine (self);
  if (engine == NULL)
    {
      set_own_problem (self, _("There is no engine for this queue on the server."));
      return FALSE;
    }

  if ((cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_WORK) == 0)
    {
      g_autofree char *problem = g_strdup_printf (_("Jobs of %s can be looked at here, but not worked."),
                                                  cb_engine_get_title (engine));
      set_own_problem (self, problem);
      return FALSE;
    }

  self->worker = cb_worker_new (engine, self->queue, self->handler, self->concurrency);
  g_object_set (self->worker,
                "timeout", self->timeout,
                "rate-interval", self->rate_interval,
                "rate-limit", self->rate_limit,
                NULL);
  g_signal_connect_object (self->worker, "job-finished", G_CALLBACK (job_finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->worker, "notify::problem", G_CALLBACK (worker_problem_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->worker, "notify::state", G_CALLBACK (worker_state_cb), self, G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WORKER]);

  return TRUE;
}

static void
switched_off_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbServedQueue) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!cb_worker_stop_finish (CB_WORKER (source), result, &error))
    g_debug ("The worker of %s did not stop in order: %s", self->title, error->message);

  self->stopping = FALSE;
  update (self);
}

static void
update (CbServedQueue *self)
{
  CbWorkerState state = cb_served_queue_get_state (self);
  gboolean wanted;

  if (self->closing)
    return;

  /* With settings that can't be used every job would fail; better that it waits. */
  wanted = self->enabled && ensure_worker (self);
  if (wanted && state == CB_WORKER_STOPPED && !self->stopping)
    {
      cb_worker_start (self->worker);
    }
  else if (!wanted && state == CB_WORKER_RUNNING && !self->stopping)
    {
      self->stopping = TRUE;
      cb_worker_stop_async (self->worker, SWITCH_OFF_GRACE_MSEC, NULL, switched_off_cb, g_object_ref (self));
    }
}

static void
settings_changed (CbServedQueue *self, int property)
{
  g_clear_object (&self->handler);
  g_signal_emit (self, signals[CHANGED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);

  /* It may have been the settings that were in the way, or they are now. */
  update (self);
}

/* --- the secret --- */

static void
set_secret_problem (CbServedQueue *self, const GError *error)
{
  g_free (self->secret_problem);
  self->secret_problem = error != NULL ? g_strdup (error->message) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SECRET_PROBLEM]);
}

static void
secret_kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbServedQueue) self = user_data;
  g_autoptr (GError) error = NULL;

  cb_secret_store_set_finish (CB_SECRET_STORE (source), result, &error);
  set_secret_problem (self, error);
}

static void
secret_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbServedQueue) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = cb_secret_store_lookup_finish (CB_SECRET_STORE (source), result, &error);

  self->secret_loading = FALSE;
  /* Another one may have been typed meanwhile. */
  if (self->setup.secret == NULL && self->setup.secret_id != NULL)
    {
      self->setup.secret = g_steal_pointer (&secret);
      set_secret_problem (self, error);
    }
  update (self);
}

static void
cb_served_queue_dispose (GObject *object)
{
  CbServedQueue *self = CB_SERVED_QUEUE (object);

  g_clear_object (&self->worker);
  g_clear_object (&self->handler);
  g_clear_object (&self->secrets);
  g_clear_object (&self->board);

  G_OBJECT_CLASS (cb_served_queue_parent_class)->dispose (object);
}

static void
cb_served_queue_finalize (GObject *object)
{
  CbServedQueue *self = CB_SERVED_QUEUE (object);

  g_free (self->queue);
  g_free (self->title);
  g_free (self->prefix);
  g_free (self->engine_name);
  g_free (self->own_problem);
  g_free (self->problem);
  g_free (self->secret_problem);
  cb_handler_setup_clear (&self->setup);

  G_OBJECT_CLASS (cb_served_queue_parent_class)->finalize (object);
}

static void
cb_served_queue_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbServedQueue *self = CB_SERVED_QUEUE (object);

  switch (prop_id)
    {
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_PREFIX:
      g_value_set_string (value, self->prefix);
      break;
    case PROP_ENGINE_NAME:
      g_value_set_string (value, self->engine_name);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->enabled);
      break;
    case PROP_HANDLER_NAME:
      g_value_set_string (value, self->setup.name);
      break;
    case PROP_CONCURRENCY:
      g_value_set_uint (value, self->concurrency);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    case PROP_BLOCK_LIST:
      g_value_set_boxed (value, self->setup.block_list);
      break;
    case PROP_PROGRAM:
      g_value_set_boxed (value, self->setup.argv);
      break;
    case PROP_URL:
      g_value_set_string (value, self->setup.url);
      break;
    case PROP_HAS_SECRET:
      g_value_set_boolean (value, self->setup.secret_id != NULL);
      break;
    case PROP_SECRET_PROBLEM:
      g_value_set_string (value, self->secret_problem);
      break;
    case PROP_RATE_LIMIT:
      g_value_set_uint (value, self->rate_limit);
      break;
    case PROP_RATE_INTERVAL:
      g_value_set_uint (value, self->rate_interval);
      break;
    case PROP_WORKER:
      g_value_set_object (value, self->worker);
      break;
    case PROP_STATE:
      g_value_set_enum (value, cb_served_queue_get_state (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, cb_served_queue_get_problem (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
set_strings (CbServedQueue *self, GStrv *field, const char * const *strings, int property)
{
  static const char * const none[] = { NULL };

  if (strings == NULL)
    strings = none;
  if (g_strv_equal ((const char * const *) *field, strings))
    return;

  g_strfreev (*field);
  *field = g_strdupv ((char **) strings);
  settings_changed (self, property);
}

/* What the worker has by itself, and can change while it runs. */
static void
set_number (CbServedQueue *self, guint *field, const GValue *value, GParamSpec *pspec)
{
  if (*field == g_value_get_uint (value))
    return;

  *field = g_value_get_uint (value);
  if (self->worker != NULL)
    g_object_set_property (G_OBJECT (self->worker), pspec->name, value);
  g_signal_emit (self, signals[CHANGED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

static void
cb_served_queue_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbServedQueue *self = CB_SERVED_QUEUE (object);

  switch (prop_id)
    {
    case PROP_ENABLED:
      cb_served_queue_set_enabled (self, g_value_get_boolean (value));
      break;

    case PROP_HANDLER_NAME:
      cb_served_queue_set_handler_name (self, g_value_get_string (value));
      break;

    case PROP_CONCURRENCY:
      set_number (self, &self->concurrency, value, pspec);
      break;

    case PROP_TIMEOUT:
      set_number (self, &self->timeout, value, pspec);
      break;

    case PROP_RATE_LIMIT:
      set_number (self, &self->rate_limit, value, pspec);
      break;

    case PROP_RATE_INTERVAL:
      set_number (self, &self->rate_interval, value, pspec);
      break;

    case PROP_BLOCK_LIST:
      set_strings (self, &self->setup.block_list, g_value_get_boxed (value), prop_id);
      break;

    case PROP_PROGRAM:
      set_strings (self, &self->setup.argv, g_value_get_boxed (value), prop_id);
      break;

    case PROP_URL:
      {
        const char *url = g_value_get_string (value);

        if (g_strcmp0 (self->setup.url, url != NULL ? url : "") == 0)
          break;
        g_free (self->setup.url);
        self->setup.url = g_strdup (url != NULL ? url : "");
        settings_changed (self, prop_id);
      }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_served_queue_class_init (CbServedQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags readwrite = read | G_PARAM_WRITABLE;

  object_class->dispose = cb_served_queue_dispose;
  object_class->finalize = cb_served_queue_finalize;
  object_class->get_property = cb_served_queue_get_property;
  object_class->set_property = cb_served_queue_set_property;

  props[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, read);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, read);
  props[PROP_PREFIX] = g_param_spec_string ("prefix", NULL, NULL, NULL, read);
  props[PROP_ENGINE_NAME] = g_param_spec_string ("engine-name", NULL, NULL, NULL, read);
  props[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, FALSE, readwrite);
  props[PROP_HANDLER_NAME] = g_param_spec_string ("handler-name", NULL, NULL, "notify", readwrite);
  props[PROP_CONCURRENCY]
    = g_param_spec_uint ("concurrency", NULL, NULL, 1, MAX_CONCURRENCY, DEFAULT_CONCURRENCY, readwrite);
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 0, readwrite);
  props[PROP_BLOCK_LIST] = g_param_spec_boxed ("block-list", NULL, NULL, G_TYPE_STRV, readwrite);
  props[PROP_PROGRAM] = g_param_spec_boxed ("program", NULL, NULL, G_TYPE_STRV, readwrite);
  props[PROP_URL] = g_param_spec_string ("url", NULL, NULL, "", readwrite);
  props[PROP_HAS_SECRET] = g_param_spec_boolean ("has-secret", NULL, NULL, FALSE, read);
  props[PROP_SECRET_PROBLEM] = g_param_spec_string ("secret-problem", NULL, NULL, NULL, read);
  props[PROP_RATE_LIMIT] = g_param_spec_uint ("rate-limit", NULL, NULL, 0, CB_RATE_MAX, 0, readwrite);
  props[PROP_RATE_INTERVAL]
    = g_param_spec_uint ("rate-interval", NULL, NULL, 1, MAX_RATE_INTERVAL, 1000, readwrite);
  props[PROP_WORKER] = g_param_spec_object ("worker", NULL, NULL, CB_TYPE_WORKER, read);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, CB_TYPE_WORKER_STATE, CB_WORKER_STOPPED, read);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, read);

  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[CHANGED] = g_signal_new ("changed", CB_TYPE_SERVED_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  signals[FINISHED] = g_signal_new ("finished", CB_TYPE_SERVED_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, CB_TYPE_DELIVERY);
}

static void
cb_served_queue_init (CbServedQueue *self)
{
  cb_handler_setup_init (&self->setup);
  self->concurrency = DEFAULT_CONCURRENCY;
  self->rate_interval = 1000;
}

/**
 * cb_served_queue_new:
 * @prefix: (nullable): the prefix its engine must have; %NULL: the board's
 * @engine_name: (nullable): the engine, by its name in the registry; %NULL: the default one
 *
 * A queue with the settings that a newcomer gets: switched off, notifying, four jobs at once, nobody blocked.
 */
CbServedQueue *
cb_served_queue_new (CbBoard *board, const char *queue, const char *prefix, const char *engine_name)
{
  CbServedQueue *self = g_object_new (CB_TYPE_SERVED_QUEUE, NULL);
  g_autoptr (CbConnection) connection = NULL;

  self->board = g_object_ref (board);
  self->queue = g_strdup (queue);
  self->title = cb_text_display (queue, -1, TRUE);
  self->prefix = g_strdup (prefix);
  self->engine_name = g_strdup (engine_name);

  /* Invented queues have nothing that is worth keeping. */
  g_object_get (board, "connection", &connection, NULL);
  if (connection != NULL)
    self->secrets = g_object_ref (cb_secret_store_get_default ());

  return self;
}

/**
 * cb_served_queue_new_for_variant:
 * @variant: an `a{sv}` as cb_served_queue_to_variant() makes it
 *
 * Settings can be edited by hand and written by a later version, so whatever can't be used is left at its default.
 *
 * Returns: (transfer full) (nullable): %NULL when there is no name of a queue in it
 */
CbServedQueue *
cb_served_queue_new_for_variant (CbBoard *board, GVariant *variant)
{
  CbServedQueue *self;
  const char *queue = NULL, *prefix = NULL, *engine_name = NULL;
  guint32 number;
  gboolean enabled = FALSE;

  if (!g_variant_lookup (variant, "queue", "&s", &queue) || *queue == '\0')
    return NULL;

  g_variant_lookup (variant, "prefix", "&s", &prefix);
  g_variant_lookup (variant, "engine", "&s", &engine_name);

  self = cb_served_queue_new (board, queue, prefix, engine_name);

  cb_handler_setup_read (&self->setup, variant);

  if (g_variant_lookup (variant, "concurrency", "u", &number))
    self->concurrency = CLAMP (number, 1, MAX_CONCURRENCY);

  if (g_variant_lookup (variant, "timeout", "u", &number))
    self->timeout = number;

  if (g_variant_lookup (variant, "rate-limit", "u", &number))
    self->rate_limit = MIN (number, CB_RATE_MAX);

  if (g_variant_lookup (variant, "rate-interval", "u", &number))
    self->rate_interval = CLAMP (number, 1, MAX_RATE_INTERVAL);

  if (self->setup.secret_id != NULL && self->secrets != NULL)
    {
      self->secret_loading = TRUE;
      cb_secret_store_lookup_async (self->secrets, self->setup.secret_id, secret_read_cb, g_object_ref (self));
    }

  if (g_variant_lookup (variant, "enabled", "b", &enabled) && enabled)
    cb_served_queue_set_enabled (self, TRUE);

  return self;
}

/* A queue's name may be any bytes in Redis, a variant's string must be UTF-8: such a queue is served, but not remembered. */
GVariant *
cb_served_queue_to_variant (CbServedQueue *self)
{
  GVariantDict dict;

  if (!g_utf8_validate (self->queue, -1, NULL))
    return NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "queue", "s", self->queue);
  if (self->prefix != NULL && g_utf8_validate (self->prefix, -1, NULL))
    g_variant_dict_insert (&dict, "prefix", "s", self->prefix);
  if (self->engine_name != NULL)
    g_variant_dict_insert (&dict, "engine", "s", self->engine_name);
  g_variant_dict_insert (&dict, "enabled", "b", self->enabled);
  cb_handler_setup_write (&self->setup, &dict);
  g_variant_dict_insert (&dict, "concurrency", "u", (guint32) self->concurrency);
  g_variant_dict_insert (&dict, "timeout", "u", (guint32) self->timeout);
  if (self->rate_limit > 0)
    {
      g_variant_dict_insert (&dict, "rate-limit", "u", (guint32) self->rate_limit);
      g_variant_dict_insert (&dict, "rate-interval", "u", (guint32) self->rate_interval);
    }

  return g_variant_dict_end (&dict);
}

/**
 * cb_served_queue_set_server:
 * @server: what the notifications of its jobs lead back to, as `app.open-job` takes it
 */
void
cb_served_queue_set_server (CbServedQueue *self, const char *server)
{
  if (g_str_equal (self->setup.server, server))
    return;

  g_free (self->setup.server);
  self->setup.server = g_strdup (server);
  g_clear_object (&self->handler);
  update (self);
}

const char *
cb_served_queue_get_queue (CbServedQueue *self)
{
  return self->queue;
}

const char *
cb_served_queue_get_prefix (CbServedQueue *self)
{
  return self->prefix;
}

const char *
cb_served_queue_get_engine_name (CbServedQueue *self)
{
  return self->engine_name;
}

const char *
cb_served_queue_get_handler_name (CbServedQueue *self)
{
  return self->setup.name;
}

void
cb_served_queue_set_handler_name (CbServedQueue *self, const char *handler_name)
{
  g_return_if_fail (handler_name != NULL);

  if (g_str_equal (self->setup.name, handler_name))
    return;

  g_free (self->setup.name);
  self->setup.name = g_strdup (handler_name);
  settings_changed (self, PROP_HANDLER_NAME);
}

/**
 * cb_served_queue_needs_settings:
 *
 * Returns: whether its handler has not been told yet what it needs
 */
gboolean
cb_served_queue_needs_settings (CbServedQueue *self)
{
  g_autoptr (CbHandler) handler = cb_handler_setup_create (&self->setup, NULL);

  return handler == NULL;
}

/**
 * cb_served_queue_set_secret:
 * @secret: (nullable): as #CbWebhookHandler:secret-header has it; %NULL forgets it
 *
 * It is kept apart from the settings, which hold only what it is called there. Where that fails secret-problem says why, and
 * it holds until the program ends.
 */
void
cb_served_queue_set_secret (CbServedQueue *self, const char *secret)
{
  g_autofree char *id = NULL;

  if (secret == NULL && self->setup.secret_id == NULL)
    return;

  if (self->setup.secret_id == NULL)
    self->setup.secret_id = g_uuid_string_random ();
  id = g_strdup (self->setup.secret_id);
  if (secret == NULL)
    g_clear_pointer (&self->setup.secret_id, g_free);
  g_free (self->setup.secret);
  self->setup.secret = g_strdup (secret);

  if (self->secrets != NULL)
    cb_secret_store_set_async (self->secrets, id, secret, secret_kept_cb, g_object_ref (self));
  settings_changed (self, PROP_HAS_SECRET);
}

/* (nullable) (transfer none): the file that the secret is kept in; NULL: it is not kept */
const char *
cb_served_queue_get_secret_path (CbServedQueue *self)
{
  return self->secrets != NULL ? cb_secret_store_get_path (self->secrets) : NULL;
}

gboolean
cb_served_queue_get_enabled (CbServedQueue *self)
{
  return self->enabled;
}

/**
 * cb_served_queue_set_enabled:
 *
 * Switches the queue on or off. Off, the jobs that are running have half a minute to end and are put back after that;
 * nothing new is taken from the first moment.
 */
void
cb_served_queue_set_enabled (CbServedQueue *self, gboolean enabled)
{
  enabled = !!enabled;
  if (self->enabled == enabled)
    return;

  self->enabled = enabled;
  if (!enabled)
    set_own_problem (self, NULL);
  /* A second try may find what was missing. */
  if (enabled && self->own_problem != NULL)
    g_clear_object (&self->handler);
  update (self);
  g_signal_emit (self, signals[CHANGED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ENABLED]);
}

guint
cb_served_queue_get_concurrency (CbServedQueue *self)
{
  return self->concurrency;
}

const char * const *
cb_served_queue_get_block_list (CbServedQueue *self)
{
  return (const char * const *) self->setup.block_list;
}

/**
 * cb_served_queue_block:
 * @recipient: as it stands in the jobs
 *
 * Returns: %FALSE when it is empty or on the block-list already
 */
gboolean
cb_served_queue_block (CbServedQueue *self, const char *recipient)
{
  g_autofree char *stripped = g_strstrip (g_strdup (recipient));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) block_list = NULL;

  if (*stripped == '\0' || g_strv_contains ((const char * const *) self->setup.block_list, stripped))
    return FALSE;

  g_strv_builder_addv (builder, (const char **) self->setup.block_list);
  g_strv_builder_add (builder, stripped);
  block_list = g_strv_builder_end (builder);
  set_strings (self, &self->setup.block_list, (const char * const *) block_list, PROP_BLOCK_LIST);

  return TRUE;
}

void
cb_served_queue_unblock (CbServedQueue *self, const char *recipient)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) block_list = NULL;

  for (char **p = self->setup.block_list; *p != NULL; p++)
    if (!g_str_equal (*p, recipient))
      g_strv_builder_add (builder, *p);

  block_list = g_strv_builder_end (builder);
  set_strings (self, &self->setup.block_list, (const char * const *) block_list, PROP_BLOCK_LIST);
}

/* (nullable) (transfer none) */
CbWorker *
cb_served_queue_get_worker (CbServedQueue *self)
{
  return self->worker;
}

CbWorkerState
cb_served_queue_get_state (CbServedQueue *self)
{
  return self->worker != NULL ? cb_worker_get_state (self->worker) : CB_WORKER_STOPPED;
}

/* (nullable): borrowed until it is asked for again */
const char *
cb_served_queue_get_problem (CbServedQueue *self)
{
  if (self->own_problem != NULL)
    return self->own_problem;

  g_clear_pointer (&self->problem, g_free);
  if (self->worker != NULL)
    g_object_get (self->worker, "problem", &self->problem, NULL);

  return self->problem;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  CbServedQueue *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->stopping = FALSE;

  if (!cb_worker_stop_finish (CB_WORKER (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * cb_served_queue_stop_async:
 * @grace_msec: how long the jobs that are running may take
 *
 * Ends the worker for good because the app ends; what the switch says stays as it is, for the next start.
 */
void
cb_served_queue_stop_async (CbServedQueue *self, guint grace_msec, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_served_queue_stop_async);
  self->closing = TRUE;

  if (cb_served_queue_get_state (self) == CB_WORKER_STOPPED)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  self->stopping = TRUE;
  cb_worker_stop_async (self->worker, grace_msec, cancellable, stopped_cb, task);
}

gboolean
cb_served_queue_stop_finish (CbServedQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
