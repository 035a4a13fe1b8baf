/* cb-ledger.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-ledger.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "q:job:"
#define WAITING "q:jobs:email:inactive"
/* Of what is written about one job for a person. */
#define LONGEST_HISTORY 20000

struct _CbLedger
{
  GPtrArray *jobs;       /* (owned) (element-type CbLedgerJob) (nullable elements) by id */
  GPtrArray *states;     /* (owned) (element-type utf8) what each is in now */
  GHashTable *waiting;   /* (owned) (element-type utf8 gdouble) the set of those that wait, as it is now */
  guint64 n_commands;
  GPtrArray *transaction; /* (owned) (element-type GArray) of Word */
  gboolean in_transaction;
};

typedef struct
{
  const char *data;
  gsize length;
} Word;

static void
job_free (CbLedgerJob *job)
{
  if (job == NULL)
    return;

  g_string_free (job->history, TRUE);
  g_free (job);
}

static gboolean
word_is (const Word *word,
         const char *text)
{
  return word->length == strlen (text) && g_ascii_strncasecmp (word->data, text, word->length) == 0;
}

/* The id whose hash the key is; 0 when it is another key, such as the log of a job. */
static guint
id_of (const Word *key)
{
  const gsize from = strlen (PREFIX);
  guint id = 0;

  if (key->length <= from || key->length > from + 8 || memcmp (key->data, PREFIX, from) != 0)
    return 0;
  for (gsize i = from; i < key->length; i++)
    {
      if (!g_ascii_isdigit (key->data[i]))
        return 0;
      id = id * 10 + (guint) (key->data[i] - '0');
    }

  return id;
}

static CbLedgerJob *
get_job (CbLedger *self,
         guint id)
{
  CbLedgerJob *job;

  while (self->jobs->len <= id)
    {
      g_ptr_array_add (self->jobs, NULL);
      g_ptr_array_add (self->states, NULL);
    }

  job = g_ptr_array_index (self->jobs, id);
  if (job == NULL)
    {
      job = g_new0 (CbLedgerJob, 1);
      job->history = g_string_new (NULL);
      g_ptr_array_index (self->jobs, id) = job;
    }

  return job;
}

static void
write_history (CbLedger *self,
               CbLedgerJob *job,
               const Word *words,
               guint n)
{
  if (job->history->len > LONGEST_HISTORY)
    return;

  g_string_append_printf (job->history, "  #%" G_GUINT64_FORMAT, self->n_commands);
  for (guint i = 0; i < n; i++)
    {
      g_string_append_c (job->history, ' ');
      g_string_append_len (job->history, words[i].data, (gssize) MIN (words[i].length, 60));
    }
  g_string_append_c (job->history, '\n');
}

/*
 * More often than Kue failed it, with "TTL exceeded", after it was complete. That is Kue's own, and no worker can keep it from that: its look for
 * jobs over their time asks for each and a second later fails those that nobody answered for, without another look at them (checkActiveJobTtl() in
 * lib/kue.js). It strikes an answer from its list by a number where the list has "03|228", so that each answer strikes the last of the
 * list instead, and what was left behind by a worker that is dead is never answered for: where one of these is in the list, so is a job too
 * many of those that were. CB_STORM_SEED=4244861354 had such a job: it was failed and answered for by us, run again, complete, and 0.8 s later
 * failed by Kue. That we answer, whatever comes of a job that is over its time, is test_ttl_in_time() in test-interop-kue.c.
 */
static gboolean
is_complete_twice (const CbLedgerJob *job)
{
  return job->n_completed > 1 + job->n_expired_by_kue;
}

static void
enter_state (CbLedger *self,
             guint id,
             const Word *state,
             gboolean by_kue)
{
  CbLedgerJob *job = get_job (self, id);
  const char *old = g_ptr_array_index (self->states, id);
  char *now = g_strndup (state->data, state->length);

  if (g_str_equal (now, "complete"))
    {
      job->n_completed++;
      job->n_completed_by_kue += by_kue;
      if (is_complete_twice (job) && !by_kue)
        job->n_completed_twice_by_us++;
    }
  else if (g_str_equal (now, "active"))
    {
      if (by_kue)
        job->n_kue_starts++;
      else
        job->n_claims++;
      job->is_in_kues_hand = FALSE;
    }
  else if (g_str_equal (now, "failed"))
    {
      job->n_failed_by_kue += by_kue;
    }

  if (g_strcmp0 (old, "complete") == 0 && !g_str_equal (now, "complete"))
    {
      job->n_reopened++;
      if (!by_kue)
        job->n_reopened_by_us++;
      else if (job->is_expiring && g_str_equal (now, "failed"))
        job->n_expired_by_kue++;
    }
  job->is_expiring = FALSE;

  g_free (g_ptr_array_index (self->states, id));
  g_ptr_array_index (self->states, id) = now;
}

static void
see_hset (CbLedger *self,
          const Word *words,
          guint n)
{
  guint id = n >= 4 ? id_of (&words[1]) : 0;
  CbLedgerJob *job;

  if (id == 0)
    return;

  job = get_job (self, id);
  /* Its first field: Kue writes them one by one, the creation by us all at once. */
  if (job->history->len == 0 && n == 4)
    job->is_kues = TRUE;
  write_history (self, job, words, n);
  for (guint i = 2; i + 1 < n; i += 2)
    {
      if (word_is (&words[i], "state"))
        {
          enter_state (self, id, &words[i + 1], n == 4);
          job->is_kues = job->is_kues || n == 4;
        }
      else if (n == 4 && word_is (&words[i], "error"))
        job->is_expiring = word_is (&words[i + 1], "TTL exceeded");
      else if (word_is (&words[i], "data"))
        job->had_data = TRUE;
      else if (word_is (&words[i], "type"))
        job->had_type = TRUE;
    }
}

static void
see_del (CbLedger *self,
         const Word *words,
         guint n)
{
  for (guint i = 1; i < n; i++)
    {
      guint id = id_of (&words[i]);
      CbLedgerJob *job;

      if (id == 0)
        continue;

      job = get_job (self, id);
      write_history (self, job, words, n);
      /* A job that is to go when it is complete never gets that state from us. */
      if (g_strcmp0 (g_ptr_array_index (self->states, id), "active") == 0)
        {
          job->n_completed++;
          job->n_completed_twice_by_us += is_complete_twice (job);
        }
      g_clear_pointer (&g_ptr_array_index (self->states, id), g_free);
    }
}

/* The job of a member such as "03|228", or NULL. */
static CbLedgerJob *
find_member (CbLedger *self,
             const char *member)
{
  const char *id = strchr (member, '|');

  return id != NULL && g_ascii_isdigit (id[1]) ? get_job (self, (guint) strtoul (id + 1, NULL, 10)) : NULL;
}

/* ZADD key score member…, without options, as both write it. */
static void
see_waiting (CbLedger *self,
             const Word *words,
             guint n)
{
  for (guint i = 2; i + 1 < n; i += 2)
    {
      g_autofree char *score = g_strndup (words[i].data, words[i].length);
      char *member = g_strndup (words[i + 1].data, words[i + 1].length);
      CbLedgerJob *job = find_member (self, member);
      double *value = g_new (double, 1);

      *value = g_ascii_strtod (score, NULL);
      g_hash_table_insert (self->waiting, member, value);
      if (job == NULL)
        continue;
      job->n_lost_by_kue += job->is_in_kues_hand;
      job->is_in_kues_hand = FALSE;
    }
}

static void
see_leaving (CbLedger *self,
             const Word *words,
             guint n)
{
  for (guint i = 2; i < n; i++)
    {
      g_autofree char *member = g_strndup (words[i].data, words[i].length);

      g_hash_table_remove (self->waiting, member);
    }
}

/* What Kue takes is told by its place alone: it is the first. We take by the name. */
static void
see_first_taken (CbLedger *self)
{
  GHashTableIter iter;
  gpointer member, score;
  const char *first = NULL;
  double least = 0;
  CbLedgerJob *job;

  g_hash_table_iter_init (&iter, self->waiting);
  while (g_hash_table_iter_next (&iter, &member, &score))
    if (first == NULL || *(double *) score < least || (!(*(double *) score > least) && strcmp (member, first) < 0))
      {
        first = member;
        least = *(double *) score;
      }
  if (first == NULL)
    return;

  job = find_member (self, first);
  if (job != NULL)
    {
      job->is_kues = job->is_in_kues_hand = TRUE;
      if (job->history->len <= LONGEST_HISTORY)
        g_string_append_printf (job->history, "  #%" G_GUINT64_FORMAT " taken by Kue\n", self->n_commands);
    }
  g_hash_table_remove (self->waiting, first);
}

static void
see_command (CbLedger *self,
             const Word *words,
             guint n)
{
  if (word_is (&words[0], "HSET") || word_is (&words[0], "HMSET"))
    see_hset (self, words, n);
  else if (word_is (&words[0], "DEL") || word_is (&words[0], "UNLINK"))
    see_del (self, words, n);
  else if (n > 2 && word_is (&words[1], WAITING) && word_is (&words[0], "ZADD"))
    see_waiting (self, words, n);
  else if (n > 2 && word_is (&words[1], WAITING) && word_is (&words[0], "ZREM"))
    see_leaving (self, words, n);
  else if (n > 2 && word_is (&words[1], WAITING) && word_is (&words[0], "ZREMRANGEBYRANK"))
    see_first_taken (self);
  else if (word_is (&words[0], "HINCRBY") && id_of (&words[1]) != 0)
    write_history (self, get_job (self, id_of (&words[1])), words, n);
}

/* What is between MULTI and EXEC is seen with its EXEC. A server that is killed while it writes leaves a transaction without an end; the next
 * one, Redis 7.0, reads it, does nothing of it, and writes behind it, beginning with SELECT: then it never happened, and nobody was told
 * that it had. */
static void
see (CbLedger *self,
     const Word *words,
     guint n)
{
  self->n_commands++;
  if (word_is (&words[0], "MULTI") || word_is (&words[0], "SELECT"))
    {
      g_ptr_array_set_size (self->transaction, 0);
      self->in_transaction = word_is (&words[0], "MULTI");
    }
  else if (word_is (&words[0], "EXEC"))
    {
      for (guint i = 0; i < self->transaction->len; i++)
        {
          GArray *command = g_ptr_array_index (self->transaction, i);

          see_command (self, (const Word *) (gpointer) command->data, command->len);
        }
      g_ptr_array_set_size (self->transaction, 0);
      self->in_transaction = FALSE;
    }
  else if (self->in_transaction)
    {
      GArray *command = g_array_sized_new (FALSE, FALSE, sizeof (Word), n);

      g_array_append_vals (command, words, n);
      g_ptr_array_add (self->transaction, command);
    }
  else
    {
      see_command (self, words, n);
    }
}

/* `*3`, `$5`: the number in a line; the position behind it. */
static gboolean
read_number (const char *text,
             gsize length,
             gsize *at,
             char kind,
             gsize *number)
{
  gsize i = *at;

  if (i >= length || text[i] != kind)
    return FALSE;
  *number = 0;
  for (i++; i < length && g_ascii_isdigit (text[i]); i++)
    *number = *number * 10 + (gsize) (text[i] - '0');
  if (i + 2 > length || text[i] != '\r')
    return FALSE;
  *at = i + 2;

  return TRUE;
}

static void
read_file (CbLedger *self,
           const char *path)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (Word));
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize length, at = 0, n;

  file = g_mapped_file_new (path, FALSE, &error);
  g_assert_no_error (error);
  text = g_mapped_file_get_contents (file);
  length = g_mapped_file_get_length (file);

  while (at < length)
    {
      if (!read_number (text, length, &at, '*', &n))
        g_error ("%s can't be read at byte %" G_GSIZE_FORMAT, path, at);

      g_array_set_size (words, 0);
      for (gsize i = 0; i < n; i++)
        {
          Word word;

          if (!read_number (text, length, &at, '$', &word.length) || at + word.length + 2 > length)
            g_error ("%s can't be read at byte %" G_GSIZE_FORMAT, path, at);
          word.data = text + at;
          at += word.length + 2;
          g_array_append_val (words, word);
        }
      see (self, (const Word *) (gpointer) words->data, words->len);
    }
}

CbLedger *
cb_ledger_read (const char *directory)
{
  CbLedger *self = g_new0 (CbLedger, 1);
  g_autofree char *manifest = g_build_filename (directory, "appendonly.aof.manifest", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n_files = 0;

  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  self->states = g_ptr_array_new_with_free_func (g_free);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->transaction = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  g_file_get_contents (manifest, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      g_autofree char *path = NULL;

      /* file NAME seq N type b|i|h: the base is what stood there before, and that was nothing. */
      if (g_strv_length (words) < 6 || !g_str_equal (words[5], "i"))
        continue;
      path = g_build_filename (directory, words[1], NULL);
      read_file (self, path);
      n_files++;
    }
  g_assert_cmpuint (n_files, ==, 1); /* more would mean that it was rewritten, and less told */

  return self;
}

void
cb_ledger_free (CbLedger *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->jobs);
  g_ptr_array_unref (self->states);
  g_hash_table_unref (self->waiting);
  g_ptr_array_unref (self->transaction);
  g_free (self);
}

guint
cb_ledger_get_max_id (CbLedger *self)
{
  return self->jobs->len > 0 ? self->jobs->len - 1 : 0;
}

const CbLedgerJob *
cb_ledger_get (CbLedger *self,
               guint id)
{
  return id < self->jobs->len ? g_ptr_array_index (self->jobs, id) : NULL;
}

guint64
cb_ledger_get_n_commands (CbLedger *self)
{
  return self->n_commands;
}
