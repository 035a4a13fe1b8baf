/* test-keyring-real.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Passwords in GNOME Keyring: unlocked, locked, restarted, not yet made, and gone. Nobody is there to be asked for its password, as in a
 * session that no prompt can be shown in; what a person does with the prompt is in the test of the window. */

#include "cb-keyring.h"
#include "cb-test-keyring.h"
#include "cb-test-wait.h"

#include <string.h>

#define SECRET "hunter2 é"
#define LOCKED "The keyring is locked and was not opened."

static GTestDBus *bus;

static CbSavedServer *
make (const char *id, const char *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbAddress) address = cb_address_parse (uri, &error);

  g_assert_no_error (error);
  return cb_saved_server_new (id, "Shop", address, NULL, NULL, TRUE);
}

/* @words of all of them: (nullable): what the error is to say. */
static void
assert_probe (const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_keyring_probe_async (NULL, cb_test_store_result, &result);
  g_assert_true (cb_keyring_probe_finish (cb_test_wait_result (&result), &error) == (words == NULL));
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
}

static void
assert_look_up (const CbSavedServer *server, const char *password, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  cb_keyring_lookup_async (server, NULL, cb_test_store_result, &result);
  kept = cb_keyring_lookup_finish (cb_test_wait_result (&result), &error);
  g_assert_cmpstr (kept, ==, password);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
}

static void
assert_store (const CbSavedServer *server, const char *password, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_keyring_store_async (server, password, cb_test_store_result, &result);
  g_assert_true (cb_keyring_store_finish (cb_test_wait_result (&result), &error) == (words == NULL));
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
}

static void
assert_move (const CbSavedServer *old, const CbSavedServer *server, const char *password, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_keyring_move_async (old, server, password, cb_test_store_result, &result);
  g_assert_true (cb_keyring_move_finish (cb_test_wait_result (&result), &error) == (words == NULL));
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
}

static void
assert_take (const CbSavedServer *server, const char *password, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *taken = NULL;

  cb_keyring_take_async (server, cb_test_store_result, &result);
  taken = cb_keyring_take_finish (cb_test_wait_result (&result), &error);
  g_assert_cmpstr (taken, ==, password);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, words);
}

static gboolean
is_kept (CbTestKeyring *keyring, const char *id, const char *password)
{
  g_autofree char *kept = cb_test_keyring_dup_secret (keyring, "server", id);

  return g_strcmp0 (kept, password) == 0;
}

/* A password goes with its server, is replaced and taken out, and no file has it as it is. */
static void
test_keep (void)
{
  g_autoptr (CbTestKeyring) keyring = cb_test_keyring_new (g_test_dbus_get_bus_address (bus), "master");
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com:6380/3");
  g_autoptr (CbSavedServer) moved = make ("a", "redis://bob@example.org");
  g_autoptr (CbSavedServer) sentinel = make ("b", "redis://ann@example.com?sentinel=main");
  g_autoptr (CbSavedServer) socket = make ("c", "unix:/run/redis.sock?user=ann");

  assert_probe (NULL);
  assert_look_up (server, NULL, NULL);
  assert_take (server, NULL, NULL);
  assert_store (server, "before", NULL);
  assert_store (server, SECRET, NULL);
  assert_store (sentinel, "", NULL);
  assert_store (socket, "other", NULL);
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "a"), ==, 1);
  assert_look_up (server, SECRET, NULL);
  assert_look_up (sentinel, "", NULL);
  assert_look_up (socket, "other", NULL);
  assert_look_up (moved, NULL, NULL);

  assert_move (server, moved, NULL, NULL);
  assert_look_up (moved, SECRET, NULL);
  assert_look_up (server, NULL, NULL);
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "a"), ==, 1);
  g_assert_false (cb_test_keyring_writes (keyring, "hunter2"));

  assert_take (moved, SECRET, NULL);
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "a"), ==, 0);
  assert_take (sentinel, "", NULL);
  assert_take (socket, "other", NULL);

  /* What is kept for that id of a server that was elsewhere goes, too. */
  assert_store (server, SECRET, NULL);
  assert_take (moved, NULL, NULL);
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "a"), ==, 0);
}

/* That something is there and can't be had is not taken for nothing: a password that should be gone may not stay unsaid, and none is
 * promised to be kept. */
static void
test_locked (void)
{
  g_autoptr (CbTestKeyring) keyring = cb_test_keyring_new (g_test_dbus_get_bus_address (bus), "master");
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");
  g_autoptr (CbSavedServer) moved = make ("a", "redis://ann@example.org");
  g_autoptr (CbSavedServer) other = make ("b", "redis://ann@example.com");

  assert_store (server, SECRET, NULL);
  cb_test_keyring_lock (keyring);
  assert_look_up (server, NULL, LOCKED);
  assert_take (server, NULL, LOCKED);
  assert_take (moved, NULL, LOCKED);
  assert_move (server, moved, NULL, LOCKED);
  assert_move (server, moved, "new", LOCKED);
  assert_store (server, "new", LOCKED);
  assert_store (other, "new", LOCKED);
  /* Nothing is kept for it, whether it is locked or not. */
  assert_look_up (other, NULL, NULL);
  assert_take (other, NULL, NULL);

  /* Nothing was lost by all that. */
  cb_test_keyring_stop (keyring);
  cb_test_keyring_start (keyring, "master");
  g_assert_true (is_kept (keyring, "a", SECRET));
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "a"), ==, 1);
  g_assert_cmpuint (cb_test_keyring_count (keyring, "server", "b"), ==, 0);
  assert_look_up (server, SECRET, NULL);
}

/* The service ends while the program runs, and another takes its place: it is spoken to as if nothing had been. */
static void
test_restarted (void)
{
  g_autoptr (CbTestKeyring) keyring = cb_test_keyring_new (g_test_dbus_get_bus_address (bus), "master");
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");
  g_autoptr (CbSavedServer) other = make ("b", "redis://ann@example.com");

  assert_store (server, SECRET, NULL);
  for (guint i = 0; i < 2; i++)
    {
      cb_test_keyring_stop (keyring);
      cb_test_keyring_start (keyring, "master");
      if (i == 0)
        assert_look_up (server, SECRET, NULL);
      else
        assert_store (other, "more", NULL);
    }
  assert_take (server, SECRET, NULL);
  g_assert_true (is_kept (keyring, "b", "more"));
}

/* A user who never had a keyring, and nobody to make one. */
static void
test_none_yet (void)
{
  g_autoptr (CbTestKeyring) keyring = cb_test_keyring_new (g_test_dbus_get_bus_address (bus), NULL);
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");

  assert_look_up (server, NULL, NULL);
  assert_store (server, SECRET, "There is no keyring to keep it in yet, and none was made.");
  assert_move (server, server, SECRET, "There is no keyring to keep it in yet, and none was made.");
  assert_take (server, NULL, NULL);
  g_assert_false (cb_test_keyring_writes (keyring, "hunter2"));
}

static void
test_gone (void)
{
  static const char none[] = "No keyring runs in this session. Install one, such as GNOME Keyring or KWallet.";
  g_autoptr (CbTestKeyring) keyring = cb_test_keyring_new (g_test_dbus_get_bus_address (bus), "master");
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");
  g_autoptr (CbSavedServer) moved = make ("a", "redis://ann@example.org");

  assert_store (server, SECRET, NULL);
  cb_test_keyring_stop (keyring);
  assert_probe (none);
  assert_look_up (server, NULL, none);
  assert_store (server, "new", none);
  assert_move (server, moved, NULL, none);
  assert_take (server, NULL, none);
  assert_probe (none);
  cb_test_keyring_start (keyring, "master");
  assert_look_up (server, SECRET, NULL);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_test_keyring_is_installed ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);

  g_test_add_func ("/keyring/real/keep", test_keep);
  g_test_add_func ("/keyring/real/locked", test_locked);
  g_test_add_func ("/keyring/real/restarted", test_restarted);
  g_test_add_func ("/keyring/real/none-yet", test_none_yet);
  g_test_add_func ("/keyring/real/gone", test_gone);
  status = g_test_run ();

  /* It is not let go of: that waits for those who hold the bus, as libsecret does until the end. */
  g_test_dbus_stop (bus);
  return status;
}
