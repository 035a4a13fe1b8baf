/* cb-webhook-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-webhook-handler.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-message.h"
#include "cb-webhook-run.h"
#include "cb-worker.h"

/* As many as a worker has slots at most; the session's own default is 2. */
#define MAX_CONNECTIONS 100

struct _CbWebhookHandler
{
  GObject parent_instance;

  char *url;            /* (owned) (nullable) */
  char *secret_header;  /* (owned) (nullable) */
  char *ca_file;        /* (owned) (nullable) */
  guint timeout;        /* seconds */
  GStrv block_list;     /* (owned) (nullable) */

  GUri *uri;            /* (owned) (nullable) what @url says, when it can be used */
  char *secret_name;    /* (owned) (nullable) */
  char *secret_value;   /* (owned) (nullable) */
  GError *problem;      /* (owned) (nullable) why it can't be used */
  SoupSession *session; /* (owned) (nullable) from the first use on */
};

enum
{
  PROP_0,
  PROP_URL,
  PROP_SECRET_HEADER,
  PROP_TIMEOUT,
  PROP_CA_FILE,
  PROP_BLOCK_LIST,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void cb_webhook_handler_iface_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbWebhookHandler, cb_webhook_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, cb_webhook_handler_iface_init))

/* What is set is looked at once, at the first use after it. */
static void
forget (CbWebhookHandler *self)
{
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_pointer (&self->secret_name, g_free);
  g_clear_pointer (&self->secret_value, g_free);
  g_clear_error (&self->problem);
  g_clear_object (&self->session);
}

static gboolean
is_header_name (const char *name)
{
  if (name[0] == '\0')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && strchr ("!#$%&'*+-.^_`|~", *name) == NULL)
      return FALSE;

  return TRUE;
}

static gboolean
is_header_value (const char *value)
{
  if (value[0] == '\0')
    return FALSE;
  for (; *value != '\0'; value++)
    if (g_ascii_iscntrl (*value) && *value != '\t')
      return FALSE;

  return TRUE;
}

static GError *
take_secret (CbWebhookHandler *self)
{
  const char *colon;

  if (self->secret_header == NULL)
    return NULL;

  colon = strchr (self->secret_header, ':');
  if (colon != NULL)
    {
      self->secret_name = g_strndup (self->secret_header, colon - self->secret_header);
      self->secret_value = g_strstrip (g_strdup (colon + 1));
    }
  else
    {
      self->secret_name = g_strdup ("Authorization");
      self->secret_value = g_strconcat ("Bearer ", self->secret_header, NULL);
    }

  /* The secret is not quoted: errors are shown and logged. */
  if (!is_header_name (self->secret_name) || !is_header_value (self->secret_value))
    return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                        "The secret header has to be one line “Name: value”, or a value alone");
  return NULL;
}

static GError *
take_url (CbWebhookHandler *self)
{
  g_autoptr (GError) error = NULL;
  const char *scheme;

  if (self->url == NULL || self->url[0] == '\0')
    return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER, "No address was named that jobs are sent to");

  self->uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, &error);
  scheme = self->uri != NULL ? g_uri_get_scheme (self->uri) : NULL;
  if (self->uri == NULL || g_uri_get_host (self->uri) == NULL || g_uri_get_host (self->uri)[0] == '\0' ||
      (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0))
    return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                        "Jobs are sent to an address like https://example.org/notify, not to this one");
  return NULL;
}

static GError *
make_session (CbWebhookHandler *self)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  if (self->ca_file != NULL)
    {
      database = g_tls_file_database_new (self->ca_file, &error);
      if (database == NULL)
        return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER, "The certificates of “%s” can't be used: %s",
                            self->ca_file, error->message);
    }

  self->session = soup_session_new_with_options ("timeout", self->timeout,
                                                 "max-conns", MAX_CONNECTIONS,
                                                 "max-conns-per-host", MAX_CONNECTIONS,
                                                 "user-agent", "callboard/" PACKAGE_VERSION,
                                                 NULL);
  if (database != NULL)
    soup_session_set_tls_database (self->session, database);
  return NULL;
}

/**
 * cb_webhook_handler_check:
 *
 * Errors: %CB_WORKER_ERROR_HANDLER, a sentence without the secret and without the address, which may hold one as well.
 *
 * Returns: whether jobs can be sent with what is set
 */
gboolean
cb_webhook_handler_check (CbWebhookHandler *self, GError **error)
{
  g_return_val_if_fail (CB_IS_WEBHOOK_HANDLER (self), FALSE);

  if (self->session == NULL && self->problem == NULL)
    {
      self->problem = take_url (self);
      if (self->problem == NULL)
        self->problem = take_secret (self);
      if (self->problem == NULL)
        self->problem = make_session (self);
    }
  if (self->problem == NULL)
    return TRUE;

  if (error != NULL)
    *error = g_error_copy (self->problem);
  return FALSE;
}

static void
cb_webhook_handler_run_async (CbHandler *handler,
                              CbHandlerContext *context,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  CbWebhookHandler *self = CB_WEBHOOK_HANDLER (handler);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, cb_webhook_handler_run_async);

  if (!cb_webhook_handler_check (self, &error)
      || !cb_message_check_job (context, (const char * const *) self->block_list, &error))
    g_task_return_error (task, error);
  else
    cb_webhook_run_start (g_steal_pointer (&task), context, self->session, self->uri,
                          self->secret_name, self->secret_value);
}

static GBytes *
cb_webhook_handler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, handler), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
cb_webhook_handler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "webhook";
  iface->title = N_("Web service");
  iface->run_async = cb_webhook_handler_run_async;
  iface->run_finish = cb_webhook_handler_run_finish;
}

static void
cb_webhook_handler_finalize (GObject *object)
{
  CbWebhookHandler *self = CB_WEBHOOK_HANDLER (object);

  forget (self);
  g_free (self->url);
  g_free (self->secret_header);
  g_free (self->ca_file);
  g_strfreev (self->block_list);

  G_OBJECT_CLASS (cb_webhook_handler_parent_class)->finalize (object);
}

static void
cb_webhook_handler_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbWebhookHandler *self = CB_WEBHOOK_HANDLER (object);

  switch (prop_id)
    {
    case PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    case PROP_CA_FILE:
      g_value_set_string (value, self->ca_file);
      break;
    case PROP_BLOCK_LIST:
      g_value_set_boxed (value, self->block_list);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_webhook_handler_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbWebhookHandler *self = CB_WEBHOOK_HANDLER (object);

  forget (self);
  switch (prop_id)
    {
    case PROP_URL:
      g_free (self->url);
      self->url = g_value_dup_string (value);
      break;
    case PROP_SECRET_HEADER:
      g_free (self->secret_header);
      self->secret_header = g_value_dup_string (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_uint (value);
      break;
    case PROP_CA_FILE:
      g_free (self->ca_file);
      self->ca_file = g_value_dup_string (value);
      break;
    case PROP_BLOCK_LIST:
      g_strfreev (self->block_list);
      self->block_list = g_value_dup_boxed (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_webhook_handler_class_init (CbWebhookHandlerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_webhook_handler_finalize;
  object_class->get_property = cb_webhook_handler_get_property;
  object_class->set_property = cb_webhook_handler_set_property;

  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  properties[PROP_SECRET_HEADER] =
    g_param_spec_string ("secret-header", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 30, flags);
  properties[PROP_CA_FILE] = g_param_spec_string ("ca-file", NULL, NULL, NULL, flags);
  properties[PROP_BLOCK_LIST] = g_param_spec_boxed ("block-list", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_webhook_handler_init (CbWebhookHandler *self)
{
  self->timeout = 30;
}
