/* cb-notify-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-notify-handler.h"

#include <glib/gi18n.h>

#include "cb-json.h"
#include "cb-message.h"
#include "cb-worker.h"

/* What a notification shows of a long text; the job has all of it. */
#define TITLE_CHARS 100
#define BODY_CHARS 1000

struct _CbNotifyHandler
{
  GObject parent_instance;

  GApplication *application;   /* (owned) (nullable) NULL: the default one */
  GStrv block_list;            /* (owned) (nullable) */
  char *recipient_member;      /* (owned) */
  char *message_member;        /* (owned) */
  char *server;                /* (owned) what the action is told of where the job is */
  char *prefix;                /* (owned) the same, on that server */
};

static void handler_iface_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbNotifyHandler, cb_notify_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, handler_iface_init))

enum
{
  PROP_0,
  PROP_APPLICATION,
  PROP_BLOCK_LIST,
  PROP_RECIPIENT_MEMBER,
  PROP_MESSAGE_MEMBER,
  PROP_SERVER,
  PROP_PREFIX,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  LINE,
  SENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* A notification is plain text for GIO, but some notification servers take the body for markup and GIO hands it over
 * as it is. Escaping it would show the escapes elsewhere, so what begins markup is kept from doing so by an invisible
 * character behind it. */
static char *
make_plain (const char *text, gboolean one_line, glong max_chars)
{
  g_autofree char *shown = cb_text_display (text, -1, one_line);
  GString *plain = g_string_new (NULL);
  const char *p = shown;

  for (glong n = 0; *p != '\0' && n < max_chars; n++)
    {
      const char *next = g_utf8_next_char (p);

      g_string_append_len (plain, p, next - p);
      if (*p == '<' || *p == '&')
        g_string_append_unichar (plain, 0x2060);
      p = next;
    }
  if (*p != '\0')
    g_string_append (plain, "…");

  return g_string_free (plain, FALSE);
}

static GNotification *
make_notification (CbNotifyHandler *self, CbMessage *message, CbJobRecord *job)
{
  const char *queue = job->queue != NULL ? job->queue : "";
  g_autofree char *target_prefix = g_utf8_make_valid (self->prefix, -1);
  g_autofree char *target_queue = g_utf8_make_valid (queue, -1);
  g_autofree char *title = make_plain (message->recipient != NULL ? message->recipient : queue, TRUE, TITLE_CHARS);
  g_autofree char *body = make_plain (message->recipient != NULL ? message->text : message->line, FALSE, BODY_CHARS);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (notification, "app.open-job", "(ssss)", self->server, target_prefix, target_queue,
                                                job->id);

  return g_steal_pointer (&notification);
}

static gboolean
send_notification (CbNotifyHandler *self, CbMessage *message, CbJobRecord *job, GError **error)
{
  GApplication *application = self->application != NULL ? self->application : g_application_get_default ();
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *place = NULL;
  g_autofree char *checksum = NULL;
  g_autofree char *id = NULL;
  GDBusConnection *bus;

  if (application == NULL || !g_application_get_is_registered (application))
    {
      g_set_error_literal (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                           "A desktop notification can only be sent by the application with its window; "
                           "use the handler “log” here");
      return FALSE;
    }

  /* Without a bus GIO has nobody to give it to. */
  bus = g_application_get_dbus_connection (application);
  if (bus == NULL || g_dbus_connection_is_closed (bus))
    {
      g_set_error_literal (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                           "A desktop notification can't be sent: this session has no D-Bus session bus");
      return FALSE;
    }

  /* The next run of a job takes the place of what the last one showed; not that of a job of the same number elsewhere. */
  notification = make_notification (self, message, job);
  place = g_strdup_printf ("%s %s", self->server, self->prefix);
  checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, place, -1);
  id = g_strdup_printf ("job-%.16s-%s", checksum, job->id);
  g_application_send_notification (application, id, notification);

  return TRUE;
}

static void
cb_notify_handler_run_async (CbHandler *handler,
                             CbHandlerContext *context,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  CbNotifyHandler *self = CB_NOTIFY_HANDLER (handler);
  g_autoptr (GTask) task = g_task_new (self, cb_handler_context_get_cancellable (context), callback, user_data);
  g_autoptr (CbMessage) message = cb_message_read (context, self->recipient_member, self->message_member);
  CbJobRecord *job = cb_handler_context_get_job (context);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, cb_notify_handler_run_async);

  if (!cb_message_check (message, (const char *const *) self->block_list, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  cb_handler_context_progress (context, 50, NULL);
  cb_handler_context_log (context, "%s", message->line);
  g_signal_emit (self, signals[LINE], 0, message->line);

  if (!send_notification (self, message, job, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_signal_emit (self, signals[SENT], 0, job, message->recipient, message->text);

  /* It is sent; that it might have been cancelled in the same moment does not call it back. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_pointer (task, NULL, NULL);
}

static GBytes *
cb_notify_handler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
handler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "notify";
  iface->title = N_("Desktop notification");
  iface->run_async = cb_notify_handler_run_async;
  iface->run_finish = cb_notify_handler_run_finish;
}

static void
cb_notify_handler_finalize (GObject *object)
{
  CbNotifyHandler *self = CB_NOTIFY_HANDLER (object);

  g_clear_object (&self->application);
  g_strfreev (self->block_list);
  g_free (self->recipient_member);
  g_free (self->message_member);
  g_free (self->server);
  g_free (self->prefix);

  G_OBJECT_CLASS (cb_notify_handler_parent_class)->finalize (object);
}

static void
cb_notify_handler_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbNotifyHandler *self = CB_NOTIFY_HANDLER (object);

  switch (prop_id)
    {
    case PROP_APPLICATION:
      g_value_set_object (value, self->application);
      break;
    case PROP_BLOCK_LIST:
      g_value_set_boxed (value, self->block_list);
      break;
    case PROP_RECIPIENT_MEMBER:
      g_value_set_string (value, self->recipient_member);
      break;
    case PROP_MESSAGE_MEMBER:
      g_value_set_string (value, self->message_member);
      break;
    case PROP_SERVER:
      g_value_set_string (value, self->server);
      break;
    case PROP_PREFIX:
      g_value_set_string (value, self->prefix);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_notify_handler_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbNotifyHandler *self = CB_NOTIFY_HANDLER (object);

  switch (prop_id)
    {
    case PROP_APPLICATION:
      g_set_object (&self->application, g_value_get_object (value));
      break;
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
    case PROP_SERVER:
      g_free (self->server);
      self->server = g_value_dup_string (value);
      if (self->server == NULL)
        self->server = g_strdup ("");
      break;
    case PROP_PREFIX:
      g_free (self->prefix);
      self->prefix = g_value_dup_string (value);
      if (self->prefix == NULL)
        self->prefix = g_strdup ("");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_notify_handler_class_init (CbNotifyHandlerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_notify_handler_finalize;
  object_class->get_property = cb_notify_handler_get_property;
  object_class->set_property = cb_notify_handler_set_property;

  properties[PROP_APPLICATION] = g_param_spec_object ("application", NULL, NULL, G_TYPE_APPLICATION, flags);
  properties[PROP_BLOCK_LIST] = g_param_spec_boxed ("block-list", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_RECIPIENT_MEMBER] =
    g_param_spec_string ("recipient-member", NULL, NULL, CB_MESSAGE_RECIPIENT_MEMBER, flags);
  properties[PROP_MESSAGE_MEMBER] =
    g_param_spec_string ("message-member", NULL, NULL, CB_MESSAGE_TEXT_MEMBER, flags);
  properties[PROP_SERVER] = g_param_spec_string ("server", NULL, NULL, "", flags);
  properties[PROP_PREFIX] = g_param_spec_string ("prefix", NULL, NULL, "", flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[LINE] =
    g_signal_new ("line", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SENT] =
    g_signal_new ("sent", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, CB_TYPE_JOB_RECORD, G_TYPE_STRING, G_TYPE_STRING);
}

static void
cb_notify_handler_init (CbNotifyHandler *self)
{
}
