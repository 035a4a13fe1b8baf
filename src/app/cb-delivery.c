/* cb-delivery.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-delivery.h"

#include "cb-job-draft.h"
#include "cb-json.h"

/* Two hundred of these are kept; a message of a megabyte is not kept two hundred times. */
#define MAX_CHARS 300

struct _CbDelivery
{
  GObject parent_instance;

  gint64 time;
  char *prefix;
  char *queue;
  char *job_id;
  char *recipient; /* (nullable) */
  char *message;
  char *problem; /* (nullable) */
  gboolean retries;
};

G_DEFINE_FINAL_TYPE (CbDelivery, cb_delivery, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TIME,
  PROP_QUEUE,
  PROP_JOB_ID,
  PROP_RECIPIENT,
  PROP_MESSAGE,
  PROP_PROBLEM,
  PROP_RETRIES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static char *
shorten (char *text)
{
  g_autofree char *display = cb_text_display (text, -1, TRUE);

  g_free (text);

  if (g_utf8_strlen (display, -1) > MAX_CHARS)
    {
      g_autofree char *start = g_utf8_substring (display, 0, MAX_CHARS - 1);

      return g_strconcat (start, "…", NULL);
    }

  return g_steal_pointer (&display);
}

static void
cb_delivery_finalize (GObject *object)
{
  CbDelivery *self = CB_DELIVERY (object);

  g_free (self->prefix);
  g_free (self->queue);
  g_free (self->job_id);
  g_free (self->recipient);
  g_free (self->message);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_delivery_parent_class)->finalize (object);
}

static void
cb_delivery_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbDelivery *self = CB_DELIVERY (object);

  switch (prop_id)
    {
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_JOB_ID:
      g_value_set_string (value, self->job_id);
      break;
    case PROP_RECIPIENT:
      g_value_set_string (value, self->recipient);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_RETRIES:
      g_value_set_boolean (value, self->retries);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_delivery_class_init (CbDeliveryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_delivery_finalize;
  object_class->get_property = cb_delivery_get_property;

  props[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, flags);
  props[PROP_JOB_ID] = g_param_spec_string ("job-id", NULL, NULL, NULL, flags);
  props[PROP_RECIPIENT] = g_param_spec_string ("recipient", NULL, NULL, NULL, flags);
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  props[PROP_RETRIES] = g_param_spec_boolean ("retries", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
cb_delivery_init (CbDelivery *self)
{
}

/**
 * cb_delivery_new:
 * @prefix: of the engine whose job it is
 * @job: the job that was run
 * @time: when it ended, µs since 1970 UTC
 * @error: (nullable): why it failed
 * @will_retry: whether attempts are left
 *
 * Takes out of @job what a line about it needs, so that its data are let go.
 */
CbDelivery *
cb_delivery_new (const char *prefix, CbJobRecord *job, gint64 time, const GError *error, gboolean will_retry)
{
  CbDelivery *self = g_object_new (CB_TYPE_DELIVERY, NULL);
  const char *data = NULL;
  gsize length = 0;

  self->time = time;
  self->prefix = g_strdup (prefix);
  self->queue = g_strdup (job->queue);
  self->job_id = g_strdup (job->id);
  self->problem = error != NULL ? shorten (g_strdup (error->message)) : NULL;
  self->retries = error != NULL && will_retry;

  if (job->data != NULL)
    data = g_bytes_get_data (job->data, &length);

  if (data != NULL && cb_is_notification_data (data, length, &self->recipient, &self->message))
    {
      self->recipient = shorten (self->recipient);
      self->message = shorten (self->message);
    }
  else
    self->message = data != NULL ? cb_json_excerpt (data, length, MAX_CHARS) : g_strdup ("");

  return self;
}

gint64
cb_delivery_get_time (CbDelivery *self)
{
  return self->time;
}

const char *
cb_delivery_get_prefix (CbDelivery *self)
{
  return self->prefix;
}

const char *
cb_delivery_get_queue (CbDelivery *self)
{
  return self->queue;
}

const char *
cb_delivery_get_job_id (CbDelivery *self)
{
  return self->job_id;
}

const char *
cb_delivery_get_recipient (CbDelivery *self)
{
  return self->recipient;
}

const char *
cb_delivery_get_message (CbDelivery *self)
{
  return self->message;
}

const char *
cb_delivery_get_problem (CbDelivery *self)
{
  return self->problem;
}
