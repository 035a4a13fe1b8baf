/* cb-test-keyring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-keyring.h"

#include <glib/gstdio.h>
#include <string.h>

#include "cb-test-child.h"
#include "cb-test-wait.h"

#define NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define SERVICE "org.freedesktop.Secret.Service"
#define LOGIN_PATH SERVICE_PATH "/collection/login"
#define PATIENCE_MSEC 20000

struct _CbTestKeyring
{
  char *bus_address;      /* (owned) */
  GDBusConnection *bus;   /* (owned) */
  char *folder;           /* (owned) */
  GSubprocess *daemon;    /* (owned) (nullable) */
};

gboolean
cb_test_keyring_is_installed (void)
{
  g_autofree char *path = g_find_program_in_path ("gnome-keyring-daemon");

  if (path == NULL)
    g_print ("# gnome-keyring-daemon is not installed\n");
  return path != NULL;
}

static GVariant *
call (CbTestKeyring *self, const char *name, const char *path, const char *interface, const char *method, GVariant *arguments,
      const char *type)
{
  g_autoptr (GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_sync (self->bus, name, path, interface, method, arguments, G_VARIANT_TYPE (type),
                                                  G_DBUS_CALL_FLAGS_NO_AUTO_START, PATIENCE_MSEC, NULL, &error);

  g_assert_no_error (error);
  return answer;
}

static gboolean
has_owner (CbTestKeyring *self)
{
  g_autoptr (GVariant) answer = call (self, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                                      g_variant_new ("(s)", NAME), "(b)");
  gboolean owned;

  g_variant_get (answer, "(b)", &owned);
  return owned;
}

static void
set_folder (CbTestKeyring *self, GSubprocessLauncher *launcher, const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_subprocess_launcher_setenv (launcher, variable, path, TRUE);
}

void
cb_test_keyring_start (CbTestKeyring *self, const char *password)
{
  const char * const argv[] = { "gnome-keyring-daemon", "--foreground", "--components=secrets", password != NULL ? "--unlock" : NULL, NULL };
  g_autoptr (GSubprocessLauncher) launcher = cb_test_child_launcher_new (
    G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;

  g_assert_null (self->daemon);
  set_folder (self, launcher, "HOME", "home");
  set_folder (self, launcher, "XDG_DATA_HOME", "data");
  set_folder (self, launcher, "XDG_CONFIG_HOME", "config");
  set_folder (self, launcher, "XDG_CACHE_HOME", "cache");
  set_folder (self, launcher, "XDG_RUNTIME_DIR", "run");
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", self->bus_address, TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "memory", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "GNOME_KEYRING_CONTROL");
  /* It is no program of ours, and may warn of itself. */
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  self->daemon = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  if (password != NULL)
    {
      GOutputStream *stdin_stream = g_subprocess_get_stdin_pipe (self->daemon);

      g_assert_true (g_output_stream_write_all (stdin_stream, password, strlen (password), NULL, NULL, &error));
      g_assert_no_error (error);
    }
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->daemon), NULL, NULL);
  cb_test_wait_until (has_owner (self));
}

void
cb_test_keyring_stop (CbTestKeyring *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_nonnull (self->daemon);
  g_subprocess_force_exit (self->daemon);
  g_subprocess_wait_async (self->daemon, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (self->daemon, cb_test_wait_result (&result), NULL);
  g_clear_object (&self->daemon);
  cb_test_wait_until (!has_owner (self));
}

CbTestKeyring *
cb_test_keyring_new (const char *bus_address, const char *password)
{
  CbTestKeyring *self = g_new0 (CbTestKeyring, 1);
  g_autoptr (GError) error = NULL;

  self->bus_address = g_strdup (bus_address);
  self->bus = g_dbus_connection_new_for_address_sync (
    bus_address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  self->folder = g_dir_make_tmp ("cb-keyring-XXXXXX", &error);
  g_assert_no_error (error);
  cb_test_keyring_start (self, password);
  return self;
}

/* Calls @func for each file below, until it returns TRUE; all are taken away if @removes. */
static gboolean
each_file (const char *path, gboolean (*func) (const char *path, const char *bytes), const char *bytes, gboolean removes)
{
  gboolean found = FALSE;
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && !found && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      found = each_file (child, func, bytes, removes);
    }
  if (dir == NULL && func != NULL)
    found = func (path, bytes);
  if (removes)
    g_remove (path);
  return found;
}

static gboolean
has_bytes (const char *path, const char *bytes)
{
  g_autofree char *text = NULL;
  gsize length;

  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents (path, &text, &length, NULL) &&
         memmem (text, length, bytes, strlen (bytes)) != NULL;
}

void
cb_test_keyring_free (CbTestKeyring *self)
{
  if (self->daemon != NULL)
    cb_test_keyring_stop (self);
  each_file (self->folder, NULL, NULL, TRUE);
  g_dbus_connection_close_sync (self->bus, NULL, NULL);
  g_object_unref (self->bus);
  g_free (self->bus_address);
  g_free (self->folder);
  g_free (self);
}

void
cb_test_keyring_lock (CbTestKeyring *self)
{
  const char * const paths[] = { LOGIN_PATH, NULL };
  g_autoptr (GVariant) answer = call (self, NAME, SERVICE_PATH, SERVICE, "Lock", g_variant_new ("(^ao)", paths), "(aoo)");
  g_autoptr (GVariant) locked = g_variant_get_child_value (answer, 0);

  g_assert_cmpuint (g_variant_n_children (locked), ==, 1);
}

static GVariant *
search (CbTestKeyring *self, const char *attribute, const char *value)
{
  GVariantBuilder attributes;

  g_variant_builder_init (&attributes, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&attributes, "{ss}", attribute, value);
  return call (self, NAME, SERVICE_PATH, SERVICE, "SearchItems", g_variant_new ("(a{ss})", &attributes), "(aoao)");
}

guint
cb_test_keyring_count (CbTestKeyring *self, const char *attribute, const char *value)
{
  g_autoptr (GVariant) answer = search (self, attribute, value);
  g_autoptr (GVariant) open = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) locked = g_variant_get_child_value (answer, 1);

  return g_variant_n_children (open) + g_variant_n_children (locked);
}

char *
cb_test_keyring_dup_secret (CbTestKeyring *self, const char *attribute, const char *value)
{
  g_autoptr (GVariant) answer = search (self, attribute, value);
  g_autoptr (GVariant) open = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) session = NULL;
  g_autoptr (GVariant) item = NULL;
  g_autoptr (GVariant) got = NULL;
  g_autoptr (GVariant) bytes = NULL;
  const char *session_path;
  const char *data;
  gsize length;

  if (g_variant_n_children (open) == 0)
    return NULL;
  session = call (self, NAME, SERVICE_PATH, SERVICE, "OpenSession", g_variant_new ("(sv)", "plain", g_variant_new_string ("")), "(vo)");
  g_variant_get (session, "(v&o)", NULL, &session_path);
  item = g_variant_get_child_value (open, 0);
  got = call (self, NAME, g_variant_get_string (item, NULL), "org.freedesktop.Secret.Item", "GetSecret",
              g_variant_new ("(o)", session_path), "((oayays))");
  g_variant_get (got, "((&o@ay@ay&s))", NULL, NULL, &bytes, NULL);
  data = g_variant_get_fixed_array (bytes, &length, 1);
  return g_strndup (data, length);
}

gboolean
cb_test_keyring_writes (CbTestKeyring *self, const char *bytes)
{
  return each_file (self->folder, has_bytes, bytes, FALSE);
}
