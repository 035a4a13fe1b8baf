/* test-saved-servers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-saved-servers.h"

#include <glib/gstdio.h>
#include <string.h>

#include "cb-test-wait.h"

#define SECRET "hunter2"

static char *folder;

static CbSavedServers *
load (const char *path)
{
  CbSavedServers *servers = cb_saved_servers_new (path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_saved_servers_load_async (servers, cb_test_store_result, &result);
  g_assert_true (cb_saved_servers_load_finish (servers, cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
  return servers;
}

static CbSavedServer *
make (const char *name, const char *uri, const char *group)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbAddress) address = cb_address_parse (uri, &error);

  g_assert_no_error (error);
  return cb_saved_server_new (NULL, name, address, group, "red", TRUE);
}

static void
put (CbSavedServers *servers, const CbSavedServer *server)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_saved_servers_put_async (servers, server, cb_test_store_result, &result);
  g_assert_true (cb_saved_servers_change_finish (servers, cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
}

static char *
read_text (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static const CbSavedServer *
get (CbSavedServers *servers, guint index)
{
  g_assert_cmpuint (index, <, cb_saved_servers_get_all (servers)->len);
  return g_ptr_array_index (cb_saved_servers_get_all (servers), index);
}

static char *
dup_path (const char *name)
{
  return g_build_filename (folder, name, "servers", NULL);
}

static void
test_round_trip (void)
{
  g_autofree char *path = dup_path ("round-trip");
  g_autoptr (CbSavedServers) servers = load (path);
  g_autoptr (CbSavedServers) again = NULL;
  g_autoptr (CbSavedServer) first = make ("Orders [=]\n# é", "redis://ann:" SECRET "@example.com:6380/3?production=1", "Shop");
  g_autoptr (CbSavedServer) second = make ("Local", "unix:/run/a b.sock?password=" SECRET, "");
  g_autofree char *text = NULL;
  g_autofree char *uri = NULL;
  GStatBuf status;

  g_assert_null (cb_saved_servers_get_problem (servers));
  cb_saved_server_set_prefix (first, " {shop;é} ");
  first->read_only = TRUE;
  first->keeps_password = TRUE;
  put (servers, first);
  put (servers, second);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  text = read_text (path);
  g_assert_null (strstr (text, SECRET));

  again = load (path);
  g_assert_null (cb_saved_servers_get_problem (again));
  g_assert_cmpuint (cb_saved_servers_get_all (again)->len, ==, 2);
  /* Those without a group stand first. */
  g_assert_cmpstr (get (again, 0)->name, ==, "Local");
  g_assert_cmpstr (cb_address_get_path (get (again, 0)->address), ==, "/run/a b.sock");
  g_assert_cmpstr (get (again, 1)->name, ==, first->name);
  g_assert_cmpstr (get (again, 1)->group, ==, "Shop");
  g_assert_cmpstr (get (again, 1)->color, ==, "red");
  g_assert_true (get (again, 1)->asks_password);
  g_assert_cmpstr (get (again, 1)->prefix, ==, "{shop;é}");
  g_assert_true (get (again, 1)->read_only);
  g_assert_true (get (again, 1)->keeps_password);
  g_assert_cmpstr (get (again, 0)->prefix, ==, "");
  g_assert_false (get (again, 0)->read_only);
  uri = cb_address_to_uri (get (again, 1)->address);
  g_assert_cmpstr (uri, ==, "redis://ann@example.com:6380/3");
  g_assert_true (cb_saved_servers_find_uri (again, uri, "{shop;é}") == get (again, 1));
  g_assert_null (cb_saved_servers_find_uri (again, uri, NULL));
  g_assert_null (cb_saved_servers_find (again, "nobody"));
}

static void
test_change (void)
{
  g_autofree char *path = dup_path ("change");
  g_autoptr (CbSavedServers) servers = load (path);
  g_autoptr (CbSavedServers) again = NULL;
  g_autoptr (CbSavedServer) server = make ("One", "localhost", NULL);
  g_autoptr (CbSavedServer) renamed = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  put (servers, server);
  renamed = cb_saved_server_new (server->id, "Two", server->address, NULL, "no such color", FALSE);
  g_assert_cmpstr (renamed->color, ==, "");
  put (servers, renamed);
  g_assert_cmpuint (cb_saved_servers_get_all (servers)->len, ==, 1);
  again = load (path);
  g_assert_cmpstr (get (again, 0)->name, ==, "Two");

  cb_saved_servers_remove_async (servers, server->id, cb_test_store_result, &result);
  g_assert_cmpuint (cb_saved_servers_get_all (servers)->len, ==, 0);
  g_assert_true (cb_saved_servers_change_finish (servers, cb_test_wait_result (&result), &error));
  g_clear_object (&again);
  again = load (path);
  g_assert_cmpuint (cb_saved_servers_get_all (again)->len, ==, 0);
}

/* Many at once: the last state stands in the file. */
static void
test_order (void)
{
  g_autofree char *path = dup_path ("order");
  g_autoptr (CbSavedServers) servers = load (path);
  g_autoptr (CbSavedServers) again = NULL;
  GAsyncResult *results[20] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *name = g_strdup_printf ("Server %02u", i);
      g_autoptr (CbSavedServer) server = make (name, "localhost", NULL);

      cb_saved_servers_put_async (servers, server, cb_test_store_result, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_assert_true (cb_saved_servers_change_finish (servers, cb_test_wait_result (&results[i]), NULL));
      g_clear_object (&results[i]);
    }
  again = load (path);
  g_assert_cmpuint (cb_saved_servers_get_all (again)->len, ==, G_N_ELEMENTS (results));
}

static char *
write_text (const char *name, const char *text)
{
  char *path = dup_path (name);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static guint
count_kept (const char *path, const char *text)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *kept = g_build_filename (parent, name, NULL);
      g_autofree char *is = NULL;

      if (!g_str_has_prefix (name, "servers.broken-"))
        continue;
      is = read_text (kept);
      g_assert_cmpstr (is, ==, text);
      n++;
    }
  return n;
}

static void
test_broken (void)
{
  const char *half = "[a]\nName=Good\nAddress=localhost\n[b]\nName=Bad\nAddress=http://no\n[c]\nAddress=localhost\n";
  const char *none = "this is \xff no key file";
  g_autofree char *half_path = write_text ("half", half);
  g_autofree char *none_path = write_text ("none", none);
  g_autoptr (CbSavedServers) servers = load (half_path);
  g_autoptr (CbSavedServers) again = load (half_path);
  g_autoptr (CbSavedServers) nothing = load (none_path);
  g_autoptr (CbSavedServer) server = make ("New", "localhost", NULL);

  /* What is good is there, and what isn't is kept, once. */
  g_assert_nonnull (cb_saved_servers_get_problem (servers));
  g_assert_cmpuint (cb_saved_servers_get_all (servers)->len, ==, 1);
  g_assert_cmpstr (get (servers, 0)->name, ==, "Good");
  g_assert_cmpuint (count_kept (half_path, half), ==, 1);
  put (servers, server);
  g_assert_cmpuint (count_kept (half_path, half), ==, 1);

  g_assert_nonnull (cb_saved_servers_get_problem (nothing));
  g_assert_cmpuint (cb_saved_servers_get_all (nothing)->len, ==, 0);
  g_assert_cmpuint (count_kept (none_path, none), ==, 1);
}

/* A password that somebody wrote there by hand is used by nobody and is gone with the next change. */
static void
test_password_in_file (void)
{
  g_autofree char *path = write_text ("password", "[a]\nName=A\nAddress=redis://ann:" SECRET "@localhost\n");
  g_autoptr (CbSavedServers) servers = load (path);
  g_autoptr (CbSavedServer) server = make ("New", "localhost", NULL);
  g_autofree char *text = NULL;

  g_assert_null (cb_address_get_password (get (servers, 0)->address));
  g_assert_true (get (servers, 0)->asks_password);
  put (servers, server);
  text = read_text (path);
  g_assert_null (strstr (text, SECRET));
}

static void
test_refused (void)
{
  g_autofree char *path = dup_path ("refused");
  g_autoptr (CbSavedServers) early = cb_saved_servers_new (path);
  g_autoptr (CbSavedServers) servers = NULL;
  g_autoptr (CbSavedServer) server = make ("New", "localhost", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second_error = NULL;

  /* Before it was read, nothing is written over it. */
  cb_saved_servers_put_async (early, server, cb_test_store_result, &result);
  g_assert_false (cb_saved_servers_change_finish (early, cb_test_wait_result (&result), &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  /* A folder stands there. */
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  servers = load (path);
  g_assert_nonnull (cb_saved_servers_get_problem (servers));
  cb_saved_servers_put_async (servers, server, cb_test_store_result, &second);
  g_assert_false (cb_saved_servers_change_finish (servers, cb_test_wait_result (&second), &second_error));
  g_assert_cmpstr (second_error->message, ==, cb_saved_servers_get_problem (servers));
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("callboard-test-XXXXXX", NULL);

  g_test_add_func ("/saved-servers/round-trip", test_round_trip);
  g_test_add_func ("/saved-servers/change", test_change);
  g_test_add_func ("/saved-servers/order", test_order);
  g_test_add_func ("/saved-servers/broken", test_broken);
  g_test_add_func ("/saved-servers/password-in-file", test_password_in_file);
  g_test_add_func ("/saved-servers/refused", test_refused);
  status = g_test_run ();

  remove_all (folder);
  g_free (folder);
  return status;
}
