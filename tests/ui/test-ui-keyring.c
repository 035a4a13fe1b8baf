/* test-ui-keyring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Passwords of saved servers in a real GNOME Keyring, with the prompt that it shows: unlocked, locked, not yet made, and gone. */

#include "config.h"

#include "cb-test-keyring.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

#define MENU "Server Samples, in memory"
/* What is above it in the dialog of a server can be clicked. */
#define BOTTOM 770
#define PROMPTER "org.gnome.keyring.SystemPrompter"
#define PROMPT "gcr-prompter"
#define OPEN "Server Depot, Redis"
#define LOCKED "The keyring is locked and was not opened."

typedef struct
{
  CbTestRedis *redis;
  CbTestKeyring *keyring;
  char *file;             /* the list of servers */
  char *uri;
} Fixture;

/* One server that asks for the password of ann, which the keyring is to keep if @keeps. */
static void
set_up (Fixture *fixture, const char *master, gboolean keeps)
{
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *text = NULL;

  fixture->redis = cb_test_redis_new (NULL, NULL);
  fixture->keyring = cb_test_keyring_new (g_getenv ("DBUS_SESSION_BUS_ADDRESS"), master);
  fixture->file = g_build_filename (folder, "servers", NULL);
  fixture->uri = g_strdup_printf ("unix:%s?user=ann", cb_test_redis_get_path (fixture->redis));
  text = g_strdup_printf ("[a]\nName=Depot\nAddress=%s\nAskPassword=true\n%s", fixture->uri, keeps ? "KeepPassword=true\n" : "");
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "ann", "on", ">geheim", "~*", "&*", "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "bob", "on", ">verschwiegen", "~*", "&*", "+@all", NULL));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
  cb_ui_start ("--memory", NULL);
}

static gboolean
has_bytes (const char *path, const char *bytes)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  g_autofree char *text = NULL;
  const char *name;
  gsize length;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (has_bytes (child, bytes))
        return TRUE;
    }
  return dir == NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents (path, &text, &length, NULL) &&
         memmem (text, length, bytes, strlen (bytes)) != NULL;
}

static void
assert_in_no_file (Fixture *fixture, const char *password)
{
  g_assert_false (has_bytes (cb_ui_get_home (), password));
  g_assert_false (cb_test_keyring_writes (fixture->keyring, password));
}

static void
tear_down (Fixture *fixture)
{
  assert_in_no_file (fixture, "geheim");
  assert_in_no_file (fixture, "verschwiegen");
  cb_ui_stop ();
  cb_test_keyring_free (fixture->keyring);
  cb_test_redis_free (fixture->redis);
  g_free (fixture->file);
  g_free (fixture->uri);
}

static gboolean
file_has (const char *path, const char *part)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, part) != NULL;
}

static gboolean
is_kept (Fixture *fixture, const char *password)
{
  g_autofree char *kept = cb_test_keyring_dup_secret (fixture->keyring, "server", "a");

  return g_strcmp0 (kept, password) == 0;
}

static guint
count (Fixture *fixture)
{
  return cb_test_keyring_count (fixture->keyring, "server", "a");
}

/* By the keyboard: where something in a popover is on the screen is not told. The first that has the focus is this computer. */
static void
press (guint n_tabs, const char *name)
{
  cb_ui_click_until (NULL, MENU, name);
  for (guint i = 0; i < n_tabs; i++)
    cb_ui_key ("Tab");
  cb_ui_key ("space");
}

static void
choose (guint n_tabs, const char *name, const char *part)
{
  press (n_tabs, name);
  cb_ui_wait_text (part);
}

static void
edit (void)
{
  choose (2, "Edit Depot", "Remove from the List");
  cb_ui_click_until ("text", "Name", "Name");
}

static void
replace (const char *row, const char *text)
{
  cb_ui_click_on ("text", row);
  cb_ui_key ("ctrl+a");
  cb_ui_type (text);
}

static void
save (void)
{
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_no_text ("Remove from the List");
}

static void
close_opened (void)
{
  cb_ui_key ("ctrl+w");
  cb_ui_wait_no_text (OPEN);
}

/* Kept once it has let somebody in, not asked for again, goes with its server wherever that is, and goes when it is no longer wanted. */
static void
test_life (void)
{
  Fixture fixture;

  set_up (&fixture, "master", FALSE);
  choose (2, "Edit Depot", "In the keyring, once it has let you in");
  cb_ui_wait_sensitive (NULL, "Keep the Password", TRUE);
  cb_ui_click_on (NULL, "Keep the Password");
  save ();
  cb_test_wait_until (file_has (fixture.file, "KeepPassword=true"));

  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  cb_test_wait_until (is_kept (&fixture, "geheim"));
  close_opened ();
  choose (1, "Open Depot", OPEN);
  g_assert_false (cb_ui_has_text ("The password of ann"));
  close_opened ();

  /* The same user at another database and name, then another user with a password pasted with the address. */
  edit ();
  replace ("Name", "Store");
  save ();
  cb_test_wait_until (file_has (fixture.file, "Name=Store"));
  choose (1, "Open Store", "Server Store, Redis");
  cb_ui_key ("ctrl+w");
  cb_ui_wait_no_text ("Server Store, Redis");
  {
    g_autofree char *whole =
      g_strdup_printf ("unix:%s?user=bob&password=verschwiegen", cb_test_redis_get_path (fixture.redis));

    choose (2, "Edit Store", "Remove from the List");
    cb_ui_click_until ("text", "Name", "Name");
    replace ("Name", whole);
    cb_ui_key ("ctrl+a");
    cb_ui_key ("ctrl+x");
    cb_ui_type ("Depot");
    cb_ui_click_on ("text", "Address");
    cb_ui_key ("ctrl+a");
    cb_ui_key ("ctrl+v");
    cb_ui_wait_text ("bob");
    save ();
  }
  cb_test_wait_until (file_has (fixture.file, "user=bob"));
  cb_test_wait_until (is_kept (&fixture, "verschwiegen") && count (&fixture) == 1);
  choose (1, "Open Depot", OPEN);
  close_opened ();

  /* Removed and put back with it; then no longer kept, and at last removed for good. */
  edit ();
  cb_ui_scroll_down_to ("Color", "Remove from the List", BOTTOM);
  cb_ui_click_on ("push button", "Remove from the List");
  cb_test_wait_until (!file_has (fixture.file, "Depot") && count (&fixture) == 0);
  cb_ui_click_on (NULL, "Undo");
  cb_test_wait_until (file_has (fixture.file, "KeepPassword=true") && is_kept (&fixture, "verschwiegen"));
  edit ();
  cb_ui_click_on (NULL, "Keep the Password");
  save ();
  cb_test_wait_until (!file_has (fixture.file, "KeepPassword=true") && count (&fixture) == 0);
  choose (1, "Open Depot", "It is not kept.");
  cb_ui_type ("verschwiegen");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  close_opened ();
  g_assert_cmpuint (count (&fixture), ==, 0);
  tear_down (&fixture);
}

/* The keyring shows its prompt, beside which the window goes on; who opens it is let in, and who does not is told. */
static void
test_locked (void)
{
  Fixture fixture;

  set_up (&fixture, "master", TRUE);
  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  cb_test_wait_until (is_kept (&fixture, "geheim"));
  close_opened ();

  /* Dismissed: the password is asked for, and not promised to be kept. */
  cb_test_keyring_lock (fixture.keyring);
  press (1, "Open Depot");
  cb_ui_wait_other (PROMPT, TRUE);
  cb_ui_wait_text (MENU);
  cb_ui_key ("Escape");
  cb_ui_wait_other (PROMPT, FALSE);
  cb_ui_wait_text ("It is not kept. " LOCKED);
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  close_opened ();

  /* Edited and removed: what is in it can't be had, and that is said. */
  edit ();
  cb_ui_click_on (NULL, "Keep the Password");
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_other (PROMPT, TRUE);
  cb_ui_key ("Escape");
  cb_ui_wait_text ("The password may still be in the keyring. " LOCKED);
  cb_ui_wait_other (PROMPT, FALSE);
  g_assert_cmpuint (count (&fixture), ==, 1);
  cb_test_wait_until (!file_has (fixture.file, "KeepPassword=true"));
  edit ();
  cb_ui_click_on (NULL, "Keep the Password");
  save ();
  cb_test_wait_until (file_has (fixture.file, "KeepPassword=true"));
  edit ();
  cb_ui_scroll_down_to ("Color", "Remove from the List", BOTTOM);
  cb_ui_click_on ("push button", "Remove from the List");
  cb_ui_wait_other (PROMPT, TRUE);
  cb_ui_key ("Escape");
  cb_ui_wait_other (PROMPT, FALSE);
  cb_test_wait_until (!file_has (fixture.file, "Depot"));
  cb_ui_wait_text ("The password may still be in the keyring. " LOCKED);
  cb_ui_click_on (NULL, "Undo");
  cb_test_wait_until (file_has (fixture.file, "KeepPassword=true"));
  g_assert_cmpuint (count (&fixture), ==, 1);

  /* Opened with its own password: nothing else is asked, and nothing was lost. */
  press (1, "Open Depot");
  cb_ui_wait_other (PROMPT, TRUE);
  cb_ui_type ("master");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  g_assert_true (is_kept (&fixture, "geheim"));
  close_opened ();
  tear_down (&fixture);
}

/* Taken out of the list while its server is long about letting somebody in: what was typed is not kept for what is no longer there. */
static void
test_removed (void)
{
  Fixture fixture;

  set_up (&fixture, "master", TRUE);
  cb_reply_unref (cb_test_redis_call (fixture.redis, "SADD", "q:job:types", "parcel", NULL));
  cb_test_redis_freeze (fixture.redis);
  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_windows (2);
  cb_ui_click_part ("Server Depot");
  cb_ui_wait_text ("Edit Depot");
  for (guint i = 0; i < 2; i++)
    cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text ("Remove from the List");
  cb_ui_click_until ("text", "Name", "Name");
  cb_ui_scroll_down_to ("Color", "Remove from the List", BOTTOM);
  cb_ui_click_on ("push button", "Remove from the List");
  cb_test_wait_until (!file_has (fixture.file, "Depot"));
  cb_test_redis_thaw (fixture.redis);
  cb_ui_wait_text ("parcel");
  cb_test_run_for (1000);
  g_assert_cmpuint (count (&fixture), ==, 0);
  tear_down (&fixture);
}

/* A user who has no keyring yet and makes none: the window opens, and that nothing is kept is said. */
static void
test_none_yet (void)
{
  Fixture fixture;

  set_up (&fixture, NULL, TRUE);
  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_other (PROMPT, TRUE);
  cb_ui_wait_text (OPEN);
  cb_ui_key ("Escape");
  cb_ui_wait_text ("The password is not kept. There is no keyring to keep it in yet, and none was made.");
  cb_ui_wait_other (PROMPT, FALSE);
  close_opened ();
  tear_down (&fixture);
}

/* The service ends while the program runs, and comes back. */
static void
test_gone (void)
{
  static const char none[] = "No keyring runs in this session. Install one, such as GNOME Keyring or KWallet.";
  Fixture fixture;

  set_up (&fixture, "master", TRUE);
  choose (1, "Open Depot", "It will be kept in the keyring.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  cb_test_wait_until (is_kept (&fixture, "geheim"));
  close_opened ();

  cb_test_keyring_stop (fixture.keyring);
  choose (2, "Edit Depot", none);
  cb_ui_wait_sensitive (NULL, "Keep the Password", FALSE);
  cb_ui_click_until ("text", "Name", "Name");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Remove from the List");
  choose (1, "Open Depot", "It is not kept. No keyring runs in this session.");
  cb_ui_type ("geheim");
  cb_ui_key ("Return");
  cb_ui_wait_text (OPEN);
  close_opened ();

  cb_test_keyring_start (fixture.keyring, "master");
  choose (1, "Open Depot", OPEN);
  g_assert_true (is_kept (&fixture, "geheim"));
  close_opened ();
  tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_test_keyring_is_installed () || !cb_ui_open_with_service (PROMPTER))
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/keyring/life", test_life);
  g_test_add_func ("/ui/keyring/locked", test_locked);
  g_test_add_func ("/ui/keyring/removed", test_removed);
  g_test_add_func ("/ui/keyring/none-yet", test_none_yet);
  g_test_add_func ("/ui/keyring/gone", test_gone);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
