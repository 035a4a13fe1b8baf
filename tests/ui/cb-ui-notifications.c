/* cb-ui-notifications.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Source of the interface: Desktop Notifications Specification 1.2, "D-BUS Protocol". */

#include "cb-ui-notifications.h"

static const char interface_xml[]
  = "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='GetServerInformation'><arg type='s' direction='out'/><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/><arg type='s' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "<signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal>"
    "<signal name='NotificationClosed'><arg type='u'/><arg type='u'/></signal>"
    "</interface></node>";

static GDBusConnection *connection;
static GPtrArray *notifications;
static guint own_id;
static gboolean owned;
static guint32 last_id;

static void
notification_free (CbUiNotification *notification)
{
  g_free (notification->title);
  g_free (notification->body);
  g_free (notification->default_action);
  g_free (notification);
}

static void
notify (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  CbUiNotification *notification = g_new0 (CbUiNotification, 1);
  g_auto (GStrv) actions = NULL;
  guint32 replaces;

  g_variant_get (parameters, "(susss^asa{sv}i)", NULL, &replaces, NULL, &notification->title, &notification->body,
                 &actions, NULL, NULL);
  /* Pairs of a key and a label. */
  for (guint i = 0; actions[i] != NULL && actions[i + 1] != NULL; i += 2)
    if (g_str_equal (actions[i], "default"))
      notification->default_action = g_strdup (actions[i]);

  notification->id = replaces != 0 ? replaces : ++last_id;
  g_ptr_array_add (notifications, notification);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", notification->id));
}

static void
method_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  const char *capabilities[] = { "actions", "body", NULL };

  if (g_str_equal (method, "Notify"))
    notify (parameters, invocation);
  else if (g_str_equal (method, "GetCapabilities"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^as)", capabilities));
  else if (g_str_equal (method, "GetServerInformation"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(ssss)", "test", "callboard", "1", "1.2"));
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
acquired_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  owned = TRUE;
}

void
cb_ui_notifications_own (void)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_cb };
  g_autoptr (GDBusNodeInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  notifications = g_ptr_array_new_with_free_func ((GDestroyNotify) notification_free);
  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  info = g_dbus_node_info_new_for_xml (interface_xml, &error);
  g_assert_no_error (error);
  g_dbus_connection_register_object (connection, "/org/freedesktop/Notifications", info->interfaces[0], &vtable, NULL,
                                     NULL, &error);
  g_assert_no_error (error);
  own_id = g_bus_own_name_on_connection (connection, "org.freedesktop.Notifications", G_BUS_NAME_OWNER_FLAGS_NONE,
                                         acquired_cb, NULL, NULL, NULL);
  while (!owned)
    g_main_context_iteration (NULL, TRUE);
}

void
cb_ui_notifications_disown (void)
{
  g_clear_handle_id (&own_id, g_bus_unown_name);
  g_clear_object (&connection);
  g_clear_pointer (&notifications, g_ptr_array_unref);
}

GPtrArray *
cb_ui_notifications_get (void)
{
  return notifications;
}

void
cb_ui_notifications_clear (void)
{
  g_ptr_array_set_size (notifications, 0);
}

/* A click on the notification itself. */
void
cb_ui_notifications_activate (guint32 id)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (connection, NULL, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                                 "ActionInvoked", g_variant_new ("(us)", id, "default"), &error);
  g_assert_no_error (error);
  g_dbus_connection_flush_sync (connection, NULL, NULL);
}
