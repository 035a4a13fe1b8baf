/* cb-kue-examine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-json.h"
#include "cb-scan.h"

/*
 * The doctor's round. What is wrong is decided on the server (scripts/diagnose.lua), portion by portion, each in one step in
 * which nothing else runs, by a script that may not write. Kept here are only suspicions, and of those a bounded number.
 *
 *   scan P:job* ── jobs, logs: any finding? ──┐ names of the sets
 *   scan the registered types ────────────────┤
 *   walk each set ── entries that don't fit? ─┤
 *   read the long fields ── no JSON? ─────────┴─ look at all suspects ── grace ── look again ── what is the same twice
 *                                                                                  ── is it really no JSON? ── findings
 *
 * A job that is on its way from one state to another is seen half done when Kue moves it, since Kue needs many commands for
 * that; it is past it when the grace is over, or has another mark.
 */

#define SCAN_COUNT 500
/* Jobs looked at by one call of the script: about a millisecond of the server's time. */
#define PORTION 50
#define MAX_SUSPECTS 10000
/* An id that stands in more places than that is repaired in several rounds. */
#define MAX_PLACES 40
/* Of fields that the server does not parse so much is read, one after the other; what is longer is told as not looked at. */
#define LONGEST_FIELD (4 * 1024 * 1024)
#define MAX_LONG_BYTES (256 * 1024 * 1024)

typedef struct
{
  CbExamineOptions options;

  CbScan     *scan;        /* (owned) */
  GHashTable *sets;        /* (owned) (element-type utf8) keys seen: P:jobs… */
  GHashTable *jobs;        /* (owned) suspects: id → GPtrArray of GBytes: key, member, key, member… */
  GPtrArray  *entries;     /* (owned) (element-type GPtrArray) suspects without an id, as subjects */
  GHashTable *types;       /* (owned) type → id of a job of it that says so, or "" */
  GPtrArray  *longs;       /* (owned) (element-type CbKueLongField) */
  gint64      long_bytes;  /* of them all */

  GPtrArray  *keys;        /* (owned) the sets, to be walked */
  guint       at;          /* of keys, then of subjects */
  char       *cursor;      /* (owned) within the set, or the set of types */

  GPtrArray  *subjects;    /* (owned) (element-type GPtrArray) of GBytes */
  GHashTable *first;       /* (owned) (nullable) (element-type GBytes) what the first look found */
  gboolean    again;       /* the second look */
  guint64     n_suspects;

  CbExamination *examination; /* (owned) */
} Round;

static void
round_free (Round *round)
{
  g_clear_object (&round->scan);
  g_hash_table_unref (round->sets);
  g_hash_table_unref (round->jobs);
  g_ptr_array_unref (round->entries);
  g_hash_table_unref (round->types);
  g_ptr_array_unref (round->longs);
  g_clear_pointer (&round->keys, g_ptr_array_unref);
  g_free (round->cursor);
  g_clear_pointer (&round->subjects, g_ptr_array_unref);
  g_clear_pointer (&round->first, g_hash_table_unref);
  cb_examination_free (round->examination);
  g_free (round);
}

/* What the server gave to go on from; the beginning, or the end, is "0". */
static void
set_cursor (Round         *round,
            const CbValue *value)
{
  const char *cursor = cb_value_get_string (value, NULL);

  g_free (round->cursor);
  round->cursor = g_strdup (cursor != NULL ? cursor : "0");
}

static CbConnection *
get_connection (GTask *task)
{
  return cb_engine_get_connection (g_task_get_source_object (task));
}

static const char *
get_prefix (GTask *task)
{
  return cb_engine_get_prefix (g_task_get_source_object (task));
}

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static CbCommand *
examine_command (GTask      *task,
                 const char *what)
{
  Round *round = g_task_get_task_data (task);
  CbCommand *command = cb_kue_engine_script (g_task_get_source_object (task), CB_KUE_SCRIPT_EXAMINE,
                                             cb_kue_key (get_prefix (task), "job:types"), NULL);

  cb_command_set_repeatable (command);
  cb_command_add_int (command, round->options.suspect_after_msec);
  return cb_command_add (command, what);
}

/* Only scripts see a job and all its places at one moment. Who may run none, or not what they do, is told that nothing was looked at,
 * or "nothing is wrong" and "not allowed" would be hard to tell apart. @error is taken. */
static GError *
explain (GError *error)
{
  if ((g_str_has_prefix (error->message, "EVAL") || g_str_has_prefix (error->message, "kue/")) &&
      (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) ||
       g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND)))
    g_prefix_error (&error, "The check looks by scripts that only read, and could not look at everything, so it tells nothing. "
                            "Beside reading it needs EVAL and EVALSHA (+@read +eval +evalsha). ");

  return error;
}

/* The reply of a call, or the end of the task. */
static CbReply *
take_reply (GTask        *task,
            GObject      *source,
            GAsyncResult *result)
{
  CbReply *reply;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, explain (error));
  else if (g_task_return_error_if_cancelled (task))
    g_clear_pointer (&reply, cb_reply_unref);

  return reply;
}

/* --- suspects --- */

static gboolean
has_room (Round *round)
{
  if (round->n_suspects >= MAX_SUSPECTS)
    {
      round->examination->cut = TRUE;
      return FALSE;
    }
  round->n_suspects++;
  return TRUE;
}

static GPtrArray *
suspect_job (Round      *round,
             const char *id)
{
  GPtrArray *places = g_hash_table_lookup (round->jobs, id);

  if (places == NULL && has_room (round))
    {
      places = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_hash_table_insert (round->jobs, g_strdup (id), places);
    }

  return places;
}

static void
suspect_member (Round         *round,
                const char    *key,
                const CbValue *value)
{
  gsize length;
  const char *member = cb_value_get_string (value, &length);
  g_autofree char *id = NULL;

  if (member == NULL)
    return;

  id = cb_kue_id_from_member (member, length, NULL);
  if (id != NULL)
    {
      GPtrArray *places = suspect_job (round, id);

      if (places != NULL && places->len < 2 * MAX_PLACES)
        {
          g_ptr_array_add (places, bytes_of (key));
          g_ptr_array_add (places, g_bytes_new (member, length));
        }
      else if (places != NULL)
        {
          round->examination->cut = TRUE;
        }
    }
  else if (has_room (round))
    {
      GPtrArray *subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

      g_ptr_array_add (subject, bytes_of ("entry"));
      g_ptr_array_add (subject, bytes_of (key));
      g_ptr_array_add (subject, bytes_of ("1"));
      g_ptr_array_add (subject, g_bytes_new (member, length));
      g_ptr_array_add (round->entries, subject);
    }
}

static void
add_type (Round      *round,
          const char *type,
          const char *sample)
{
  const char *known = g_hash_table_lookup (round->types, type);

  if (known == NULL || *known == 0)
    g_hash_table_insert (round->types, g_strdup (type), g_strdup (sample));
}

static void
add_long (Round         *round,
          const CbValue *id,
          const CbValue *field,
          const CbValue *length)
{
  const char *id_text = cb_value_get_string (id, NULL);
  const char *name = cb_value_get_string (field, NULL);
  const char *digits = cb_value_get_string (length, NULL);
  gint64 n = digits != NULL ? g_ascii_strtoll (digits, NULL, 10) : 0;

  if (id_text == NULL || name == NULL)
    return;
  if (n > LONGEST_FIELD || round->long_bytes + n > MAX_LONG_BYTES)
    {
      round->examination->n_unread++;
      return;
    }

  round->long_bytes += n;
  g_ptr_array_add (round->longs, cb_kue_long_field_new (id_text, name));
}

/* --- the looks at what is suspected --- */

static void look (GTask *task);

static void
finish (GTask *task)
{
  Round *round = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&round->examination), (GDestroyNotify) cb_examination_free);
}

/* One that was parsed here already is none. */
static gboolean
is_to_be_checked (const CbFinding *finding)
{
  GBytes *what = g_ptr_array_index (finding->subject, 0);

  return finding->kind == CB_FINDING_JSON &&
         !(g_bytes_get_size (what) == strlen ("long") && memcmp (g_bytes_get_data (what, NULL), "long", strlen ("long")) == 0);
}

/* cjson of the server and JSON.parse of Kue differ in some small things: what is no JSON for the one is asked of the other. */
static void
checked_json_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Round *round = g_task_get_task_data (task);
  GPtrArray *findings = round->examination->findings;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* From the end, so that taking one out leaves the places of the others. */
  for (guint i = findings->len, n = replies->len; i > 0; i--)
    {
      const CbFinding *finding = g_ptr_array_index (findings, i - 1);
      const char *text;
      gsize length;

      if (!is_to_be_checked (finding))
        continue;
      text = cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, --n)), &length);
      if (text == NULL || cb_json_check (text, length, NULL))
        g_ptr_array_remove_index (findings, i - 1);
    }
  finish (task);
}

static void
check_json (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < round->examination->findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (round->examination->findings, i);
      CbCommand *command;

      if (!is_to_be_checked (finding))
        continue;
      command = cb_command_add_gbytes (cb_command_add_gbytes (cb_command_new ("HGET", NULL), finding->place), finding->mark);
      cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    {
      cb_pipeline_free (pipeline);
      finish (task);
      return;
    }
  cb_connection_pipeline_async (get_connection (task), pipeline, g_task_get_cancellable (task), checked_json_cb,
                                g_object_ref (task));
}

/* What two looks must have in common. */
static GBytes *
signature_of (const CbFinding *finding)
{
  GString *text = g_string_new (cb_finding_kind_word (finding->kind));
  gsize length;
  const char *bytes;

  g_string_append_printf (text, " %s ", finding->id != NULL ? finding->id : "");
  bytes = g_bytes_get_data (finding->place, &length);
  g_string_append_printf (text, "%" G_GSIZE_FORMAT " ", length);
  g_string_append_len (text, bytes, length);
  bytes = g_bytes_get_data (finding->mark, &length);
  g_string_append_len (text, bytes, length);

  return g_string_free_to_bytes (text);
}

static void
report_progress (Round *round)
{
  if (round->options.progress != NULL)
    round->options.progress (round->examination->n_jobs, round->again, round->options.progress_data);
}

static gboolean
grace_over_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (!g_task_return_error_if_cancelled (task))
    look (task);

  return G_SOURCE_REMOVE;
}

static void
looked_at_all (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  g_autoptr (GSource) timeout = NULL;

  if (round->again)
    {
      check_json (task);
      return;
    }
  if (g_hash_table_size (round->first) == 0)
    {
      finish (task);
      return;
    }

  round->again = TRUE;
  round->at = 0;
  report_progress (round);
  timeout = g_timeout_source_new (round->options.grace_msec);
  g_task_attach_source (task, timeout, grace_over_cb);
}

static void
looked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Round *round = g_task_get_task_data (task);
  gint64 now = cb_kue_engine_now (g_task_get_source_object (task));
  const CbValue *value;
  guint n_subjects = MIN (PORTION, round->subjects->len - round->at);

  reply = take_reply (task, source, result);
  if (reply == NULL)
    return;

  value = cb_reply_get_value (reply);
  for (guint i = 0; i + 1 < cb_value_get_length (value); i += 2)
    {
      g_autoptr (CbFinding) finding = NULL;
      gint64 number;

      if (!cb_value_get_integer (cb_value_get_element (value, i), &number) || number < 1 || number > n_subjects)
        continue;
      finding = cb_kue_finding_new (cb_value_get_element (value, i + 1),
                                    g_ptr_array_index (round->subjects, round->at + number - 1), now);
      if (finding == NULL)
        continue;
      if (!round->again)
        {
          g_hash_table_add (round->first, signature_of (finding));
        }
      else
        {
          g_autoptr (GBytes) signature = signature_of (finding);

          /* Once: what all types share is looked at with each. */
          if (g_hash_table_remove (round->first, signature))
            g_ptr_array_add (round->examination->findings, g_steal_pointer (&finding));
        }
    }

  round->at += n_subjects;
  look (task);
}

static void
look (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  CbCommand *command;

  if (round->at == round->subjects->len)
    {
      looked_at_all (task);
      return;
    }

  command = examine_command (task, "look");
  for (guint i = round->at; i < MIN (round->at + PORTION, round->subjects->len); i++)
    {
      GPtrArray *subject = g_ptr_array_index (round->subjects, i);

      for (guint j = 0; j < subject->len; j++)
        cb_command_add_gbytes (command, g_ptr_array_index (subject, j));
    }
  cb_connection_call_async (get_connection (task), command, g_task_get_cancellable (task), looked_cb, g_object_ref (task));
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const char *first = *(const char * const *) a;
  const char *second = *(const char * const *) b;
  gsize n = strlen (first);
  gsize m = strlen (second);

  return n != m ? (n < m ? -1 : 1) : strcmp (first, second);
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

static GPtrArray *
sorted_keys (GHashTable   *table,
             GCompareFunc  compare)
{
  GPtrArray *keys = g_ptr_array_sized_new (g_hash_table_size (table));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, compare);

  return keys;
}

/* Jobs first and types at last: the tokens are counted against the sets, which other repairs put right. */
static void
look_at_suspects (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  g_autoptr (GPtrArray) ids = sorted_keys (round->jobs, compare_ids);
  g_autoptr (GPtrArray) types = sorted_keys (round->types, compare_texts);

  round->subjects = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = g_ptr_array_index (ids, i);
      GPtrArray *places = g_hash_table_lookup (round->jobs, id);
      GPtrArray *subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autofree char *n = g_strdup_printf ("%u", places->len);

      g_ptr_array_add (subject, bytes_of ("job"));
      g_ptr_array_add (subject, bytes_of (id));
      g_ptr_array_add (subject, bytes_of (n));
      for (guint j = 0; j < places->len; j++)
        g_ptr_array_add (subject, g_bytes_ref (g_ptr_array_index (places, j)));
      g_ptr_array_add (round->subjects, subject);
    }
  for (guint i = 0; i < round->entries->len; i++)
    g_ptr_array_add (round->subjects, g_ptr_array_ref (g_ptr_array_index (round->entries, i)));
  for (guint i = 0; i < round->longs->len; i++)
    {
      const CbKueLongField *field = g_ptr_array_index (round->longs, i);
      GPtrArray *subject;

      if (field->broken_digest == NULL)
        continue;
      subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (subject, bytes_of ("long"));
      g_ptr_array_add (subject, bytes_of (field->id));
      g_ptr_array_add (subject, bytes_of ("2"));
      g_ptr_array_add (subject, bytes_of (field->name));
      g_ptr_array_add (subject, bytes_of (field->broken_digest));
      g_ptr_array_add (round->subjects, subject);
    }
  for (guint i = 0; i < types->len; i++)
    {
      const char *type = g_ptr_array_index (types, i);
      GPtrArray *subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

      g_ptr_array_add (subject, bytes_of ("type"));
      g_ptr_array_add (subject, bytes_of (type));
      g_ptr_array_add (subject, bytes_of ("1"));
      g_ptr_array_add (subject, bytes_of (g_hash_table_lookup (round->types, type)));
      g_ptr_array_add (round->subjects, subject);
    }

  round->first = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  round->at = 0;
  look (task);
}

static void
checked_long_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_kue_engine_check_long_finish (CB_KUE_ENGINE (source), result, &error))
    g_task_return_error (task, explain (error));
  else
    look_at_suspects (task);
}

/* --- the sets --- */

static void walk (GTask *task);

static void
sifted_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Round *round = g_task_get_task_data (task);
  const CbValue *members;

  reply = take_reply (task, source, result);
  if (reply == NULL)
    return;

  members = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (members); i++)
    suspect_member (round, g_ptr_array_index (round->keys, round->at), cb_value_get_element (members, i));

  if (g_str_equal (round->cursor, "0"))
    round->at++;
  walk (task);
}

/* Of which type and state a set is: `P:jobs`, `P:jobs:S`, `P:jobs:T:S`, where a type may have colons and a state has none. */
static CbCommand *
sift_command (GTask      *task,
              const char *key)
{
  CbCommand *command = cb_command_add (examine_command (task, "set"), key);
  const char *rest = key + strlen (get_prefix (task)) + strlen (":jobs");
  const char *colon = strrchr (rest, ':');
  g_autofree char *type = NULL;

  if (colon == NULL)
    return cb_command_add (cb_command_add (command, "*"), "*");
  if (colon == rest)
    return cb_command_add (cb_command_add (command, "*"), rest + 1);
  type = g_strdup_printf ("=%.*s", (int) (colon - rest - 1), rest + 1);
  return cb_command_add (cb_command_add (command, type), colon + 1);
}

static void
walked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  Round *round = g_task_get_task_data (task);
  const CbValue *members;
  CbCommand *command;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      round->at++; /* a key that only looks like one of Kue's */
      set_cursor (round, NULL);
      walk (task);
      return;
    }
  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;

  set_cursor (round, cb_value_get_element (cb_reply_get_value (reply), 0));
  members = cb_value_get_element (cb_reply_get_value (reply), 1);

  command = sift_command (task, g_ptr_array_index (round->keys, round->at));
  for (guint i = 0; i < cb_value_get_length (members); i += 2)
    {
      gsize length;
      const char *member = cb_value_get_string (cb_value_get_element (members, i), &length);

      if (member != NULL)
        cb_command_add_bytes (command, member, length);
    }
  cb_connection_call_async (CB_CONNECTION (source), command, g_task_get_cancellable (task), sifted_cb, g_object_ref (task));
}

static void
walk (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  CbCommand *command;

  if (round->at == round->keys->len)
    {
      cb_kue_engine_check_long_async (g_task_get_source_object (task), round->longs, g_task_get_cancellable (task), checked_long_cb,
                                      g_object_ref (task));
      return;
    }

  command = cb_command_new ("ZSCAN", g_ptr_array_index (round->keys, round->at), round->cursor, "COUNT", NULL);
  cb_command_set_repeatable (cb_command_add_int (command, PORTION * 2));
  cb_connection_call_async (get_connection (task), command, g_task_get_cancellable (task), walked_cb, g_object_ref (task));
}

/* --- the registered types --- */

static void read_types (GTask *task);

static void
got_types_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  Round *round = g_task_get_task_data (task);
  const CbValue *types;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  /* A key of another type registers none; that is told with the first type that has a job. */
  if (reply == NULL && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      g_task_return_error (task, explain (g_steal_pointer (&error)));
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;

  types = reply != NULL ? cb_value_get_element (cb_reply_get_value (reply), 1) : NULL;
  for (guint i = 0; i < cb_value_get_length (types); i++)
    {
      gsize length;
      const char *type = cb_value_get_string (cb_value_get_element (types, i), &length);

      if (type != NULL && strlen (type) == length)
        add_type (round, type, "");
    }

  set_cursor (round, reply != NULL ? cb_value_get_element (cb_reply_get_value (reply), 0) : NULL);
  if (!g_str_equal (round->cursor, "0"))
    {
      read_types (task);
      return;
    }

  round->keys = sorted_keys (round->sets, compare_texts);
  round->at = 0;
  walk (task);
}

static void
read_types (GTask *task)
{
  Round *round = g_task_get_task_data (task);
  g_autofree char *key = cb_kue_key (get_prefix (task), "job:types");
  CbCommand *command = cb_command_new ("SSCAN", key, round->cursor, "COUNT", "500", NULL);

  cb_connection_call_async (get_connection (task), cb_command_set_repeatable (command), g_task_get_cancellable (task),
                            got_types_cb, g_object_ref (task));
}

/* --- the keys --- */

static void scan (GTask *task);

static void
examined_ids_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Round *round = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  for (guint i = 0; replies != NULL && i < replies->len; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);
      const CbValue *ids = cb_value_get_element (cb_reply_get_value (reply), 0);
      const CbValue *types = cb_value_get_element (cb_reply_get_value (reply), 1);
      const CbValue *longs = cb_value_get_element (cb_reply_get_value (reply), 2);

      error = cb_kue_reply_error ("EVALSHA", reply);
      if (error != NULL)
        break;
      for (guint j = 0; j < cb_value_get_length (ids); j++)
        suspect_job (round, cb_value_get_string (cb_value_get_element (ids, j), NULL));
      for (guint j = 0; j + 1 < cb_value_get_length (types); j += 2)
        add_type (round, cb_value_get_string (cb_value_get_element (types, j), NULL),
                  cb_value_get_string (cb_value_get_element (types, j + 1), NULL));
      for (guint j = 0; j + 2 < cb_value_get_length (longs); j += 3)
        add_long (round, cb_value_get_element (longs, j), cb_value_get_element (longs, j + 1), cb_value_get_element (longs, j + 2));
    }

  if (error != NULL)
    g_task_return_error (task, explain (error));
  else if (!g_task_return_error_if_cancelled (task))
    scan (task);
}

/* `P:job:ID` and `P:job:ID:log` give an id; `P:jobs…` is a set to be walked. */
static void
sort_key (GTask      *task,
          GHashTable *ids,
          const char *key)
{
  Round *round = g_task_get_task_data (task);
  const char *rest = key + strlen (get_prefix (task)) + strlen (":job");

  if (g_str_has_prefix (rest, "s") && (rest[1] == 0 || rest[1] == ':'))
    {
      g_hash_table_add (round->sets, g_strdup (key));
    }
  else if (rest[0] == ':')
    {
      gboolean is_log = g_str_has_suffix (rest, ":log");
      g_autofree char *id = g_strndup (rest + 1, strlen (rest) - 1 - (is_log ? strlen (":log") : 0));

      if (!cb_kue_id_check (id))
        return;
      g_hash_table_add (ids, g_strdup (id));
      if (!is_log)
        round->examination->n_jobs++;
    }
}

static void
scanned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) keys = NULL;
  g_autoptr (GHashTable) ids = NULL;
  Round *round = g_task_get_task_data (task);
  CbPipeline *pipeline;
  CbCommand *command = NULL;
  GHashTableIter iter;
  GError *error = NULL;
  gpointer id;
  guint n = 0;

  keys = cb_scan_next_finish (round->scan, result, &error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  if (keys == NULL)
    {
      set_cursor (round, NULL);
      read_types (task);
      return;
    }

  ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < keys->len; i++)
    {
      gsize length;
      const char *bytes = g_bytes_get_data (g_ptr_array_index (keys, i), &length);
      g_autofree char *key = g_strndup (bytes, length);

      if (strlen (key) == length)
        sort_key (task, ids, key);
    }
  if (g_hash_table_size (ids) == 0)
    {
      scan (task);
      return;
    }
  report_progress (round);

  pipeline = cb_pipeline_new ();
  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      if (command == NULL)
        command = examine_command (task, "ids");
      cb_command_add (command, id);
      if (++n % PORTION == 0)
        cb_pipeline_add (pipeline, g_steal_pointer (&command));
    }
  if (command != NULL)
    cb_pipeline_add (pipeline, command);
  cb_connection_pipeline_async (get_connection (task), pipeline, g_task_get_cancellable (task), examined_ids_cb,
                                g_object_ref (task));
}

static void
scan (GTask *task)
{
  Round *round = g_task_get_task_data (task);

  cb_scan_next_async (round->scan, g_task_get_cancellable (task), scanned_cb, g_object_ref (task));
}

void
cb_kue_engine_examine (CbEngine               *engine,
                       const CbExamineOptions *options,
                       GCancellable           *cancellable,
                       GAsyncReadyCallback     callback,
                       gpointer                user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  g_autofree char *prefix = cb_scan_escape (cb_engine_get_prefix (engine));
  g_autofree char *pattern = g_strconcat (prefix, ":job*", NULL);
  Round *round = g_new0 (Round, 1);

  g_task_set_source_tag (task, cb_kue_engine_examine);
  round->options = *options;
  round->sets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  round->jobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  round->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  round->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  round->longs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_kue_long_field_free);
  round->examination = g_new0 (CbExamination, 1);
  round->examination->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_finding_free);
  round->scan = cb_scan_new (cb_engine_get_connection (engine), pattern, NULL, SCAN_COUNT);
  g_task_set_task_data (task, round, (GDestroyNotify) round_free);

  scan (task);
}
