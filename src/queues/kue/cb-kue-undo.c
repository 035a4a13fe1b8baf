/* cb-kue-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-job-spec.h"
#include "cb-json.h"

/*
 * Captures jobs (scripts/capture.lua), acts on them while they are as captured (the script of the action between guarded.lua and
 * guard.lua), and puts them back (restore.lua). A capture is what capture.lua returned, and what was left is what guard.lua
 * returned, each as a list of strings ("aay"): both go back to the server as they came, and nothing here takes them apart.
 */

/* What capture.lua returns behind 'ok'. */
enum
{
  FINGERPRINT,
  FLAGS,
  TYPE,
  STATE,
  UPDATED_AT,
  STARTED_AT,
  TOKENS,
  WAITING,
  N_FACTS
};

static GVariant *
strings_from_reply (const CbValue *value,
                    guint          from)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
  for (guint i = from; i < cb_value_get_length (value); i++)
    {
      gsize length = 0;
      const char *text = cb_value_get_string (cb_value_get_element (value, i), &length);

      g_variant_builder_add_value (&builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, text, text != NULL ? length : 0, 1));
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static const char *
get_string (GVariant *strings,
            guint     index,
            gsize    *length)
{
  g_autoptr (GVariant) string = g_variant_get_child_value (strings, index);

  /* The bytes are those of the whole, which outlives the child. */
  return g_variant_get_fixed_array (string, length, 1);
}

static void
add_strings (CbCommand *command,
             GVariant  *strings)
{
  gsize n = strings != NULL ? g_variant_n_children (strings) : 0;

  cb_command_add_int (command, n);
  for (gsize i = 0; i < n; i++)
    {
      gsize length = 0;
      const char *text = get_string (strings, i, &length);

      cb_command_add_bytes (command, text != NULL ? text : "", length);
    }
}

/* The ways in which the id was misspelled in the sets when the job was captured. Of what came to be misspelled since nothing is
 * removed: it was not captured. */
static GStrv
list_misspelled (CbKueEngine *self,
                 CbCapture   *capture)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *head = g_strconcat (cb_engine_get_prefix (CB_ENGINE (self)), ":jobs", NULL);
  g_autofree char *zid = cb_kue_zid (capture->id);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize n = g_variant_n_children (capture->before);
  gsize length = 0;
  gsize at = N_FACTS;

  if (n > N_FACTS)
    {
      const char *count = get_string (capture->before, at, &length);
      g_autofree char *text = g_strndup (count, length);

      at += 2 + 3 * g_ascii_strtoull (text, NULL, 10);
    }
  for (; at + 2 < n; at += 3)
    {
      const char *key = get_string (capture->before, at, &length);
      g_autofree char *member = NULL;

      if (length < strlen (head) || memcmp (key, head, strlen (head)) != 0)
        continue;
      key = get_string (capture->before, at + 1, &length);
      member = g_strndup (key, length);
      if (!g_str_equal (member, zid) && !g_hash_table_contains (known, member))
        {
          g_strv_builder_add (builder, member);
          g_hash_table_add (known, g_steal_pointer (&member));
        }
    }

  return g_strv_builder_end (builder);
}

/* Where to look beside the states Kue knows and the id as Kue spells it. Returns how many arguments that were. */
static guint
add_hint (CbCommand          *command,
          const CbDeed       *deed,
          const char * const *members)
{
  guint n = g_strv_length ((GStrv) members);

  cb_command_add_int (command, deed->kind == CB_DEED_MOVE ? 1 : 0);
  if (deed->kind == CB_DEED_MOVE)
    cb_command_add (command, deed->text);
  cb_command_add_int (command, n);
  for (guint i = 0; i < n; i++)
    cb_command_add (command, members[i]);

  return 2 + (deed->kind == CB_DEED_MOVE ? 1 : 0) + n;
}

static CbCommand *
make_command (CbKueEngine *self,
              CbKueScript  which,
              gint64       stamp,
              const char  *id,
              ...)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  CbCommand *command;
  va_list args;
  char *key;

  g_ptr_array_add (keys, cb_kue_key_job (prefix, id));
  va_start (args, id);
  while ((key = va_arg (args, char *)) != NULL)
    g_ptr_array_add (keys, key);
  va_end (args);

  command = cb_command_new_script (cb_kue_script_get (which), keys->len, (const char * const *) keys->pdata);
  cb_command_add (command, prefix);
  cb_command_add_int (command, stamp / 1000);

  return cb_command_add (command, id);
}

static CbCommand *
make_repair (CbKueEngine *self,
             CbKueScript  which,
             CbCapture   *capture)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  g_autofree char *key = cb_kue_key (prefix, "job:types");
  CbCommand *command = cb_command_new_script (cb_kue_script_get (which), 1, (const char * const[]) { key, NULL });
  gsize n = g_variant_n_children (capture->what);

  cb_command_add (command, prefix);
  cb_command_add_int (command, capture->stamp / 1000);
  cb_command_add_int (command, CB_EXAMINE_SUSPECT_MSEC);
  for (gsize i = 0; i < n; i++)
    {
      gsize length = 0;
      const char *text = get_string (capture->what, i, &length);

      cb_command_add_bytes (command, text != NULL ? text : "", length);
    }

  return command;
}

/* What a guarded script takes behind the arguments of the action. */
static void
add_guard (CbCommand          *command,
           const CbDeed       *deed,
           CbCapture          *capture,
           const char         *mode,
           const char * const *misspelled)
{
  const char *fingerprint;
  gsize length = 0;
  guint n = 3;

  cb_command_add (command, mode);
  fingerprint = get_string (capture->before, FINGERPRINT, &length);
  cb_command_add_bytes (command, fingerprint, length);
  cb_command_add (command, capture->id);
  n += add_hint (command, deed, misspelled);
  if (deed->kind == CB_DEED_REPAIR || strcmp (mode, "replay") == 0)
    {
      add_strings (command, capture->before);
      n += 1 + g_variant_n_children (capture->before);
    }
  else
    {
      cb_command_add_int (command, 0);
      n++;
    }
  cb_command_add_int (command, n);
}

/* The call of an action's script, to which guarded arguments can be added. */
static CbCommand *
make_deed (CbKueEngine        *self,
           const CbDeed       *deed,
           CbCapture          *capture,
           const char * const *misspelled)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  const char *id = capture->id;
  CbCommand *command;

  switch (deed->kind)
    {
    case CB_DEED_RETRY:
    case CB_DEED_RETRY_AS_NEW:
      command = make_command (self, CB_KUE_SCRIPT_GUARDED_RETRY, capture->stamp, id, cb_kue_key_leases (prefix), NULL);
      return cb_command_add (command, deed->kind == CB_DEED_RETRY_AS_NEW ? "new" : "");

    case CB_DEED_PROMOTE:
      command = make_command (self, CB_KUE_SCRIPT_GUARDED_PROMOTE, capture->stamp, id, cb_kue_key_set (prefix, NULL, "delayed"), NULL);
      return cb_command_add (command, "");

    case CB_DEED_REMOVE:
      command = make_command (self, CB_KUE_SCRIPT_GUARDED_REMOVE, capture->stamp, id, cb_kue_key_log (prefix, id),
                              cb_kue_key_set (prefix, NULL, NULL), cb_kue_key (prefix, "job:types"),
                              cb_kue_key_leases (prefix), NULL);
      for (guint i = 0; misspelled[i] != NULL; i++)
        cb_command_add (command, misspelled[i]);
      return command;

    case CB_DEED_PRIORITY:
      {
        g_autofree char *priority = cb_job_priority_to_text (deed->number);

        command = make_command (self, CB_KUE_SCRIPT_GUARDED_PRIORITY, capture->stamp, id, cb_kue_key_set (prefix, NULL, NULL), NULL);
        return cb_command_add (command, priority);
      }

    case CB_DEED_MOVE:
      command = make_command (self, CB_KUE_SCRIPT_GUARDED_STATE, capture->stamp, id, cb_kue_key_leases (prefix), NULL);
      return cb_command_add (command, deed->text);

    case CB_DEED_UPDATE:
      command = make_command (self, CB_KUE_SCRIPT_GUARDED_UPDATE, capture->stamp, id, cb_kue_key_set (prefix, NULL, NULL), NULL);
      /* Whether it is as it was seen is for the guard to say. */
      cb_command_add (cb_command_add (command, ""), "");
      cb_kue_add_changes (command, deed->changes, capture->stamp / 1000);
      return command;

    case CB_DEED_REPAIR:
      return make_repair (self, CB_KUE_SCRIPT_GUARDED_REPAIR, capture);

    case CB_N_DEEDS:
    default:
      g_assert_not_reached ();
    }
}

/* --- words --- */

typedef void (*Step) (GTask *task, const CbDeed *deed, gboolean whole);

/* What waits for the words that an update puts into the search index. */
typedef struct
{
  GTask        *task;       /* (owned) */
  const CbDeed *deed;       /* the caller's, until his callback */
  gboolean      whole;
  Step          step;
} Late;

static void
found_words_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Late *late = user_data;
  g_autoptr (GTask) task = late->task;
  GError *error = NULL;

  if (cb_kue_changes_find_words_finish (late->deed->changes, result, &error))
    late->step (task, late->deed, late->whole);
  else
    g_task_return_error (task, error);
  g_free (late);
}

/* Once for all jobs that get the same data. */
static void
step_with_words (GTask        *task,
                 const CbDeed *deed,
                 gboolean      whole,
                 Step          step)
{
  Late *late;

  if (deed->kind != CB_DEED_UPDATE || !cb_kue_changes_lack_words (deed->changes))
    {
      step (task, deed, whole);
      return;
    }

  late = g_new0 (Late, 1);
  late->task = g_object_ref (task);
  late->deed = deed;
  late->whole = whole;
  late->step = step;
  cb_kue_changes_find_words (deed->changes, g_task_get_cancellable (task), found_words_cb, late);
}

static void
add_outcome (GPtrArray  *outcomes,
             const char *id,
             GError     *error)
{
  CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

  outcome->id = g_strdup (id);
  outcome->error = error;
  g_ptr_array_add (outcomes, outcome);
}

/* --- capture --- */

static gint64
read_time (const CbValue *value)
{
  gint64 msec;

  return cb_value_get_integer (value, &msec) && msec >= 0 && msec < G_MAXINT64 / 1000 ? msec * 1000 : -1;
}

static void
read_capture (CbCapture *capture,
              CbReply   *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  const CbValue *word = cb_value_get_element (value, 0);
  const char *flags;

  capture->error = cb_kue_reply_error ("EVALSHA", reply);
  if (capture->error != NULL)
    return;

  if (cb_value_equal_string (word, "gone"))
    capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "Job %s is not there any more", capture->id);
  else if (cb_value_equal_string (word, "healed"))
    capture->error = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED, "It is not so any more, so nothing was done");
  else if (cb_value_equal_string (word, "large"))
    capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_KEPT,
                                  "Job %s is larger than 8 MiB, too large to be kept for undoing it; nothing was done", capture->id);
  else if (cb_value_equal_string (word, "unable"))
    capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_KEPT,
                                  "Job %s could not be put back on this server, so nothing was done: %s", capture->id,
                                  cb_value_get_string (cb_value_get_element (value, 1), NULL));
  else if (!cb_value_equal_string (word, "ok") || cb_value_get_length (value) < 1 + N_FACTS)
    capture->error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                                  "The server gave an answer about job %s that makes no sense", capture->id);
  if (capture->error != NULL)
    return;

  flags = cb_value_get_string (cb_value_get_element (value, 1 + FLAGS), NULL);
  if (strchr (flags, 't') != NULL)
    capture->queue = g_strdup (cb_value_get_string (cb_value_get_element (value, 1 + TYPE), NULL));
  capture->state = g_intern_string (cb_value_get_string (cb_value_get_element (value, 1 + STATE), NULL));
  capture->updated_at = read_time (cb_value_get_element (value, 1 + UPDATED_AT));
  capture->started_at = read_time (cb_value_get_element (value, 1 + STARTED_AT));
  capture->before = strings_from_reply (value, 1);
}

static void
captured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  GPtrArray *captures = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0, at = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);

      if (capture->error == NULL)
        read_capture (capture, g_ptr_array_index (replies, at++));
    }
  g_task_return_pointer (task, g_ptr_array_ref (captures), (GDestroyNotify) g_ptr_array_unref);
}

void
cb_kue_engine_capture (CbEngine            *engine,
                       const CbDeed        *deed,
                       const char * const  *ids,
                       gboolean             whole,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *captures = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_capture_free);
  g_autoptr (CbPipeline) pipeline = cb_pipeline_new ();
  gint64 now = cb_engine_get_time (engine);

  g_task_set_source_tag (task, cb_kue_engine_capture);
  g_task_set_task_data (task, captures, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbCapture *capture = cb_capture_new (ids[i]);
      g_auto (GStrv) misspellings = NULL;
      CbCommand *command;

      capture->stamp = now;
      g_ptr_array_add (captures, capture);
      if (!cb_kue_id_check (ids[i]))
        {
          g_autofree char *shown = cb_text_display (ids[i], -1, TRUE);

          capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job “%s”: ids are numbers", shown);
          continue;
        }
      command = make_command (self, CB_KUE_SCRIPT_CAPTURE, now, ids[i], NULL);
      cb_command_add (command, whole ? "full" : "light");
      misspellings = deed->kind == CB_DEED_REMOVE ? cb_kue_misspellings (ids[i]) : g_new0 (char *, 1);
      add_hint (command, deed, (const char * const *) misspellings);
      cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    g_task_return_pointer (task, g_ptr_array_ref (captures), (GDestroyNotify) g_ptr_array_unref);
  else
    cb_connection_pipeline_async (cb_engine_get_connection (engine), g_steal_pointer (&pipeline), cancellable, captured_cb,
                                  g_object_ref (task));
}

static GVariant *
strings_of_finding (const CbFinding *finding)
{
  GVariantBuilder builder;
  g_autoptr (GBytes) word = NULL;
  const char *kind = cb_finding_kind_word (finding->kind);

  word = g_bytes_new_static (kind, strlen (kind));
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
  g_variant_builder_add_value (&builder, g_variant_new_from_bytes (G_VARIANT_TYPE ("ay"), word, TRUE));
  g_variant_builder_add_value (&builder, g_variant_new_from_bytes (G_VARIANT_TYPE ("ay"), finding->place, TRUE));
  g_variant_builder_add_value (&builder, g_variant_new_from_bytes (G_VARIANT_TYPE ("ay"), finding->mark, TRUE));
  for (guint i = 0; i < finding->subject->len; i++)
    g_variant_builder_add_value (&builder, g_variant_new_from_bytes (G_VARIANT_TYPE ("ay"), g_ptr_array_index (finding->subject, i), TRUE));

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

void
cb_kue_engine_capture_findings (CbEngine            *engine,
                                GPtrArray           *findings,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *captures = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_capture_free);
  CbPipeline *pipeline = cb_pipeline_new ();

  g_task_set_source_tag (task, cb_kue_engine_capture_findings);
  g_task_set_task_data (task, captures, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (findings, i);
      CbCapture *capture = cb_capture_new (finding->id != NULL ? finding->id : "");

      capture->stamp = cb_engine_get_time (engine);
      capture->what = strings_of_finding (finding);
      g_ptr_array_add (captures, capture);
      cb_pipeline_add (pipeline, cb_command_set_repeatable (make_repair (self, CB_KUE_SCRIPT_CAPTURE_REPAIR, capture)));
    }

  cb_connection_pipeline_async (cb_engine_get_connection (engine), pipeline, cancellable, captured_cb, g_object_ref (task));
}

/* --- act --- */

static void
acted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  GPtrArray *captures = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0, at = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);
      CbReply *reply;

      if (capture->error != NULL)
        {
          add_outcome (outcomes, capture->id, g_error_copy (capture->error));
          continue;
        }

      reply = g_ptr_array_index (replies, at++);
      if (cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 0), "healed"))
        error = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED, "It is not so any more, so nothing was done");
      else if (capture->what != NULL && cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 0), "changed"))
        error = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED, "It was changed by somebody else at this moment; nothing was done");
      else if (cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 0), "changed"))
        error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                             "Job %s was changed by somebody else at this moment; nothing was done", capture->id);
      else
        error = cb_kue_answer_error (capture->id, reply);
      if (error == NULL)
        {
          g_clear_pointer (&capture->after, g_variant_unref);
          capture->after = strings_from_reply (cb_reply_get_value (reply), 1);
        }
      add_outcome (outcomes, capture->id, error);
    }
  g_task_return_pointer (task, g_steal_pointer (&outcomes), (GDestroyNotify) g_ptr_array_unref);
}

static void
act (GTask        *task,
     const CbDeed *deed,
     gboolean      whole)
{
  CbKueEngine *self = g_task_get_source_object (task);
  GPtrArray *captures = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);
      g_auto (GStrv) misspelled = NULL;
      CbCommand *command;

      if (capture->error != NULL)
        continue;
      misspelled = list_misspelled (self, capture);
      command = make_deed (self, deed, capture, (const char * const *) misspelled);
      add_guard (command, deed, capture, whole ? "full" : "light", (const char * const *) misspelled);
      cb_pipeline_add (pipeline, command);
    }
  /* Nothing to do: PING keeps the one path for all of them. */
  if (cb_pipeline_get_length (pipeline) == 0)
    cb_pipeline_add (pipeline, cb_command_new ("PING", NULL));

  cb_connection_pipeline_async (cb_engine_get_connection (CB_ENGINE (self)), pipeline, g_task_get_cancellable (task), acted_cb,
                                g_object_ref (task));
}

void
cb_kue_engine_act_captured (CbEngine            *engine,
                            const CbDeed        *deed,
                            GPtrArray           *captures,
                            gboolean             whole,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_kue_engine_act_captured);
  g_task_set_task_data (task, g_ptr_array_ref (captures), (GDestroyNotify) g_ptr_array_unref);

  step_with_words (task, deed, whole, act);
}

/* --- restore --- */

static GError *
restore_error (const char *id,
               CbReply    *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  const CbValue *word = cb_value_get_element (value, 0);
  const char *state = cb_value_get_string (cb_value_get_element (value, 1), NULL);

  if (*id == 0 && cb_value_equal_string (word, "same"))
    return g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED, "It is as it was before the repair already");
  if (*id == 0 && cb_value_equal_string (word, "changed"))
    return g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                                "What was repaired was changed by somebody else since, so it was left as it is");
  if (cb_value_equal_string (word, "same"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED, "Job %s is as it was already", id);
  if (cb_value_equal_string (word, "changed") && (state == NULL || *state == 0))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        "Something of job %s was changed or removed since, so it was left as it is", id);
  if (cb_value_equal_string (word, "changed"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        "Job %s was changed since and is %s now, so it was left as it is", id, state);
  if (cb_value_equal_string (word, "other"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        "The queues were emptied or replaced since, so job %s was not put back: its id would be given out again", id);

  return cb_kue_answer_error (id, reply);
}

static void
restored_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  GPtrArray *captures = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);

      add_outcome (outcomes, capture->id, restore_error (capture->id, g_ptr_array_index (replies, i)));
    }
  g_task_return_pointer (task, g_steal_pointer (&outcomes), (GDestroyNotify) g_ptr_array_unref);
}

/* What comes from a file is looked at before it is sent: the script takes its numbers of strings on trust. */
static gboolean
is_capture (const CbDeed *deed,
            CbCapture    *capture)
{
  gsize n, at = N_FACTS;

  if ((!cb_kue_id_check (capture->id) && (*capture->id != 0 || deed->kind != CB_DEED_REPAIR)) || capture->before == NULL ||
      (deed->kind == CB_DEED_REPAIR && (capture->what == NULL || !g_variant_is_of_type (capture->what, G_VARIANT_TYPE ("aay")))) ||
      !g_variant_is_of_type (capture->before, G_VARIANT_TYPE ("aay")) ||
      (capture->after != NULL && !g_variant_is_of_type (capture->after, G_VARIANT_TYPE ("aay"))))
    return FALSE;

  n = g_variant_n_children (capture->before);
  for (guint part = 0; part < 2; part++)
    {
      g_autofree char *text = NULL;
      const char *count;
      gsize length = 0;
      guint64 number;

      if (at >= n)
        return FALSE;
      count = get_string (capture->before, at, &length);
      text = g_strndup (count, length);
      if (!g_ascii_string_to_unsigned (text, 10, 0, n, &number, NULL))
        return FALSE;
      at += 1 + 3 * number;
    }

  return at == n;
}

static void
put_back (GTask        *task,
          const CbDeed *deed,
          gboolean      whole)
{
  CbKueEngine *self = g_task_get_source_object (task);
  GPtrArray *captures = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);
      g_auto (GStrv) misspelled = list_misspelled (self, capture);
      CbCommand *command;

      /* It was not written down what came of it: that is found out by doing it again. */
      if (capture->after == NULL)
        {
          command = make_deed (self, deed, capture, (const char * const *) misspelled);
          add_guard (command, deed, capture, "replay", (const char * const *) misspelled);
          cb_pipeline_add (pipeline, command);
          continue;
        }

      command = make_command (self, CB_KUE_SCRIPT_RESTORE, cb_engine_get_time (CB_ENGINE (self)), capture->id, NULL);
      add_hint (command, deed, (const char * const *) misspelled);
      add_strings (command, capture->after);
      add_strings (command, capture->before);
      cb_pipeline_add (pipeline, command);
    }

  cb_connection_pipeline_async (cb_engine_get_connection (CB_ENGINE (self)), pipeline, g_task_get_cancellable (task), restored_cb,
                                g_object_ref (task));
}

void
cb_kue_engine_restore (CbEngine            *engine,
                       const CbDeed        *deed,
                       GPtrArray           *captures,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_kue_engine_restore);
  g_task_set_task_data (task, g_ptr_array_ref (captures), (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < captures->len; i++)
    {
      if (!is_capture (deed, g_ptr_array_index (captures, i)))
        {
          g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED,
                                   "What was kept of the jobs can’t be understood, so none was put back");
          return;
        }
    }

  step_with_words (task, deed, TRUE, put_back);
}
