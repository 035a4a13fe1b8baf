/* test-ui-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The list of jobs as somebody reads it: while the set moves, by the keyboard among very many, of one set after another, and
 * by its columns. */

#include <stdlib.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

/* Jobs on top of those there are, the event of each told, as somebody who does not know of the window would make them. */
#define MAKE \
  "local base = tonumber (redis.call ('GET', 'q:ids') or '0') " \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = base + 1, base + ARGV[1] do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused', 'data', '{\"n\":' .. id .. '}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end " \
  "redis.call ('PUBLISH', 'q:events', '{\"id\":1,\"event\":\"failed\",\"args\":[\"x\"]}') return 1"

/* Only the sets, for those that nobody will look at. */
#define MAKE_SETS \
  "local base = tonumber (redis.call ('GET', 'q:ids') or '0') " \
  "for id = base + 1, base + ARGV[1] do " \
  "  redis.call ('ZADD', 'q:jobs:email:failed', 0, string.format ('%02d|%d', #tostring (id), id)) " \
  "end " \
  "redis.call ('SET', 'q:ids', base + ARGV[1]) return 1"

/* A queue in which a job is more urgent than another. */
#define MAKE_URGENT \
  "redis.call ('SADD', 'q:job:types', 'sms') " \
  "for i, priority in ipairs ({ '0', '-10' }) do " \
  "  local id = 90000 + i " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'sms', 'state', 'failed', 'priority', priority, 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'data', '{}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:sms:failed' }) do redis.call ('ZADD', key, priority, '05|' .. id) end " \
  "end return 1"

#define TAKE_AWAY \
  "for _, id in ipairs (ARGV) do " \
  "  local z = string.format ('%02d|%d', #id, id) " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZREM', key, z) end " \
  "  redis.call ('DEL', 'q:job:' .. id) " \
  "end " \
  "redis.call ('PUBLISH', 'q:events', '{\"id\":1,\"event\":\"remove\",\"args\":[]}') return 1"

static void
make (CbTestRedis *redis, const char *script, const char *n)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", script, "0", n, NULL), ==, 1);
}

static int
get_y (int n)
{
  g_autofree char *name = g_strdup_printf ("n: %d", n);
  int x, y;

  cb_ui_get_middle ("label", name, &x, &y);
  return y;
}

/* Where it is after what was done has been laid out. */
static void
assert_stays (int n, int y)
{
  gint64 deadline = cb_test_wait_begin ();
  int now = 0;

  while (g_get_monotonic_time () < deadline)
    {
      now = get_y (n);
      if (abs (now - y) <= 2)
        return;
    }
  cb_ui_fail ("Job %d went from %d to %d", n, y, now);
}

static void
test_moving (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *above = NULL;
  g_autofree char *further_above = NULL;
  g_autofree char *row = NULL;
  g_autofree char *job = NULL;
  int n, y, height;

  make (redis, MAKE, "2000");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("2000 jobs");
  cb_ui_scroll ("label", "n: 1995", 6);

  /* The one in the middle of what is seen: rows are of one height. */
  height = get_y (1970) - get_y (1971);
  g_assert_cmpint (height, >, 10);
  n = 1970 - (400 - get_y (1970)) / height;
  row = g_strdup_printf ("n: %d", n);
  job = g_strdup_printf ("Job %d", n);
  cb_ui_click_until ("label", row, "Timeline");
  cb_ui_find ("label", job);
  y = get_y (n);
  g_assert_cmpint (abs (y - 400), <=, height);

  make (redis, MAKE, "37");
  cb_ui_wait_text ("37 new");
  cb_ui_wait_text ("2037 jobs");
  assert_stays (n, y);
  /* And beside the name of the queue. */
  cb_ui_find (NULL, "email, 2037 jobs, 2037 failed");
  make (redis, MAKE, "5");
  cb_ui_wait_text ("42 new");
  assert_stays (n, y);
  cb_ui_find ("label", job);

  /* Two that are seen above the pointer go; the row under it stays. */
  cb_ui_scroll ("label", "n: 1970", 0);
  n = 1970;
  y = get_y (n);
  above = g_strdup_printf ("%d", n + 1);
  further_above = g_strdup_printf ("%d", n + 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", TAKE_AWAY, "0", above, further_above, NULL), ==, 1);
  cb_ui_wait_text ("2040 jobs");
  assert_stays (n, y);

  cb_ui_click_on ("push button", "42 new");
  cb_ui_wait_no_text ("42 new");
  g_assert_cmpint (get_y (2042), <, 260);
  y = get_y (2042);

  /* At the top they are let in, and nothing has to be announced. */
  make (redis, MAKE, "3");
  cb_ui_wait_text ("2043 jobs");
  assert_stays (2045, y);
  g_assert_false (cb_ui_has_text ("3 new"));
  cb_ui_stop ();
}

/* Whether the job is the one beside the list: by its whole name, as "Job 1" is also the beginning of others. */
static void
wait_job (const char *name, gboolean shown)
{
  gint64 deadline = cb_test_wait_begin ();

  for (;;)
    {
      g_autoptr (CbUiThing) thing = cb_ui_peek ("label", name);

      if ((thing != NULL) == shown)
        return;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("“%s” is %s beside the list", name, shown ? "not" : "still");
      g_usleep (50000);
    }
}

/* A job that is removed by somebody else is told, and the one behind it is next; so it is for one that is removed here, and at the end of
 * the list it is the one before. */
static void
test_removed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "30");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", "n: 20", "Timeline");
  wait_job ("Job 20", TRUE);
  make (redis, MAKE, "3");
  cb_ui_wait_text ("33 jobs");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", TAKE_AWAY, "0", "20", "5", NULL), ==, 1);
  cb_ui_wait_text ("Job 20 was removed; the next one is selected");
  wait_job ("Job 19", TRUE);

  /* Nobody is moved on from what others removed elsewhere in the list. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", TAKE_AWAY, "0", "18", NULL), ==, 1);
  cb_ui_wait_text ("30 jobs");
  wait_job ("Job 19", TRUE);

  cb_ui_key ("Delete");
  cb_ui_wait_text ("Job 19 removed");
  wait_job ("Job 17", TRUE);
  cb_ui_key ("End");
  wait_job ("Job 1", TRUE);
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Job 1 removed");
  wait_job ("Job 2", TRUE);
  cb_ui_stop ();
}

/* The set moves under the hands of whoever types: jobs come in above, and one goes somewhere below. */
static void
stir (CbTestRedis *redis, const char *gone)
{
  make (redis, MAKE, "3");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", TAKE_AWAY, "0", gone, NULL), ==, 1);
}

/* By real keys on a list of which only the ends were ever read, and every other time in the middle of a change. */
static void
test_keys (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "500");
  make (redis, MAKE_SETS, "199000");
  make (redis, MAKE, "500");

  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("200000 jobs");
  cb_ui_click_until ("label", "n: 199998", "Job 199998");
  cb_ui_key ("Down");
  wait_job ("Job 199997", TRUE);
  stir (redis, "400");
  cb_ui_key ("Up");
  stir (redis, "401");
  cb_ui_key ("Up");
  wait_job ("Job 199999", TRUE);
  cb_ui_wait_text ("200004 jobs");

  cb_ui_key ("End");
  wait_job ("Job 1", TRUE);
  cb_ui_find ("label", "n: 2");
  stir (redis, "402");
  cb_ui_key ("Prior");
  wait_job ("Job 1", FALSE);
  stir (redis, "403");
  /* A page is as many rows as are seen, by where they lay last: before that is done again, GTK goes to another one. */
  cb_ui_wait_text ("200008 jobs");
  cb_ui_key ("Next");
  wait_job ("Job 1", TRUE);
  /* Those before came in where they were seen. */
  cb_ui_wait_text ("6 new");
  cb_ui_key ("Home");
  wait_job ("Job 200012", TRUE);
  cb_ui_find ("label", "n: 200011");
  cb_ui_wait_no_text ("6 new");

  /* From one to the next without choosing it, and then that as well. */
  cb_ui_key ("ctrl+Down");
  cb_ui_key ("ctrl+Down");
  cb_ui_key ("ctrl+space");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_key ("space");
  wait_job ("Job 200012", TRUE);
  cb_ui_key ("space");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_key ("Down");
  wait_job ("Job 200009", TRUE);
  cb_ui_key ("shift+Down");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_key ("Down");
  wait_job ("Job 200007", TRUE);
  cb_ui_key ("ctrl+Down");
  cb_ui_key ("Return");
  wait_job ("Job 200006", TRUE);

  cb_ui_key ("Delete");
  cb_ui_wait_text ("Job 200006 removed");
  cb_ui_wait_text ("200007 jobs");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:200006", NULL), ==, 0);
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("200008 jobs");
  cb_ui_find ("label", "n: 200006");

  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("250");
  cb_ui_wait_text ("Job 250");
  cb_ui_key ("Return");
  wait_job ("Job 250", TRUE);
  cb_ui_stop ();
}

/* What the list shows becomes another set while it stands somewhere in the middle, and its view is not there while that is looked for. */
static void
test_other_set (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "3000");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("3000 jobs");
  cb_ui_click_until ("label", "n: 2998", "Job 2998");

  for (guint i = 0; i < 3; i++)
    {
      cb_ui_key ("End");
      wait_job ("Job 1", TRUE);
      cb_ui_key ("ctrl+f");
      cb_ui_key ("ctrl+a");
      /* Many, one, none. */
      cb_ui_type (i == 0 ? "error~refused" : i == 1 ? "data.n:2990" : "data.n:nothing");
      cb_ui_wait_text (i == 0 ? "3000 of 3000 match" : i == 1 ? "1 of 3000 match" : "0 of 3000 match");
      if (i == 0)
        g_assert_cmpint (get_y (3000), <, 320);
      cb_ui_key ("Escape");
      cb_ui_wait_text ("3000 jobs");
      g_assert_cmpint (get_y (3000), <, 260);
      cb_ui_click_until ("label", "n: 2999", "Job 2999");
    }

  /* Another state and back, and the same from its other end. */
  cb_ui_key ("End");
  wait_job ("Job 1", TRUE);
  cb_ui_key ("alt+1");
  cb_ui_wait_text ("No Jobs Are");
  cb_ui_key ("alt+0");
  cb_ui_wait_text ("3000 jobs");
  g_assert_cmpint (get_y (3000), <, 260);
  cb_ui_click_until ("label", "n: 2999", "Job 2999");
  cb_ui_key ("End");
  wait_job ("Job 1", TRUE);
  cb_ui_click_on (NULL, "Newest First");
  cb_ui_wait_text ("oldest first");
  g_assert_cmpint (get_y (1), <, 260);
  cb_ui_stop ();
}

/* As somebody who has used the program before: what is kept between two starts is kept in here. */
static void
start_in (const char *folder, const char *server, const char *page)
{
  g_autofree char *path = g_build_filename (folder, "gtk-4.0", NULL);
  g_autofree char *settings = g_build_filename (path, "settings.ini", NULL);

  g_mkdir_with_parents (path, 0700);
  g_assert_true (g_file_set_contents (settings, "[Settings]\ngtk-enable-animations=0\n", -1, NULL));
  cb_ui_set_environment ("XDG_CONFIG_HOME", folder);
  cb_ui_start ("--server", server, "--page", page, NULL);
}

/* By the keyboard, from the last item on: where an item of a menu is on the screen is not told. */
static void
toggle_column (guint n_up, const char *title, gboolean shown)
{
  for (guint i = 0; i < 4; i++)
    {
      cb_ui_click_on (NULL, "Columns");
      cb_ui_wait_text ("Queue");
      for (guint up = 0; up < n_up; up++)
        cb_ui_key ("Up");
      cb_ui_key ("Return");
      for (guint wait = 0; wait < 40; wait++)
        {
          g_autoptr (CbUiThing) found = cb_ui_peek ("label", title);

          if ((found != NULL) == shown)
            return;
          g_usleep (100000);
        }
      cb_ui_key ("Escape");
    }

  cb_ui_fail ("The column %s is %s", title, shown ? "not shown" : "still shown");
}

/* Columns that were chosen and what the list is sorted by are there at the next start; what has no order there is not sorted. */
static void
test_columns (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *folder = g_build_filename (cb_test_redis_get_directory (redis), "config", NULL);

  make (redis, MAKE, "60");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE_URGENT, "0", NULL), ==, 1);

  start_in (folder, server, "email");
  cb_ui_wait_text ("60 jobs, state by state, newest first");
  /* Why a header is none to click on is said there. */
  cb_ui_hover_until ("label", "Priority", NULL, "choose one of them to sort");
  cb_ui_hover_until ("label", "Progress", NULL, "The server keeps no order by this");
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("60 jobs, newest first");
  cb_ui_click_until ("label", "ID", "60 jobs, by ID, oldest first");
  g_assert_cmpint (get_y (1), <, 260);
  toggle_column (1, "Due", TRUE);
  toggle_column (2, "Created", FALSE);
  cb_ui_stop ();

  start_in (folder, server, "email");
  cb_ui_wait_text ("60 jobs, state by state, oldest first");
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("60 jobs, by ID, oldest first");
  cb_ui_find ("label", "Due");
  g_assert_null (cb_ui_peek ("label", "Created"));
  g_assert_cmpint (get_y (1), <, 260);
  /* It is sorted by this column, so a click turns it round; at another one it would begin upwards, as it stands. */
  cb_ui_click_on ("label", "ID");
  cb_ui_wait_text ("60 jobs, by ID, newest first");
  g_assert_cmpint (get_y (60), <, 260);
  cb_ui_stop ();

  /* Where there are several priorities, ids are in no order. */
  start_in (folder, server, "sms");
  cb_ui_wait_text ("2 jobs, state by state, newest first");
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("2 jobs, by priority, newest first");
  cb_ui_click_on ("label", "ID");
  cb_ui_click_until ("label", "Priority", "2 jobs, by priority, oldest first");
  cb_ui_stop ();
}

/* A job that runs, under a lease that ends at @end. */
static void
put_active (CbTestRedis *redis, const char *id, const char *end)
{
  g_autofree char *key = g_strconcat ("q:job:", id, NULL);
  g_autofree char *zid = g_strconcat ("02|", id, NULL);
  g_autofree char *lease = g_strconcat (id, " host:1:1 1700000000000", NULL);
  static const char * const sets[] = { "q:jobs", "q:jobs:active", "q:jobs:email:active" };

  cb_reply_unref (cb_test_redis_call (redis, "HSET", key, "type", "email", "state", "active", "priority", "0", "data", "{}",
                                      "created_at", "1700000000000", "started_at", "1700000000000", "workerId", "host:1:1", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    cb_reply_unref (cb_test_redis_call (redis, "ZADD", sets[i], "0", zid, NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "q:callboard:leases", end, lease, NULL));
}

/* What a screen reader says of a row whose job is not as it should be. */
static void
test_names (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "3");
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:2", "type", "\xff", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HDEL", "q:job:3", "type", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "q:jobs:email:failed", "0", "01|9", NULL));

  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("Job 1, email, Failed");
  cb_ui_wait_text ("Job 2, \\xff, Failed");
  cb_ui_wait_text ("Job 3, Failed, It has no type");
  cb_ui_wait_text ("Job 9, Missing, There is no such job");
  g_assert_false (cb_ui_has_text ("(null)"));

  /* Of the worker of a job that runs only its lease tells, and nobody tells of that. */
  put_active (redis, "20", "1700000000000");
  put_active (redis, "21", "9700000000000");
  cb_reply_unref (cb_test_redis_call (redis, "PUBLISH", "q:events", "{\"id\":20,\"event\":\"start\",\"args\":[]}", NULL));
  cb_ui_wait_text ("Job 20, email, Active, Its worker has not been seen since its lease ended at 2023-11-1");
  cb_ui_wait_text ("Job 21, email, Active");
  g_assert_false (cb_ui_has_text ("Job 21, email, Active, Its worker"));
  put_active (redis, "21", "1700000000000");
  cb_ui_wait_text ("Job 21, email, Active, Its worker has not been seen since its lease ended at 2023-11-1");
  cb_ui_stop ();
}

/* A time that is none is a dash, with the raw text in words; it is never taken for another time. */
static void
test_dates (void)
{
  static const struct
  {
    const char *id;
    const char *created;
  } jobs[] = { { "01|2", "NaN" }, { "01|3", "-1" }, { "01|4", "1700000000000000" }, { "01|5", "99999999999999999999" }, { "01|6", "" } };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "7");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *key = g_strconcat ("q:job:", jobs[i].id + 3, NULL);

      cb_reply_unref (cb_test_redis_call (redis, "HSET", key, "created_at", jobs[i].created, NULL));
    }
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:7", "started_at", "1699999990000", "updated_at", "1699999995000", "duration",
                                      "-5000", "state", "complete", NULL));

  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("Job 2, email, Failed, created_at is no time in milliseconds: NaN");
  cb_ui_wait_text ("Job 3, email, Failed, created_at is no time in milliseconds: -1");
  cb_ui_wait_text ("Job 4, email, Failed, created_at is no time in milliseconds: 1700000000000000");
  cb_ui_wait_text ("Job 5, email, Failed, created_at is no time in milliseconds: 99999999999999999999");
  cb_ui_wait_text ("Job 7, email, Complete, duration is no number of milliseconds: -5000");
  cb_ui_find ("label", "–");
  for (int id = 7; id >= 2; id--)
    {
      g_autofree char *data = g_strdup_printf ("n: %d", id);
      g_autofree char *title = g_strdup_printf ("Job %d", id);

      cb_ui_click_until ("label", data, title);
      wait_job (title, TRUE);
      cb_ui_wait_text ("Timeline");
      g_assert_false (cb_ui_has_text ("1970"));
      g_assert_false (cb_ui_has_text ("55838"));
      g_assert_false (cb_ui_has_text ("Invalid"));
      g_assert_false (cb_ui_has_text ("-5 s"));
      g_assert_false (cb_ui_has_text ("−5 s"));
    }
  cb_ui_stop ();
}

/* Keys that are pressed where something is typed are for what is typed, and not for the job that is selected. */
static void
test_filter_keys (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "3");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", "n: 2", "Timeline");
  wait_job ("Job 2", TRUE);
  cb_ui_key ("ctrl+f");
  cb_ui_type ("abc");
  cb_ui_wait_text ("0 of 3 match");
  cb_ui_key ("Delete");
  cb_ui_key ("BackSpace");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("Delete");
  cb_ui_key ("Delete");
  cb_ui_key ("BackSpace");
  cb_ui_wait_text ("n: 3");
  cb_ui_type ("data.n:3");
  cb_ui_wait_text ("1 of 3 match");
  cb_ui_key ("Home");
  cb_ui_key ("Delete");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("BackSpace");
  cb_ui_wait_text ("n: 1");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:email:failed", NULL), ==, 3);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", "q:job:2", "q:job:3", NULL), ==, 3);
  g_assert_false (cb_ui_has_text ("removed"));
  cb_ui_stop ();
}

#define MAKE_MARKUP \
  "redis.call ('SADD', 'q:job:types', '<b>email</b>') " \
  "for id, text in ipairs ({ 'Tom & Jerry <refused> 100%s %n %d', '&amp; &#65; &bogus;', '<a href=\"https://example.test/\">click</a>', " \
  "                          '_underline __mnemonic', '\\27[31mred\\27[0m and \\7 bell' }) do " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', '<b>email</b>', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'failed_at', '1700000001000', 'error', text, " \
  "              'data', cjson.encode ({ title = text })) " \
  "  redis.call ('RPUSH', 'q:job:' .. id .. ':log', text) " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:<b>email</b>:failed' }) do redis.call ('ZADD', key, 0, '01|' .. id) end " \
  "end redis.call ('SET', 'q:ids', 5) return 1"

/* Markup, formats and mnemonics in what others wrote are shown as they are, wherever that is; a warning of GTK fails this, too. */
static void
test_markup (void)
{
  static const char * const texts[] = {
    "Tom & Jerry <refused> 100%s %n %d", "&amp; &#65; &bogus;", "<a href=\"https://example.test/\">click</a>",
    "_underline __mnemonic", "\\x1b[31mred\\x1b[0m and \\x07 bell"
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE_MARKUP, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Failed: 5");
  for (guint i = 0; i < 3; i++)
    cb_ui_wait_text (i == 0 ? "Tom & Jerry <refused>" : i == 1 ? "&bogus;" : "_underline __mnemonic");
  cb_ui_click_until ("panel", "<b>email</b>, 5 jobs, 5 failed", "5 jobs, state by state");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *job = g_strdup_printf ("Job %u", i + 1);

      cb_ui_click_until ("label", texts[i], job);
      wait_job (job, TRUE);
      cb_ui_wait_text ("Log · 1");
      /* The tooltip of the row. */
      cb_ui_hover_until ("label", texts[i], "text", texts[i]);
    }
  g_assert_null (cb_ui_peek ("link", NULL));
  cb_ui_key ("ctrl+f");
  cb_ui_type ("error~\"<refused> 100%s\"");
  cb_ui_wait_text ("1 of 5 match");
  cb_ui_click_until ("label", texts[0], "Timeline");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Job 1 removed");
  cb_ui_wait_text ("0 of 4 match");
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("Undone: job 1 is as it was");
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("<b>");
  cb_ui_find ("label", "<b>email</b>");
  cb_ui_key ("Escape");
  cb_ui_stop ();
}

/* What somebody marks in the job beside the list, and types, stays while jobs come in. */
static void
test_marked (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make (redis, MAKE, "30");
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:20", "error", "Error: refused\n    at threewords (send.js:12)", NULL));
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", "n: 20", "threewords");
  cb_ui_click_on ("label", "    at threewords (send.js:12)");
  cb_ui_key ("ctrl+a");
  make (redis, MAKE, "3");
  cb_ui_wait_text ("33 jobs");
  cb_reply_unref (cb_test_redis_call (redis, "PUBLISH", "q:events", "{\"id\":20,\"event\":\"failed\",\"args\":[\"x\"]}", NULL));
  make (redis, MAKE, "3");
  cb_ui_wait_text ("36 jobs");
  wait_job ("Job 20", TRUE);
  cb_ui_key ("ctrl+c");

  /* Something comes while it is typed, and the cursor is where it was. */
  cb_ui_key ("ctrl+f");
  cb_ui_type ("error~\"\"");
  cb_ui_key ("Left");
  make (redis, MAKE, "1");
  cb_ui_key ("ctrl+v");
  make (redis, MAKE, "1");
  cb_ui_wait_text ("1 of 38 match");
  cb_ui_find (NULL, "error~\"    at threewords (send.js:12)\"");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/list/moving", test_moving);
  g_test_add_func ("/ui/list/removed", test_removed);
  g_test_add_func ("/ui/list/keys", test_keys);
  g_test_add_func ("/ui/list/other-set", test_other_set);
  g_test_add_func ("/ui/list/columns", test_columns);
  g_test_add_func ("/ui/list/names", test_names);
  g_test_add_func ("/ui/list/dates", test_dates);
  g_test_add_func ("/ui/list/filter-keys", test_filter_keys);
  g_test_add_func ("/ui/list/markup", test_markup);
  g_test_add_func ("/ui/list/marked", test_marked);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
