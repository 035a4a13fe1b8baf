/* cb-handler-setup.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-handler-setup.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-handlers.h"
#include "cb-worker.h"
#ifdef HAVE_WEBHOOK
#include "cb-task-thread.h"
#include "cb-webhook-handler.h"
#endif

void
cb_handler_setup_init (CbHandlerSetup *self)
{
  self->name = g_strdup ("notify");
  self->block_list = g_new0 (char *, 1);
  self->argv = g_new0 (char *, 1);
  self->url = g_strdup ("");
  self->server = g_strdup ("");
  self->prefix = g_strdup ("");
  self->secret_id = NULL;
  self->secret = NULL;
}

void
cb_handler_setup_clear (CbHandlerSetup *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->block_list, g_strfreev);
  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->prefix, g_free);
  g_clear_pointer (&self->secret_id, g_free);
  g_clear_pointer (&self->secret, g_free);
}

static void
read_string (GVariant *variant, const char *key, char **field)
{
  const char *text;

  if (!g_variant_lookup (variant, key, "&s", &text))
    return;

  g_free (*field);
  *field = g_strdup (text);
}

static void
read_strings (GVariant *variant, const char *key, GStrv *field)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (variant, key, G_VARIANT_TYPE_STRING_ARRAY);

  if (value == NULL)
    return;

  g_strfreev (*field);
  *field = g_variant_dup_strv (value, NULL);
}

/**
 * cb_handler_setup_read:
 * @variant: an `a{sv}`
 *
 * Takes from the settings what can be used; the rest stays as it is. The secret is not there, only what it is called.
 */
void
cb_handler_setup_read (CbHandlerSetup *self, GVariant *variant)
{
  read_string (variant, "handler", &self->name);
  read_strings (variant, "block-list", &self->block_list);
  read_strings (variant, "program", &self->argv);
  read_string (variant, "url", &self->url);
  read_string (variant, "secret-id", &self->secret_id);
  if (self->secret_id != NULL && *self->secret_id == '\0')
    g_clear_pointer (&self->secret_id, g_free);
}

void
cb_handler_setup_write (CbHandlerSetup *self, GVariantDict *dict)
{
  g_variant_dict_insert (dict, "handler", "s", self->name);
  g_variant_dict_insert_value (dict, "block-list", g_variant_new_strv ((const char * const *) self->block_list, -1));
  if (self->argv[0] != NULL)
    g_variant_dict_insert_value (dict, "program", g_variant_new_strv ((const char * const *) self->argv, -1));
  if (*self->url != '\0')
    g_variant_dict_insert (dict, "url", "s", self->url);
  if (self->secret_id != NULL)
    g_variant_dict_insert (dict, "secret-id", "s", self->secret_id);
}

static gboolean
has_property (CbHandler *handler, const char *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (handler), name) != NULL;
}

/**
 * cb_handler_setup_create:
 *
 * A handler that is told what it needs: one that is not would fail every job it gets.
 *
 * Errors: %CB_WORKER_ERROR_HANDLER with a sentence that says what is missing; it holds no secret.
 *
 * Returns: (transfer full) (nullable): the handler
 */
CbHandler *
cb_handler_setup_create (CbHandlerSetup *self, GError **error)
{
  g_autoptr (CbHandler) handler = cb_handlers_create (self->name, error);

  if (handler == NULL)
    return NULL;

  if (has_property (handler, "block-list"))
    g_object_set (handler, "block-list", self->block_list, NULL);

  if (has_property (handler, "server"))
    g_object_set (handler, "server", self->server, "prefix", self->prefix, NULL);

  if (has_property (handler, "argv"))
    {
      if (self->argv[0] == NULL || self->argv[0][0] == '\0')
        {
          g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                       _("No job is taken before you name the program that is to do them."));
          return NULL;
        }
      g_object_set (handler, "argv", self->argv, NULL);
    }

  if (has_property (handler, "url"))
    {
      if (*self->url == '\0')
        {
          g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                       _("No job is taken before you name the address that they are sent to."));
          return NULL;
        }
      if (!cb_handler_setup_check_url (self->url, error))
        return NULL;
      if (self->secret_id != NULL && self->secret == NULL)
        {
          g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                       _("No job is taken because the secret header can’t be read. Set it again, or forget it."));
          return NULL;
        }
      g_object_set (handler, "url", self->url, "secret-header", self->secret, NULL);
    }

  return g_steal_pointer (&handler);
}

/* The handler itself knows what it can use; that way there is one rule. */
static gboolean
can_use (const char *url, const char *secret)
{
#ifdef HAVE_WEBHOOK
  g_autoptr (CbWebhookHandler) handler
    = g_object_new (CB_TYPE_WEBHOOK_HANDLER, "url", url, "secret-header", secret, NULL);

  return cb_webhook_handler_check (handler, NULL);
#else
  return FALSE;
#endif
}

/**
 * cb_handler_setup_check_url:
 * @url: what was typed
 *
 * Errors: %CB_WORKER_ERROR_HANDLER. What was typed is not quoted: it may hold a password.
 *
 * Returns: whether jobs can be sent there
 */
gboolean
cb_handler_setup_check_url (const char *url, GError **error)
{
  if (can_use (url, NULL))
    return TRUE;

  g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
               _("An address looks like https://example.org/notify"));
  return FALSE;
}

/**
 * cb_handler_setup_check_secret:
 * @secret: what was typed
 *
 * Errors: %CB_WORKER_ERROR_HANDLER. What was typed is not quoted.
 *
 * Returns: whether it can be sent as a header
 */
gboolean
cb_handler_setup_check_secret (const char *secret, GError **error)
{
  if (can_use ("https://example.org/", secret))
    return TRUE;

  g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
               _("A secret header is “Name: value”, or a value alone that is sent as “Authorization: Bearer value”"));
  return FALSE;
}

/**
 * cb_handler_setup_is_open:
 * @url: an address that can be used
 *
 * Returns: whether what is sent there, the secret too, can be read on its way: without TLS, and not within this computer
 */
gboolean
cb_handler_setup_is_open (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host != NULL && strcmp (g_uri_get_scheme (uri), "http") == 0 && strcmp (host, "localhost") != 0
         && !g_str_has_prefix (host, "127.") && strcmp (host, "::1") != 0;
}

/* --- the program --- */

static void
check_program (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *program = data;
  g_autofree char *found = g_find_program_in_path (program);

  if (found != NULL && !g_file_test (found, G_FILE_TEST_IS_DIR))
    g_task_return_pointer (task, g_steal_pointer (&found), g_free);
  else if (strchr (program, '/') == NULL)
    g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                             _("There is no program of this name in the folders of PATH"));
  else if (!g_file_test (program, G_FILE_TEST_EXISTS))
    g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER, _("There is no such file"));
  else
    g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER, _("This file is not a program"));
}

/**
 * cb_handler_setup_check_program_async:
 * @program: a path, or a name to be looked for in PATH
 *
 * Looks, in a thread, whether it is there and may be run.
 *
 * Errors: %CB_WORKER_ERROR_HANDLER with a sentence.
 */
void
cb_handler_setup_check_program_async (const char *program, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_handler_setup_check_program_async);
  g_task_set_task_data (task, g_strdup (program), g_free);
  cb_task_run_in_thread (task, check_program);
}

/**
 * cb_handler_setup_check_program_finish:
 *
 * Returns: (transfer full) (nullable): the path of what would be run
 */
char *
cb_handler_setup_check_program_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}
