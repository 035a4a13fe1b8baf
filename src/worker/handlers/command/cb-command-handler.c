/* cb-command-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-command-handler.h"

#include <glib/gi18n.h>

#include "cb-command-run.h"
#include "cb-message.h"
#include "cb-worker.h"

struct _CbCommandHandler
{
  GObject parent_instance;

  GStrv argv;           /* (owned) (nullable) */
  char *directory;      /* (owned) (nullable) */
  GStrv environment;    /* (owned) (nullable) */
  GStrv block_list;     /* (owned) (nullable) */
  guint grace_msec;
};

enum
{
  PROP_0,
  PROP_ARGV,
  PROP_DIRECTORY,
  PROP_ENVIRONMENT,
  PROP_GRACE,
  PROP_BLOCK_LIST,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void cb_command_handler_iface_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbCommandHandler, cb_command_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, cb_command_handler_iface_init))

static void
cb_command_handler_finalize (GObject *object)
{
  CbCommandHandler *self = CB_COMMAND_HANDLER (object);

  g_strfreev (self->argv);
  g_free (self->directory);
  g_strfreev (self->environment);
  g_strfreev (self->block_list);

  G_OBJECT_CLASS (cb_command_handler_parent_class)->finalize (object);
}

static void
cb_command_handler_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbCommandHandler *self = CB_COMMAND_HANDLER (object);

  switch (prop_id)
    {
    case PROP_ARGV:
      g_value_set_boxed (value, self->argv);
      break;
    case PROP_DIRECTORY:
      g_value_set_string (value, self->directory);
      break;
    case PROP_ENVIRONMENT:
      g_value_set_boxed (value, self->environment);
      break;
    case PROP_GRACE:
      g_value_set_uint (value, self->grace_msec);
      break;
    case PROP_BLOCK_LIST:
      g_value_set_boxed (value, self->block_list);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_command_handler_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbCommandHandler *self = CB_COMMAND_HANDLER (object);

  switch (prop_id)
    {
    case PROP_ARGV:
      g_strfreev (self->argv);
      self->argv = g_value_dup_boxed (value);
      break;
    case PROP_DIRECTORY:
      g_free (self->directory);
      self->directory = g_value_dup_string (value);
      break;
    case PROP_ENVIRONMENT:
      g_strfreev (self->environment);
      self->environment = g_value_dup_boxed (value);
      break;
    case PROP_GRACE:
      self->grace_msec = g_value_get_uint (value);
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
cb_command_handler_run_async (CbHandler *handler,
                              CbHandlerContext *context,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  CbCommandHandler *self = CB_COMMAND_HANDLER (handler);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, cb_command_handler_run_async);

  if (self->argv == NULL || self->argv[0] == NULL || self->argv[0][0] == '\0')
    {
      g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                               "No program was named that is to do the work");
      return;
    }

  if (!cb_message_check_job (context, (const char * const *) self->block_list, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  cb_command_run_start (g_steal_pointer (&task), context, (const char * const *) self->argv, self->directory,
                        (const char * const *) self->environment, self->grace_msec);
}

static GBytes *
cb_command_handler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, handler), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
cb_command_handler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "command";
  iface->title = N_("Run a program");
  iface->run_async = cb_command_handler_run_async;
  iface->run_finish = cb_command_handler_run_finish;
}

static void
cb_command_handler_class_init (CbCommandHandlerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_command_handler_finalize;
  object_class->get_property = cb_command_handler_get_property;
  object_class->set_property = cb_command_handler_set_property;

  properties[PROP_ARGV] = g_param_spec_boxed ("argv", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_DIRECTORY] = g_param_spec_string ("directory", NULL, NULL, NULL, flags);
  properties[PROP_ENVIRONMENT] = g_param_spec_boxed ("environment", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_GRACE] = g_param_spec_uint ("grace", NULL, NULL, 0, G_MAXINT, 5000, flags);
  properties[PROP_BLOCK_LIST] = g_param_spec_boxed ("block-list", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_command_handler_init (CbCommandHandler *self)
{
  self->grace_msec = 5000;
}
