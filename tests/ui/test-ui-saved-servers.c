/* test-ui-saved-servers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The list of servers: one is added, tried, opened, renamed and taken out. */

#include "config.h"

#include "cb-fake-keyring.h"
#include "cb-test-redis.h"
#include "cb-test-tls.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

#define MENU "Server Samples, in memory"
/* What is above it in the dialog of a server can be clicked. */
#define BOTTOM 770
#define PREFIX "Prefix of the Queues (empty: whatever is found)"

static void
call (CbTestRedis *redis, const char *command, const char *key, const char *one, const char *two)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, command, key, one, two, NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static gboolean
file_has (const char *path, const char *part)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, part) != NULL;
}

/* By the keyboard: where something in a popover is on the screen is not told. The first that has the focus is this computer. */
static void
choose (guint n_tabs, const char *name, const char *part)
{
  cb_ui_click_until (NULL, MENU, name);
  for (guint i = 0; i < n_tabs; i++)
    cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text (part);
}

static void
replace (const char *row, const char *text)
{
  cb_ui_click_on ("text", row);
  cb_ui_key ("ctrl+a");
  cb_ui_type (text);
}

static void
test_add (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=few", cb_test_redis_get_path (redis));
  g_autofree char *file = g_build_filename (cb_ui_get_home (), "config", "callboard", "servers", NULL);

  call (redis, "SET", "q:ids", "1", NULL);
  call (redis, "SADD", "q:job:types", "mail", NULL);
  call (redis, "ZADD", "q:jobs:mail:inactive", "0", "01|1");
  call (redis, "ZADD", "q:jobs:inactive", "0", "01|1");
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:1", "type", "mail", "state", "inactive", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "on", ">geheim", "~*", "&*", "+@read", "+ping", "+info",
                                      "+acl|whoami", "+acl|dryrun", NULL));
  cb_ui_start ("--memory", NULL);

  choose (1, "Add Server…", "With each opening");
  cb_ui_wait_sensitive ("push button", "Save", FALSE);
  cb_ui_click_until ("text", "Name", "Name");
  replace ("Name", "Shop");
  replace ("Address", "http://shop");
  cb_ui_wait_text ("must begin with redis://");
  cb_ui_wait_sensitive ("push button", "Save", FALSE);
  replace ("Address", uri);
  cb_ui_wait_no_text ("must begin with redis://");
  cb_ui_wait_sensitive ("push button", "Save", TRUE);
  cb_ui_click_on (NULL, "Ask for a Password");

  /* A password that is wrong, and one that is right but lets do little. */
  cb_ui_click_until ("push button", "Test", "The password of few");
  cb_ui_type ("falsch");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Look at the user and the password");
  g_assert_false (cb_ui_has_text ("Let in as"));
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Look at the user and the password");
  cb_ui_click_until ("push button", "Test", "The password of few");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Let in as few.");
  cb_ui_wait_text ("no permissions to run the 'hset' command");
  cb_ui_wait_text ("1 queue: mail");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("1 queue: mail");

  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_no_text ("With each opening");
  cb_test_wait_until (file_has (file, "Name=Shop"));
  g_assert_true (file_has (file, "user=few"));
  g_assert_false (file_has (file, "geheim"));

  choose (2, "Edit Shop", "Remove from the List");
  cb_ui_click_until ("text", "Name", "Name");
  replace ("Name", "Store");
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, "Name=Store"));
  g_assert_false (file_has (file, "Name=Shop"));
  g_assert_true (file_has (file, "AskPassword=true"));
  cb_ui_wait_no_text ("With each opening");

  choose (1, "Open Store", "The password of few");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Server Store, Redis");
  cb_ui_wait_text ("mail");
  cb_ui_stop ();
}

static void
test_remove (void)
{
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *file = g_build_filename (folder, "servers", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "[a]\nName=Depot\nAddress=localhost:1\n[b]\nName=Odd\nAddress=http://\n", -1, NULL));
  cb_ui_start ("--memory", NULL);
  cb_ui_click_until (NULL, MENU, "A part of the saved servers can’t be understood.");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("A part of the saved");
  choose (2, "Edit Depot", "Remove from the List");
  cb_ui_click_until ("text", "Name", "Name");
  cb_ui_scroll_down_to ("Color", "Remove from the List", BOTTOM);
  cb_ui_click_on ("push button", "Remove from the List");
  cb_test_wait_until (!file_has (file, "Depot"));
  cb_ui_wait_no_text ("Remove from the List");
  cb_ui_click_until (NULL, MENU, "Add Server…");
  g_assert_false (cb_ui_has_text ("Edit Depot"));
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Add Server…");
  cb_ui_stop ();
}

/* The queues of one prefix, and nothing written until it is unlocked. */
static void
test_prefix_and_read_only (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *file = g_build_filename (folder, "servers", NULL);
  g_autofree char *text = g_strdup_printf ("[a]\nName=Depot\nAddress=unix:%s\n", cb_test_redis_get_path (redis));

  call (redis, "SADD", "shop:job:types", "parcel", NULL);
  call (redis, "SADD", "q:job:types", "letter", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  cb_ui_start ("--memory", NULL);

  choose (2, "Edit Depot", "Remove from the List");
  cb_ui_click_until ("text", PREFIX, PREFIX);
  replace (PREFIX, "shop");
  cb_ui_click_on (NULL, "Read-only");
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, "Prefix=shop"));
  g_assert_true (file_has (file, "ReadOnly=true"));
  cb_ui_wait_no_text ("Remove from the List");
  cb_ui_click_until (NULL, MENU, "read-only · shop · unix:");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("read-only · shop · unix:");

  choose (1, "Open Depot", "for looking only");
  cb_ui_wait_text ("Server Depot, Redis");
  cb_ui_wait_text ("parcel");
  g_assert_false (cb_ui_has_text ("letter"));
  cb_ui_click_until ("label", "Unlock…", "Unlock This Server?");
  cb_ui_type (cb_test_redis_get_path (redis));
  cb_ui_key ("Return");
  cb_ui_wait_text ("may be changed for");

  /* Taken away in the dialog, it is so in the window that is open. */
  cb_ui_click_part ("Server Depot, Redis");
  cb_ui_wait_text ("Edit Depot");
  for (guint i = 0; i < 2; i++)
    cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text ("Remove from the List");
  cb_ui_click_on (NULL, "Read-only");
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_no_text ("may be changed for");
  g_assert_false (cb_ui_has_text ("for looking only"));
  cb_ui_stop ();
}

/* A password is kept in the keyring once it has let somebody in, goes with its server and comes back with it. */
static void
test_keyring (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeKeyring) keyring = cb_fake_keyring_new (g_getenv ("DBUS_SESSION_BUS_ADDRESS"));
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *file = g_build_filename (folder, "servers", NULL);
  g_autofree char *text =
    g_strdup_printf ("[a]\nName=Depot\nAddress=unix:%s?user=ann\nAskPassword=true\n", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "ann", "on", ">geheim", "~*", "&*", "+@all", NULL));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  cb_ui_start ("--memory", NULL);

  choose (2, "Edit Depot", "In the keyring, once it has let you in");
  cb_ui_wait_sensitive (NULL, "Keep the Password", TRUE);
  cb_ui_click_on (NULL, "Keep the Password");
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, "KeepPassword=true"));
  cb_ui_wait_no_text ("Remove from the List");

  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("falsch");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Not Connected");
  g_assert_cmpuint (cb_fake_keyring_get_n_items (keyring), ==, 0);
  cb_ui_key ("ctrl+w");
  cb_ui_wait_no_text ("Not Connected");

  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Server Depot, Redis");
  cb_test_wait_until (cb_fake_keyring_get_n_items (keyring) == 1);
  g_assert_cmpstr (cb_fake_keyring_find (keyring, "user", "ann"), ==, "geheim");
  g_assert_false (file_has (file, "geheim"));
  cb_ui_key ("ctrl+w");
  cb_ui_wait_no_text ("Server Depot, Redis");

  /* Nobody is asked any more. */
  choose (1, "Open Depot", "Server Depot, Redis");
  cb_ui_key ("ctrl+w");
  cb_ui_wait_no_text ("Server Depot, Redis");

  choose (2, "Edit Depot", "Remove from the List");
  cb_ui_click_until ("text", "Name", "Name");
  cb_ui_scroll_down_to ("Color", "Remove from the List", BOTTOM);
  cb_ui_click_on ("push button", "Remove from the List");
  cb_test_wait_until (!file_has (file, "Depot") && cb_fake_keyring_get_n_items (keyring) == 0);
  cb_ui_click_on (NULL, "Undo");
  cb_test_wait_until (file_has (file, "Depot") && cb_fake_keyring_get_n_items (keyring) == 1);
  g_assert_cmpstr (cb_fake_keyring_find (keyring, "server", "a"), ==, "geheim");
  g_assert_true (file_has (file, "KeepPassword=true"));

  /* Nobody opens it: it is asked for, and said why it is not kept. */
  cb_fake_keyring_lock (keyring, FALSE);
  choose (1, "Open Depot", "The password of ann on Depot.");
  cb_ui_key ("Escape");
  cb_ui_stop ();
}

static void
paste (const char *text)
{
  choose (1, "Add Server…", "With each opening");
  cb_ui_click_until ("text", "Name", "Name");
  replace ("Name", text);
  cb_ui_key ("ctrl+a");
  cb_ui_key ("ctrl+x");
  cb_ui_click_on ("text", "Address");
  cb_ui_key ("ctrl+v");
}

/* An address that is pasted whole is taken apart, and its password is neither shown nor written down. */
static void
test_paste (void)
{
  g_autofree char *file = g_build_filename (cb_ui_get_home (), "config", "callboard", "servers", NULL);

  cb_ui_start ("--memory", NULL);
  paste ("redis://ann:geheim@example.com:6380/3");
  cb_ui_wait_text ("redis://example.com:6380");
  cb_ui_wait_text ("ann");
  g_assert_false (cb_ui_has_text ("geheim"));
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, "Address=redis://ann@example.com:6380/3"));
  g_assert_true (file_has (file, "AskPassword=true"));
  g_assert_true (file_has (file, "Name=example.com:6380"));
  g_assert_false (file_has (file, "geheim"));
  cb_ui_stop ();
}

/* A user and a password may be any bytes: what no row can show stays in the address, and lets in all the same. */
static void
test_paste_bytes (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = g_build_filename (cb_ui_get_home (), "config", "callboard", "servers", NULL);
  g_autofree char *whole = g_strdup_printf ("unix:%s?user=%%FFann&password=%%FEgeheim", cb_test_redis_get_path (redis));
  g_autofree char *rest = g_strdup_printf ("unix:%s?user=%%FFann", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "\xff" "ann", "on", ">\xfe" "geheim", "~*", "&*", "+@all", NULL));
  cb_ui_start ("--memory", NULL);
  paste (whole);
  cb_ui_wait_text (rest);
  g_assert_false (cb_ui_has_text ("geheim"));
  cb_ui_click_until ("push button", "Test", "Let in as \xef\xbf\xbd" "ann.");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Let in as");
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, "user=%FFann"));
  g_assert_false (file_has (file, "geheim"));
  cb_ui_wait_no_text ("With each opening");
  choose (1, "Open ", "The password of \xef\xbf\xbd" "ann");
  cb_ui_key ("Escape");
  cb_ui_stop ();
}

/* The password of a Sentinel is in no file either, and that it is not kept is said. */
static void
test_paste_sentinel (void)
{
  g_autofree char *file = g_build_filename (cb_ui_get_home (), "config", "callboard", "servers", NULL);

  cb_ui_start ("--memory", NULL);
  paste ("redis://ann:geheim@example.com/3?sentinel=main&sentinel_username=watch&sentinel_password=turm");
  cb_ui_wait_text ("redis://example.com:26379?sentinel=main&sentinel_username=watch");
  g_assert_false (cb_ui_has_text ("turm"));
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_text ("The password of the Sentinel is not kept.");
  cb_test_wait_until (file_has (file, "Address=redis://ann@example.com:26379/3?sentinel=main&sentinel_username=watch"));
  g_assert_false (file_has (file, "turm"));
  cb_ui_stop ();
}

/* An encrypted server: its certificates have rows of their own, it is tried, kept and opened by them. */
static void
test_paste_encrypted (void)
{
  g_autofree char *port = NULL;
  g_autoptr (CbTestRedis) redis = cb_test_tls_new ("server", FALSE, &port);
  g_autofree char *bare = cb_test_tls_dup_uri ("localhost", port, "");
  g_autofree char *whole = cb_test_tls_dup_uri ("localhost", port, "?cacert=@ca.pem");
  g_autofree char *rest = g_strdup_printf ("redis://localhost:%s", port);
  g_autofree char *saved = g_strdup_printf ("Address=%s", whole);
  g_autofree char *answers = g_strdup_printf ("localhost:%s answers, encrypted (TLS 1.", port);
  g_autofree char *open = g_strdup_printf ("Open localhost:%s", port);
  g_autofree char *file = g_build_filename (cb_ui_get_home (), "config", "callboard", "servers", NULL);

  cb_ui_start ("--memory", NULL);
  paste (bare);
  cb_ui_wait_text (rest);
  cb_ui_wait_text ("Authority (empty: those that the system trusts)");
  cb_ui_click_until ("push button", "Test", "is from an authority that this system does not trust");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("is from an authority that this system does not trust");

  replace ("Address", whole);
  cb_ui_click_until ("push button", "Test", answers);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text (answers);
  cb_ui_wait_text (rest);

  /* What was chosen before stays when the first word is typed by hand. */
  replace ("Address", bare);
  cb_ui_wait_text (bare);
  cb_ui_click_until ("push button", "Test", answers);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text (answers);
  cb_ui_wait_text (rest);
  cb_ui_click_on ("push button", "Save");
  cb_test_wait_until (file_has (file, saved));

  cb_ui_wait_no_text ("With each opening");
  choose (1, open, "Redis");
  cb_ui_wait_text (" · TLS · ");
  cb_ui_stop ();
}

/* What the click on a notification does. The answer is not waited for: the program may ask something of this one first. */
static void
activate_place (GDBusConnection *connection, const char *server, const char *prefix)
{
  GVariantBuilder parameters;

  g_variant_builder_init (&parameters, G_VARIANT_TYPE ("av"));
  g_variant_builder_add (&parameters, "v", g_variant_new ("(ssss)", server, prefix, "parcel", "inactive"));
  g_dbus_connection_call (connection, APPLICATION_ID, "/io/github/callboard/Callboard", "org.gtk.Actions", "Activate",
                          g_variant_new ("(sava{sv})", "open-place", &parameters, NULL), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL,
                          NULL);
}

static void
appeared_cb (GDBusConnection *connection, const char *name, const char *owner, gpointer server)
{
  activate_place (connection, server, "shop");
}

/* One server, to be looked at only. */
static void
write_servers (CbTestRedis *redis, const char *more)
{
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *file = g_build_filename (folder, "servers", NULL);
  g_autofree char *text = g_strdup_printf ("[a]\nName=Depot\nAddress=unix:%s\nReadOnly=true\n%s", cb_test_redis_get_path (redis), more);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* A server that is saved as one to look at is not opened as another by the way: by a notification, while the program runs and when it is
 * started by that. */
static void
test_guarded_notification (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GDBusConnection) connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autofree char *id = g_strdup_printf ("unix:%s#shop", cb_test_redis_get_path (redis));
  guint watch;

  call (redis, "SADD", "shop:job:types", "parcel", NULL);
  call (redis, "SADD", "q:job:types", "letter", NULL);

  write_servers (redis, "Prefix=shop\nAskPassword=true\n");
  cb_ui_start ("--memory", NULL);
  activate_place (connection, id, "shop");
  cb_ui_wait_text ("for looking only");
  cb_ui_wait_text ("parcel");
  g_assert_false (cb_ui_has_text ("letter"));
  cb_ui_stop ();

  write_servers (redis, "Prefix=shop\n");
  watch = g_bus_watch_name (G_BUS_TYPE_SESSION, APPLICATION_ID, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb, NULL, id, NULL);
  cb_ui_start ("--gapplication-service", NULL);
  g_bus_unwatch_name (watch);
  cb_ui_wait_text ("for looking only");
  cb_ui_wait_text ("parcel");
  g_assert_false (cb_ui_has_text ("letter"));
  cb_ui_stop ();
}

/* The same, opened by its address and then from the list. */
static void
test_guarded_address (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  call (redis, "SADD", "q:job:types", "letter", NULL);
  write_servers (redis, "");
  cb_ui_start ("--server", uri, NULL);
  cb_ui_wait_text ("letter");
  g_assert_false (cb_ui_has_text ("for looking only"));
  cb_ui_click_part ("Server Depot, Redis");
  cb_ui_wait_text ("Edit Depot");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text ("for looking only");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/saved-servers/add", test_add);
  g_test_add_func ("/ui/saved-servers/remove", test_remove);
  g_test_add_func ("/ui/saved-servers/prefix", test_prefix_and_read_only);
  g_test_add_func ("/ui/saved-servers/guarded/notification", test_guarded_notification);
  g_test_add_func ("/ui/saved-servers/guarded/address", test_guarded_address);
  g_test_add_func ("/ui/saved-servers/keyring", test_keyring);
  g_test_add_func ("/ui/saved-servers/paste/plain", test_paste);
  g_test_add_func ("/ui/saved-servers/paste/bytes", test_paste_bytes);
  g_test_add_func ("/ui/saved-servers/paste/sentinel", test_paste_sentinel);
  g_test_add_func ("/ui/saved-servers/paste/encrypted", test_paste_encrypted);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
