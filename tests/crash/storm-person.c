/* storm-person.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Who looks after the queue when the storm is over, with the commands that a person has. */

#include "config.h"

#include "storm.h"

#include <json-glib/json-glib.h>

#include "cb-test-cli.h"
#include "cb-test-wait.h"

/* So long nothing may change before what is left counts as stuck. Deaths take a lease and a round; a back-off half a second. */
#define STUCK_SECONDS 45

static const char state_of_affairs[] =
  "local function count (key) return redis.call ('ZCARD', key) end\n"
  "local ours, kues = 0, 0\n"
  "for _, member in ipairs (redis.call ('ZRANGE', 'q:jobs:active', 0, -1)) do\n"
  "  local worker = redis.call ('HGET', 'q:job:' .. string.match (member, '|(.*)'), 'workerId')\n"
  "  if worker and string.find (worker, '^callboard:') then ours = ours + 1 else kues = kues + 1 end\n"
  "end\n"
  "return table.concat ({ count ('q:jobs:email:inactive'), ours, count ('q:jobs:delayed'), kues, count ('q:jobs:complete'),\n"
  "                       count ('q:jobs:failed') }, ' ')";

/* Until nothing is left but what a dead worker of Kue holds, or has removed without taking it out of the active ones. */
void
storm_settle (Storm *storm)
{
  g_autofree char *last = NULL;
  gint64 changed = g_get_monotonic_time ();

  for (;;)
    {
      g_autofree char *now = cb_test_redis_get_string (storm->redis, "EVAL", state_of_affairs, "0", NULL);

      if (g_str_has_prefix (now, "0 0 0 "))
        return;
      if (g_strcmp0 (now, last) != 0)
        {
          g_free (last);
          last = g_steal_pointer (&now);
          changed = g_get_monotonic_time ();
        }
      else if (g_get_monotonic_time () - changed > STUCK_SECONDS * G_TIME_SPAN_SECOND)
        {
          g_autofree char *what = g_strdup_printf ("Nothing changes any more (waiting, active, delayed, Kue's, complete, failed: %s)",
                                                   last);
          storm_fail_with_errors (storm, what);
        }
      cb_test_run_for (100);
    }
}

/* callboardctl, however long it takes: a doctor looks at 20,000 jobs twice. Its output; with a status of more than 1 it has failed. */
static char *
run_cli (Storm *storm,
         GPtrArray *words)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *output;

  g_ptr_array_insert (words, 0, cb_test_cli_dup_path ());
  g_ptr_array_add (words, NULL);
  process = storm_spawn (storm, NULL, G_SUBPROCESS_FLAGS_STDOUT_PIPE, (const char * const *) words->pdata);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, cb_test_store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_subprocess_communicate_utf8_finish (process, result, &output, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) > 1)
    storm_fail_with_errors (storm, "A command of the person who looks after the queue failed");

  return output;
}

static void
act (Storm *storm,
     const char *action,
     GPtrArray *ids)
{
  for (guint from = 0; from < ids->len; from += 100)
    {
      g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (words, g_strdup ("job"));
      g_ptr_array_add (words, g_strdup (action));
      for (guint i = from; i < MIN (from + 100, ids->len); i++)
        g_ptr_array_add (words, g_strdup (g_ptr_array_index (ids, i)));
      g_free (run_cli (storm, words));
    }
}

/* Jobs that failed and have attempts left, though nobody gave them up: Kue was killed between the two (its retry is a step of its
 * own). Callboard leaves none. Where the creation of a job was cut short its attempts may not be known, and are not counted. */
static const char failed_half[] =
  "local ids = {}\n"
  "for _, member in ipairs (redis.call ('ZRANGE', 'q:jobs:failed', 0, -1)) do\n"
  "  local id = string.match (member, '|(.*)')\n"
  "  local h = redis.call ('HMGET', 'q:job:' .. id, 'attempts', 'max_attempts', 'error')\n"
  "  if h[2] and tonumber (h[1] or 0) < tonumber (h[2]) and not string.find (h[3] or '', '^The worker died') then\n"
  "    table.insert (ids, id)\n"
  "  end\n"
  "end\n"
  "return ids";

static void
accuse (Storm *storm,
        const char *id,
        const char *kind)
{
  Accusation accusation = { .id = (guint) g_ascii_strtoull (id, NULL, 10), .kind = g_strdup (kind) };

  g_array_append_val (storm->accusations, accusation);
}

/* What a person does who looks after the queue. Returns whether there was anything to do. */
gboolean
storm_visit (Storm *storm)
{
  g_autoptr (GPtrArray) suspects = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) half = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) broken = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *doctor = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_ptr_array_add (words, g_strdup ("--json"));
  g_ptr_array_add (words, g_strdup ("doctor"));
  g_ptr_array_add (words, g_strdup ("--repair"));
  g_ptr_array_add (words, g_strdup ("--suspect-after=1000"));
  doctor = run_cli (storm, words);
  lines = g_strsplit (doctor, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *finding = json_node_get_object (node);
      const char *kind = json_object_get_string_member (finding, "kind");
      const char *outcome = json_object_get_string_member (finding, "outcome");
      char *id = json_object_get_null_member (finding, "id")
                   ? NULL
                   : g_strdup_printf ("%" G_GINT64_FORMAT, json_object_get_int_member (finding, "id"));

      n++;
      g_test_message ("doctor: %s", lines[i]);
      if (g_str_equal (kind, "suspect"))
        {
          /* One of ours leaves a lease, and is put back by those who live. */
          if (!g_str_has_prefix (json_object_get_string_member (finding, "evidence"), "kue:"))
            g_error ("suspected is one that is none of Kue's: %s", lines[i]);
          g_ptr_array_add (suspects, id);
          continue;
        }
      storm->n_findings++;
      if (id != NULL)
        accuse (storm, id, kind);
      g_hash_table_insert (storm->found, g_strdup (kind),
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (storm->found, kind)) + 1));
      if (g_str_equal (outcome, "failed"))
        g_error ("doctor could not repair: %s", lines[i]);
      if (g_str_equal (outcome, "left") && id != NULL)
        g_ptr_array_add (broken, id);
      else
        g_free (id);
    }

  reply = cb_test_redis_call (storm->redis, "EVAL", failed_half, "0", NULL);
  for (guint i = 0; i < cb_value_get_length (cb_reply_get_value (reply)); i++)
    {
      g_ptr_array_add (half, g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), i), NULL)));
      accuse (storm, g_ptr_array_index (half, i), "half");
    }

  act (storm, "retry", suspects);
  act (storm, "retry", half);
  act (storm, "remove", broken);
  storm->n_suspects += suspects->len;
  storm->n_unretried += half->len;
  storm->n_removed += broken->len;

  g_test_message ("visited: %u findings, %u suspects among them, %u not retried", n, suspects->len, half->len);

  return n + half->len > 0;
}
