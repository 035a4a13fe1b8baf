/* cb-log-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-log-handler.h"

#include <glib/gi18n.h>

#include "cb-message.h"

struct _CbLogHandler
{
  GObject parent_instance;

  GStrv block_list;            /* (owned) (nullable) */
  char *recipient_member;      /* (owned) */
  char *message_member;        /* (owned) */
};

static void handler_iface_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbLogHandler, cb_log_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, handler_iface_init))

enum
{
  PROP_0,
  PROP_BLOCK_LIST,
  PROP_RECIPIENT_MEMBER,
  PROP_MESSAGE_MEMBER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  LINE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
cb_log_handler_run_async (CbHandler *handler,
                          CbHandlerContext *context,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  CbLogHandler *self = CB_LOG_HANDLER (handler);
  g_autoptr (GTask) task = g_task_new (self, cb_handler_context_get_cancellable (context), callback, user_data);
  g_autoptr (CbMessage) message = cb_message_read (context, self->recipient_member, self->message_member);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, cb_log_handler_run_async);

  if (!cb_message_check (message, (const char *const *) self->block_list, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  cb_handler_context_progress (context, 50, NULL);
  cb_handler_context_log (context, "%s", message->line);
  g_signal_emit (self, signals[LINE], 0, message->line);

  /* It is said; that it might have been cancelled in the same moment does not unsay it. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_pointer (task, NULL, NULL);
}

static GBytes *
cb_log_handler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
handler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "log";
  iface->title = N_("Log");
  iface->run_async = cb_log_handler_run_async;
  iface->run_finish = cb_log_handler_run_finish;
}

static void
cb_log_handler_finalize (GObject *object)
{
  CbLogHandler *self = CB_LOG_HANDLER (object);

  g_strfreev (self->block_list);
  g_free (self->recipient_member);
  g_free (self->message_member);

  G_OBJECT_CLASS (cb_log_handler_parent_class)->finalize (object);
}

static void
cb_log_handler_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbLogHandler *self = CB_LOG_HANDLER (object);

  switch (prop_id)
    {
    case PROP_BLOCK_LIST:
      g_value_set_boxed (value, self->block_list);
      break;
    case PROP_RECIPIENT_MEMBER:
      g_value_set_string (value, self->recipient_member);
      break;
    case PROP_MESSAGE_MEMBER:
      g_value_set_string (value, self->message_member);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_log_handler_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbLogHandler *self = CB_LOG_HANDLER (object);

  switch (prop_id)
    {
    case PROP_BLOCK_LIST:
      g_strfreev (self->block_list);
      self->block_list = g_value_dup_boxed (value);
      break;
    case PROP_RECIPIENT_MEMBER:
      g_free (self->recipient_member);
      self->recipient_member = g_value_dup_string (value);
      break;
    case PROP_MESSAGE_MEMBER:
      g_free (self->message_member);
      self->message_member = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_log_handler_class_init (CbLogHandlerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_log_handler_finalize;
  object_class->get_property = cb_log_handler_get_property;
  object_class->set_property = cb_log_handler_set_property;

  properties[PROP_BLOCK_LIST] = g_param_spec_boxed ("block-list", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_RECIPIENT_MEMBER] =
    g_param_spec_string ("recipient-member", NULL, NULL, CB_MESSAGE_RECIPIENT_MEMBER, flags);
  properties[PROP_MESSAGE_MEMBER] =
    g_param_spec_string ("message-member", NULL, NULL, CB_MESSAGE_TEXT_MEMBER, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[LINE] =
    g_signal_new ("line", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
cb_log_handler_init (CbLogHandler *self)
{
}
