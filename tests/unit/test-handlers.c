/* test-handlers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-handler-context-private.h"
#include "cb-handlers.h"
#include "cb-log-handler.h"
#include "cb-notify-handler.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

/* --- one run of a handler --- */

static CbHandlerContext *
context_new (const char *data)
{
  g_autoptr (CbJobRecord) job = cb_job_record_new ("7");

  job->queue = g_strdup ("push_notification_code");
  if (data != NULL)
    job->data = g_bytes_new (data, strlen (data));

  return cb_handler_context_new (job, NULL);
}

static void
progress_cb (CbHandlerContext *context, int percent, GString *told)
{
  g_string_append_printf (told, "<%d>", percent);
}

static void
log_cb (CbHandlerContext *context, const char *line, GString *told)
{
  g_string_append_printf (told, "[%s]", line);
}

static void
line_cb (CbHandler *handler, const char *line, GString *told)
{
  g_string_append_printf (told, "{%s}", line);
}

static void
sent_cb (CbHandler *handler, CbJobRecord *job, const char *recipient, const char *message, GString *told)
{
  g_string_append_printf (told, "(%s to %s: %s)", job->id, recipient, message);
}

/* What was told in which order: <progress>, [log], {line}, (sent), and the error at the end. */
static char *
run (CbHandler *handler, const char *data)
{
  g_autoptr (CbHandlerContext) context = context_new (data);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GError) error = NULL;
  GString *told = g_string_new (NULL);

  g_signal_connect (context, "progress", G_CALLBACK (progress_cb), told);
  g_signal_connect (context, "log", G_CALLBACK (log_cb), told);
  g_signal_connect (handler, "line", G_CALLBACK (line_cb), told);
  if (CB_IS_NOTIFY_HANDLER (handler))
    g_signal_connect (handler, "sent", G_CALLBACK (sent_cb), told);

  cb_handler_run_async (handler, context, cb_test_store_result, &result);
  if (!cb_handler_run_finish (handler, cb_test_wait_result (&result), &json, &error))
    {
      g_assert_nonnull (error);
      g_string_append_printf (told, "!%s", error->message);
    }
  else
    {
      g_assert_no_error (error);
    }
  g_assert_null (json);

  g_signal_handlers_disconnect_by_data (handler, told);

  return g_string_free (told, FALSE);
}

#define assert_run(handler, data, expected)                        \
  G_STMT_START                                                     \
  {                                                                \
    g_autofree char *told_ = run (CB_HANDLER (handler), data);     \
    g_assert_cmpstr (told_, ==, expected);                         \
  }                                                                \
  G_STMT_END

/* --- the registry --- */

static void
test_registry (void)
{
  g_autoptr (GError) error = NULL;
  const CbHandlerType *types;
  guint n_types;

  types = cb_handlers_get_types (&n_types);
  g_assert_cmpuint (n_types, >=, 2);
  for (guint i = 0; i < n_types; i++)
    {
      g_autoptr (CbHandler) handler = cb_handlers_create (types[i].name, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (cb_handler_get_name (handler), ==, types[i].name);
      g_assert_cmpstr (cb_handler_get_title (handler), ==, types[i].title);
      g_assert_finalize_object (g_steal_pointer (&handler));
    }

  g_assert_null (cb_handlers_create ("fax", &error));
  g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER);
  g_assert_true (strstr (error->message, "“fax”") != NULL);
  g_assert_true (strstr (error->message, "log") != NULL);
}

/* --- log --- */

static void
test_log (void)
{
  g_autoptr (CbHandler) handler = cb_handlers_create ("log", NULL);

  assert_run (handler, "{\"phoneNumber\":\"4153518743\",\"message\":\"This is the code 4321 to verify your account\"}",
              "<50>[Sending notification to 4153518743, with message: This is the code 4321 to verify your account]"
              "{Sending notification to 4153518743, with message: This is the code 4321 to verify your account}");

  /* A number keeps its digits, and text from a job is never a format. */
  assert_run (handler, "{\"phoneNumber\":415351874300000000000000000001,\"message\":\"100%s %n\"}",
              "<50>[Sending notification to 415351874300000000000000000001, with message: 100%s %n]"
              "{Sending notification to 415351874300000000000000000001, with message: 100%s %n}");
  assert_run (handler, "{\"phoneNumber\":\"1\"}",
              "<50>[Sending notification to 1, with message: ]{Sending notification to 1, with message: }");
}

static void
test_log_other_jobs (void)
{
  g_autoptr (CbHandler) handler = cb_handlers_create ("log", NULL);
  const char *data[] = { "{\"title\":\"welcome\"}", "[1,2]", "\"text\"", "{\"phoneNumber\":", "{\"phoneNumber\":null}", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_autofree char *told = run (handler, data[i]);

      g_assert_true (g_str_has_prefix (told, "<50>[Job 7: "));
      g_assert_null (strchr (told, '!'));
    }
}

static void
test_log_block_list (void)
{
  const char *block_list[] = { "4153518780", "4153518781", NULL };
  g_autoptr (CbHandler) handler = g_object_new (CB_TYPE_LOG_HANDLER, "block-list", block_list, NULL);

  assert_run (handler, "{\"phoneNumber\":\"4153518780\",\"message\":\"x\"}", "!Phone number 4153518780 is blacklisted");
  assert_run (handler, "{\"phoneNumber\":4153518781,\"message\":\"x\"}", "!Phone number 4153518781 is blacklisted");
  assert_run (handler, "{\"phoneNumber\":\"415351878\",\"message\":\"x\"}",
              "<50>[Sending notification to 415351878, with message: x]{Sending notification to 415351878, with message: x}");

  g_object_set (handler, "block-list", NULL, NULL);
  assert_run (handler, "{\"phoneNumber\":\"4153518780\",\"message\":\"x\"}",
              "<50>[Sending notification to 4153518780, with message: x]{Sending notification to 4153518780, with message: x}");
}

static void
test_log_members (void)
{
  g_autoptr (CbHandler) handler =
    g_object_new (CB_TYPE_LOG_HANDLER, "recipient-member", "to", "message-member", "title", NULL);

  assert_run (handler, "{\"to\":\"ada@example.org\",\"title\":\"Hello\"}",
              "<50>[Sending notification to ada@example.org, with message: Hello]"
              "{Sending notification to ada@example.org, with message: Hello}");
}

static void
test_cancelled (void)
{
  g_autoptr (CbHandler) handler = cb_handlers_create ("log", NULL);
  g_autoptr (CbHandlerContext) context = context_new ("{\"phoneNumber\":\"1\"}");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  /* It was said before anybody could have told it to stop. */
  cb_handler_run_async (handler, context, cb_test_store_result, &result);
  g_cancellable_cancel (cb_handler_context_get_cancellable (context));
  g_assert_true (cb_handler_run_finish (handler, cb_test_wait_result (&result), NULL, &error));
  g_assert_no_error (error);
}

/* --- notify --- */

static void
test_notify_no_application (void)
{
  g_autoptr (CbHandler) handler = cb_handlers_create ("notify", NULL);

  assert_run (handler, "{\"phoneNumber\":\"1\",\"message\":\"x\"}",
              "<50>[Sending notification to 1, with message: x]{Sending notification to 1, with message: x}"
              "!A desktop notification can only be sent by the application with its window; use the handler “log” here");
}

/* The desktop's part: keeps what it is asked to show. */
static const char introspection[] =
  "<node><interface name='org.freedesktop.Notifications'>"
  "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>"
  "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
  "<signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal>"
  "</interface></node>";

typedef struct
{
  GDBusConnection *connection;
  guint n;
  guint replaces;
  char *title;
  char *body;
  GStrv actions;
} Desktop;

static void
method_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Desktop *desktop = user_data;

  g_clear_pointer (&desktop->title, g_free);
  g_clear_pointer (&desktop->body, g_free);
  g_clear_pointer (&desktop->actions, g_strfreev);
  g_variant_get (parameters, "(susss^asa{sv}i)", NULL, &desktop->replaces, NULL, &desktop->title, &desktop->body,
                 &desktop->actions, NULL, NULL);
  desktop->n++;
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 42));
}

static const GDBusInterfaceVTable vtable = { .method_call = method_cb };

/* There and back: what was sent before has gone through, and what came before has been taken. */
static void
ask_bus (GDBusConnection *connection)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, cb_test_store_result, &result);
  reply = g_dbus_connection_call_finish (connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static void
opened_cb (GSimpleAction *action, GVariant *parameter, char **opened)
{
  *opened = g_variant_print (parameter, FALSE);
}

static void
test_notify (void)
{
  const char *block_list[] = { "13", NULL };
  static GTestDBus *bus;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (introspection, NULL);
  /* Kept, as the notification backend of GLib 2.74 does not survive the end of its application and bus. */
  static GApplication *application;
  g_autoptr (GSimpleAction) action = g_simple_action_new ("open-job", G_VARIANT_TYPE ("(ssss)"));
  g_autoptr (CbHandler) handler = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *opened = NULL;
  g_autoptr (GError) error = NULL;
  Desktop desktop = { NULL };

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  desktop.connection =
    g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                            G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                              | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                            NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_register_object (desktop.connection, "/org/freedesktop/Notifications", info->interfaces[0], &vtable,
                                     &desktop, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (desktop.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.Notifications", 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);

  application = g_application_new ("io.github.callboard.Test", G_APPLICATION_DEFAULT_FLAGS);
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (action));
  g_signal_connect (action, "activate", G_CALLBACK (opened_cb), &opened);
  g_application_register (application, NULL, &error);
  g_assert_no_error (error);

  g_dbus_connection_set_exit_on_close (g_application_get_dbus_connection (application), FALSE);

  handler = g_object_new (CB_TYPE_NOTIFY_HANDLER, "application", application, "block-list", block_list, "server", "redis://h:1",
                          "prefix", "p", NULL);
  assert_run (handler, "{\"phoneNumber\":4153518743,\"message\":\"Your code is 4321\"}",
              "<50>[Sending notification to 4153518743, with message: Your code is 4321]"
              "{Sending notification to 4153518743, with message: Your code is 4321}"
              "(7 to 4153518743: Your code is 4321)");
  cb_test_wait_until (desktop.n == 1);
  g_assert_cmpstr (desktop.title, ==, "4153518743");
  g_assert_cmpstr (desktop.body, ==, "Your code is 4321");

  /* A click opens the job. */
  g_assert_true (g_strv_contains ((const char *const *) desktop.actions, "default"));
  cb_test_settle ();
  g_dbus_connection_emit_signal (desktop.connection, NULL, "/org/freedesktop/Notifications",
                                 "org.freedesktop.Notifications", "ActionInvoked", g_variant_new ("(us)", 42, "default"),
                                 &error);
  g_assert_no_error (error);
  cb_test_wait_until (opened != NULL);
  g_assert_cmpstr (opened, ==, "('redis://h:1', 'p', 'push_notification_code', '7')");

  /* Blocked: nothing is sent. */
  assert_run (handler, "{\"phoneNumber\":\"13\",\"message\":\"x\"}", "!Phone number 13 is blacklisted");

  /* Markup stays what it is, text. */
  g_free (run (handler, "{\"phoneNumber\":\"1\",\"message\":\"<b>5 &lt; 6</b>\"}"));
  cb_test_wait_until (desktop.n == 2);
  g_assert_cmpstr (desktop.body, ==, "<\u2060b>5 &\u2060lt; 6<\u2060/b>");

  /* However long it is. */
  {
    g_autofree char *long_text = g_strnfill (1000000, 'x');
    g_autofree char *data = g_strdup_printf ("{\"phoneNumber\":\"1\",\"message\":\"%s\"}", long_text);

    g_free (run (handler, data));
    cb_test_wait_until (desktop.n == 3);
    g_assert_cmpint (g_utf8_strlen (desktop.body, -1), ==, 1001);
  }

  /* The last answer has to arrive: it has left here, and then it is in before what is asked next. */
  ask_bus (desktop.connection);
  ask_bus (g_application_get_dbus_connection (application));

  g_clear_object (&handler);
  g_dbus_connection_close_sync (desktop.connection, NULL, NULL);
  g_clear_object (&desktop.connection);
  g_free (desktop.title);
  g_free (desktop.body);
  g_strfreev (desktop.actions);
  g_test_dbus_stop (bus);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/handlers/registry", test_registry);
  g_test_add_func ("/handlers/log", test_log);
  g_test_add_func ("/handlers/log/other-jobs", test_log_other_jobs);
  g_test_add_func ("/handlers/log/block-list", test_log_block_list);
  g_test_add_func ("/handlers/log/members", test_log_members);
  g_test_add_func ("/handlers/log/cancelled", test_cancelled);
  g_test_add_func ("/handlers/no-application", test_notify_no_application);
  g_test_add_func ("/handlers/notify", test_notify);

  return g_test_run ();
}
