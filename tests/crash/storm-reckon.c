/* storm-reckon.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What became of each job: three accounts that know nothing of each other are compared. */

#include "config.h"

#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cb-ledger.h"

/* Each hash is in the set of all, in the pair of sets of one state and no other; nothing else is in any set; nothing is left that
 * could be worked, no token, no lease. */
static const char check[] =
  "local wrong, sizes, all = {}, {}, 0\n"
  "local function say (...) if #wrong < 20 then table.insert (wrong, table.concat ({ ... }, ' ')) end end\n"
  "local STATES = { 'inactive', 'active', 'complete', 'failed', 'delayed' }\n"
  "for id = 1, tonumber (redis.call ('GET', 'q:ids')) do\n"
  "  local zid = string.format ('%02d|%d', #tostring (id), id)\n"
  "  local exists = redis.call ('EXISTS', 'q:job:' .. id) == 1\n"
  "  local state = redis.call ('HGET', 'q:job:' .. id, 'state')\n"
  "  if exists then\n"
  "    all = all + 1\n"
  "    sizes[state or 'none'] = (sizes[state or 'none'] or 0) + 1\n"
  "    if state ~= 'complete' and state ~= 'failed' then say (id, 'is', state or 'in no state') end\n"
  "    if not redis.call ('ZSCORE', 'q:jobs', zid) then say (id, 'is not among all') end\n"
  "  elseif redis.call ('EXISTS', 'q:job:' .. id .. ':log') == 1 then say (id, 'left a log') end\n"
  "  for _, s in ipairs (STATES) do\n"
  "    for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "      local there = redis.call ('ZSCORE', key, zid) and true or false\n"
  "      if there ~= (s == state) then say (id, 'is', state or 'gone', 'and', there and 'in' or 'not in', key) end\n"
  "    end\n"
  "  end\n"
  "end\n"
  "if redis.call ('ZCARD', 'q:jobs') ~= all then say ('not', all, 'in all') end\n"
  "for _, s in ipairs (STATES) do\n"
  "  for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "    if redis.call ('ZCARD', key) ~= (sizes[s] or 0) then say ('too many in', key) end\n"
  "  end\n"
  "end\n"
  "if redis.call ('LLEN', 'q:email:jobs') ~= 0 then say ('tokens are left:', redis.call ('LLEN', 'q:email:jobs')) end\n"
  "if redis.call ('EXISTS', 'q:callboard:leases') ~= 0 then say ('leases are left') end\n"
  "return table.concat (wrong, '; ')";

typedef struct
{
  char *state;                 /* (nullable) gone */
  guint n;                     /* G_MAXUINT: it has no data, and so no number */
  char *error;                 /* (nullable) */
} End;

static void
end_clear (gpointer data)
{
  End *end = data;

  g_free (end->state);
  g_free (end->error);
}

static GArray *
read_ends (Storm *storm)
{
  GArray *ends = g_array_new (FALSE, TRUE, sizeof (End));
  g_autofree char *last = cb_test_redis_get_string (storm->redis, "GET", "q:ids", NULL);

  g_array_set_clear_func (ends, end_clear);
  g_array_set_size (ends, (guint) atoi (last) + 1);
  for (guint id = 1; id < ends->len; id++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", id);
      g_autoptr (CbReply) reply = cb_test_redis_call (storm->redis, "HMGET", key, "state", "data", "error", NULL);
      const CbValue *fields = cb_reply_get_value (reply);
      const char *data = cb_value_get_string (cb_value_get_element (fields, 1), NULL);
      End *end = &g_array_index (ends, End, id);

      end->state = g_strdup (cb_value_get_string (cb_value_get_element (fields, 0), NULL));
      end->error = g_strdup (cb_value_get_string (cb_value_get_element (fields, 2), NULL));
      end->n = G_MAXUINT;
      if (data != NULL)
        g_assert_cmpint (sscanf (data, "{\"n\":%u,", &end->n), ==, 1);
    }

  return ends;
}

typedef struct
{
  Storm *storm;
  CbLedger *ledger;
  guint n_wrong;
  guint n_complete, n_by_kue, n_failed, n_gone, n_died, n_unheard, n_cut_short, n_expired_by_kue, n_ours_alone;
} Reckoning;

G_GNUC_PRINTF (3, 4) static void
wrong (Reckoning *self,
       guint id,
       const char *format,
       ...)
{
  const CbLedgerJob *entry = cb_ledger_get (self->ledger, id);
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->n_wrong++ < 20)
    g_printerr ("Job %u: %s\n%s", id, text, entry != NULL ? entry->history->str : "  (the server never heard of it)\n");
}

/* The third account, about a job that our worker said was complete. */
static void
check_said (Reckoning *self)
{
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;

  folder = g_dir_open (self->storm->said, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->storm->said, name, NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      g_file_get_contents (path, &text, NULL, &error);
      g_assert_no_error (error);
      lines = g_strsplit (text, "\n", -1);
      for (guint i = 0; lines[i] != NULL; i++)
        {
          guint id;
          char end = '\0';

          if (strstr (lines[i], "\"event\":\"complete\"") == NULL || sscanf (lines[i], "{\"id\":%u%c", &id, &end) != 2)
            continue;
          if (cb_ledger_get (self->ledger, id) == NULL || cb_ledger_get (self->ledger, id)->n_completed == 0)
            wrong (self, id, "a worker said that it was complete");
        }
    }
}

static void
check_job (Reckoning *self,
           guint n,
           const Job *job,
           guint id,
           const End *end)
{
  const CbLedgerJob *entry = cb_ledger_get (self->ledger, id);
  gboolean removes = storm_kinds[job->kind].remove;

  if (entry == NULL)
    {
      wrong (self, id, "it was created (number %u), and is lost", n);
      return;
    }

  self->n_by_kue += entry->n_completed_by_kue;
  self->n_ours_alone += !entry->is_kues;
  if (!entry->had_data || !entry->had_type)
    {
      self->n_cut_short++; /* a script of ours writes all fields or none */
      return;
    }

  /* Completed once at most. */
  if (entry->n_completed_twice_by_us > 0 || entry->n_reopened_by_us > 0)
    wrong (self, id, "Callboard did something with it after it was complete");
  else if (entry->n_completed > 1 + entry->n_expired_by_kue || entry->n_reopened > entry->n_expired_by_kue)
    wrong (self, id, "it was complete and Kue did something with it");
  self->n_expired_by_kue += entry->n_expired_by_kue;

  /* And by somebody who did it. */
  if (end->state == NULL)
    {
      if (!removes || entry->n_completed != 1)
        wrong (self, id, "it is gone (completed %u times)", entry->n_completed);
      if (job->n_ok == 0)
        wrong (self, id, "it is gone, and no run of it succeeded");
      self->n_gone++;
    }
  else if (g_str_equal (end->state, "complete"))
    {
      if (job->n_ok == 0)
        wrong (self, id, "it is complete, and no run of it succeeded");
      self->n_complete++;
    }
  else if (g_str_equal (end->state, "failed"))
    {
      const char *error = end->error != NULL ? end->error : "";
      gboolean died = g_str_has_prefix (error, "The worker died while running this job");

      if (died)
        {
          self->n_died++;
          if (entry->n_claims < 5)
            wrong (self, id, "it was given up after %u claims", entry->n_claims);
        }
      else if (strstr (error, "failed by its own doing") != NULL ? storm_kinds[job->kind].fail == 0 || job->n_bad == 0
               : !g_str_equal (error, "TTL exceeded") || job->kind != HANGING)
        wrong (self, id, "it failed, but not by its own doing: %s", error);
      self->n_failed++;
    }
  else
    {
      wrong (self, id, "it is %s", end->state);
    }
}

/* What had to be mended is Kue's doing: a finding about a job that only scripts of ours ever touched would be our own. */
static void
check_accusations (Reckoning *self)
{
  for (guint i = 0; i < self->storm->accusations->len; i++)
    {
      const Accusation *accusation = &g_array_index (self->storm->accusations, Accusation, i);
      const CbLedgerJob *entry = cb_ledger_get (self->ledger, accusation->id);

      if (entry == NULL)
        continue; /* an id that the server was never told anything about */
      if (!entry->is_kues)
        wrong (self, accusation->id, "found as “%s”, and Kue never touched it", accusation->kind);
      else if (g_str_equal (accusation->kind, "lost") && entry->n_lost_by_kue == 0 && !entry->is_in_kues_hand)
        wrong (self, accusation->id, "it was lost, and not by Kue");
      else if (g_str_equal (accusation->kind, "half") && entry->n_failed_by_kue == 0)
        wrong (self, accusation->id, "it was not retried, and it was not Kue that failed it");
    }
}

void
storm_reckon (Storm *storm)
{
  Reckoning self = { .storm = storm };
  g_autoptr (CbLedger) ledger = NULL;
  g_autofree char *directory = g_build_filename (cb_test_redis_get_directory (storm->redis), "appendonlydir", NULL);
  g_autofree char *bad = cb_test_redis_get_string (storm->redis, "EVAL", check, "0", NULL);
  g_autoptr (GArray) ends = read_ends (storm);
  g_autofree guint *ids = NULL;
  GHashTableIter iter;
  gpointer kind, n_found;

  cb_test_redis_stop (storm->redis);
  ledger = self.ledger = cb_ledger_read (directory);
  storm_read_record (storm);

  /* Jobs by their number; one may be there although nobody heard so. */
  ids = g_new0 (guint, storm->jobs->len);
  for (guint id = 1; id < ends->len; id++)
    {
      const End *end = &g_array_index (ends, End, id);

      if (end->state == NULL || end->n == G_MAXUINT)
        continue;
      if (ids[end->n] != 0)
        wrong (&self, id, "it is the same as job %u", ids[end->n]);
      ids[end->n] = id;
    }
  for (guint n = 0; n < storm->jobs->len; n++)
    {
      Job *job = &g_array_index (storm->jobs, Job, n);

      if (job->id != 0 && ids[n] != 0 && job->id != ids[n])
        wrong (&self, job->id, "job number %u has another id (%u)", n, ids[n]);
      if (job->id == 0)
        self.n_unheard++;
      if (job->id != 0 || ids[n] != 0)
        check_job (&self, n, job, job->id != 0 ? job->id : ids[n],
                   &g_array_index (ends, End, job->id != 0 ? job->id : ids[n]));
    }
  check_said (&self);
  check_accusations (&self);

  g_test_message ("%u jobs, %u of them perhaps never created, %u by Kue without their data or type; %u complete, %u gone when complete (%u by Kue), %u failed "
                  "(%u because their workers died)", storm->jobs->len, self.n_unheard, self.n_cut_short, self.n_complete, self.n_gone,
                  self.n_by_kue, self.n_failed, self.n_died);
  g_test_message ("%u kills of ours, %u of Kue, %u of the server; starts without a server: %u; Kue ended by itself: %u, and "
                  "did not take any more: %u; writes: %" G_GUINT64_FORMAT, storm->killed[OURS], storm->killed[KUE],
                  storm->killed[SERVER], storm->n_no_server, storm->n_kue_ended, storm->n_kue_stuck, cb_ledger_get_n_commands (ledger));
  g_test_message ("never touched by Kue: %u", self.n_ours_alone);
  g_test_message ("failed by Kue as over their time after they were complete: %u", self.n_expired_by_kue);
  g_test_message ("put back by a person: %u that a dead Kue held, %u that Kue did not retry; removed: %u; found by the doctor: %u",
                  storm->n_suspects, storm->n_unretried, storm->n_removed, storm->n_findings);
  g_hash_table_iter_init (&iter, storm->found);
  while (g_hash_table_iter_next (&iter, &kind, &n_found))
    g_test_message ("  %s: %u", (const char *) kind, GPOINTER_TO_UINT (n_found));

  g_assert_cmpstr (bad, ==, "");
  g_assert_cmpuint (self.n_ours_alone, >, 0);
  /* To be given up a job has to be in the hands of five that are killed: by chance that is as good as never. */
  g_assert_cmpuint (self.n_died, <=, 1 + storm->n_jobs / 1000);
  g_assert_cmpuint (self.n_wrong, ==, 0);
}
