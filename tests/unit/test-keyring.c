/* test-keyring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Passwords in a keyring of the test's own, on a bus of its own. */

#include "cb-fake-keyring.h"
#include "cb-keyring.h"
#include "cb-test-wait.h"

#include <string.h>

#define SECRET "hunter2 é"

static GTestDBus *bus;

static CbSavedServer *
make (const char *id, const char *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbAddress) address = cb_address_parse (uri, &error);

  g_assert_no_error (error);
  return cb_saved_server_new (id, "Shop", address, NULL, NULL, TRUE);
}

static char *
look_up (const CbSavedServer *server, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_keyring_lookup_async (server, NULL, cb_test_store_result, &result);
  return cb_keyring_lookup_finish (cb_test_wait_result (&result), error);
}

static void
assert_kept (const CbSavedServer *server, const char *password)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = look_up (server, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (kept, ==, password);
}

static gboolean
store (const CbSavedServer *server, const char *password, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_keyring_store_async (server, password, cb_test_store_result, &result);
  return cb_keyring_store_finish (cb_test_wait_result (&result), error);
}

static void
move (const CbSavedServer *old, const CbSavedServer *server, const char *password)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_keyring_move_async (old, server, password, cb_test_store_result, &result);
  g_assert_true (cb_keyring_move_finish (cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
}

/* Nothing answers on the bus: each says so in words that tell what to do. */
static void
test_none (void)
{
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) look_up_error = NULL;
  g_autoptr (GError) store_error = NULL;

  cb_keyring_probe_async (NULL, cb_test_store_result, &result);
  g_assert_false (cb_keyring_probe_finish (cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "Install one"));
  g_assert_null (look_up (server, &look_up_error));
  g_assert_error (look_up_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_false (store (server, SECRET, &store_error));
  g_assert_error (store_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_null (strstr (store_error->message, SECRET));
}

static void
test_keep (void)
{
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_test_dbus_get_bus_address (bus));
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com:6380/3");
  g_autoptr (CbSavedServer) other_db = make ("a", "redis://ann@example.com:6380/4");
  g_autoptr (CbSavedServer) socket = make ("b", "unix:/run/redis.sock");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) take_result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *taken = NULL;
  const char *elsewhere[] = { "redis://ann@evil.example:6380", "redis://ann@example.com:6381", "redis://bob@example.com:6380",
                              "redis://example.com:6380", "unix:/run/redis.sock?user=ann" };

  cb_keyring_probe_async (NULL, cb_test_store_result, &result);
  g_assert_true (cb_keyring_probe_finish (cb_test_wait_result (&result), &error));
  g_assert_no_error (error);

  assert_kept (server, NULL);
  g_assert_true (store (server, "before", &error));
  g_assert_true (store (server, SECRET, &error));
  g_assert_true (store (socket, "other", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 2);
  assert_kept (server, SECRET);
  assert_kept (other_db, SECRET);
  assert_kept (socket, "other");

  /* Whatever is written into the list, it is not sent elsewhere. */
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    {
      g_autoptr (CbSavedServer) changed = make ("a", elsewhere[i]);

      assert_kept (changed, NULL);
    }

  cb_keyring_take_async (server, cb_test_store_result, &take_result);
  taken = cb_keyring_take_finish (cb_test_wait_result (&take_result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (taken, ==, SECRET);
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 1);
  assert_kept (server, NULL);
  assert_kept (socket, "other");
}

static void
test_move (void)
{
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_test_dbus_get_bus_address (bus));
  g_autoptr (CbSavedServer) old = make ("a", "redis://ann@example.com");
  g_autoptr (CbSavedServer) moved = make ("a", "redis://ann@example.org");
  g_autoptr (CbSavedServer) again = make ("a", "unix:/run/redis.sock");

  /* There is nothing, and nothing comes of it. */
  move (old, moved, NULL);
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 0);

  g_assert_true (store (old, SECRET, NULL));
  move (old, moved, NULL);
  assert_kept (moved, SECRET);
  assert_kept (old, NULL);
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 1);

  move (moved, again, "new");
  assert_kept (again, "new");
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 1);
  move (again, again, NULL);
  assert_kept (again, "new");
}

/* What is added to an address, or taken out of it, takes the password along. */
static void
test_more (void)
{
  static const char * const uris[] = {
    "redis://ann@example.com:26379", "redis://ann@example.com:26379?sentinel=main", "redis://ann@example.com:26379?sentinel=other",
    "redis://ann@example.com:26379?sentinel=other&sentinel_username=bob", "redis://ann@example.com:26379",
    "redis://ann@example.com:26379/3",
  };
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_test_dbus_get_bus_address (bus));

  for (guint with_new = 0; with_new < 2; with_new++)
    {
      g_autoptr (CbSavedServer) first = make ("b", uris[0]);

      g_assert_true (store (first, SECRET, NULL));
      for (guint i = 1; i < G_N_ELEMENTS (uris); i++)
        {
          g_autoptr (CbSavedServer) old = make ("b", uris[i - 1]);
          g_autoptr (CbSavedServer) new = make ("b", uris[i]);

          move (old, new, with_new ? "new" : NULL);
          assert_kept (new, with_new ? "new" : SECRET);
          g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 1);
        }
    }
}

static void
test_locked (void)
{
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_test_dbus_get_bus_address (bus));
  g_autoptr (CbSavedServer) server = make ("a", "redis://ann@example.com");
  g_autoptr (CbSavedServer) other = make ("b", "redis://ann@example.org");
  g_autoptr (GError) look_up_error = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (store (server, SECRET, NULL));
  cb_fake_keyring_lock (keyring, FALSE);
  g_assert_null (look_up (server, &look_up_error));
  g_assert_error (look_up_error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (look_up_error->message, "locked"));
  g_assert_false (store (other, SECRET, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "locked"));
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 1);

  cb_fake_keyring_lock (keyring, TRUE);
  assert_kept (server, SECRET);
  cb_fake_keyring_lock (keyring, TRUE);
  g_assert_true (store (other, SECRET, NULL));
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 2);
}

/* Names may be any bytes, and the keyring keeps text: that is said, and nobody waits for ever. */
static void
test_no_text (void)
{
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_test_dbus_get_bus_address (bus));
  const char *odd[] = { "redis://%FF@example.com", "unix:/run/%FF.sock", "unix:/run/redis.sock?user=%FF" };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (CbSavedServer) server = make ("a", odd[i]);
      g_autoptr (CbSavedServer) plain = make ("a", "redis://ann@example.com");
      g_autoptr (GAsyncResult) move_result = NULL;
      g_autoptr (GAsyncResult) take_result = NULL;
      g_autoptr (GError) look_up_error = NULL;
      g_autoptr (GError) store_error = NULL;
      g_autoptr (GError) move_error = NULL;
      g_autoptr (GError) take_error = NULL;

      g_assert_null (look_up (server, &look_up_error));
      g_assert_error (look_up_error, G_IO_ERROR, G_IO_ERROR_FAILED);
      g_assert_nonnull (strstr (look_up_error->message, "text only"));
      g_assert_false (store (server, SECRET, &store_error));
      g_assert_error (store_error, G_IO_ERROR, G_IO_ERROR_FAILED);
      cb_keyring_move_async (plain, server, SECRET, cb_test_store_result, &move_result);
      g_assert_false (cb_keyring_move_finish (cb_test_wait_result (&move_result), &move_error));
      g_assert_error (move_error, G_IO_ERROR, G_IO_ERROR_FAILED);
      cb_keyring_take_async (server, cb_test_store_result, &take_result);
      g_assert_null (cb_keyring_take_finish (cb_test_wait_result (&take_result), &take_error));
      g_assert_error (take_error, G_IO_ERROR, G_IO_ERROR_FAILED);
    }
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 0);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);

  g_test_add_func ("/keyring/none", test_none);
  g_test_add_func ("/keyring/keep", test_keep);
  g_test_add_func ("/keyring/move", test_move);
  g_test_add_func ("/keyring/more", test_more);
  g_test_add_func ("/keyring/locked", test_locked);
  g_test_add_func ("/keyring/no-text", test_no_text);
  status = g_test_run ();

  /* It is not let go of: that waits for those who hold the bus, as libsecret does until the end. */
  g_test_dbus_stop (bus);
  return status;
}
