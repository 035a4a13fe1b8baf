/* cb-key-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-bulk.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-capture.h"
#include "cb-key-bulk-private.h"
#include "cb-key-engine.h"
#include "cb-key-error.h"
#include "cb-key-list.h"
#include "cb-key-lua.h"
#include "cb-json.h"
#include "cb-run-id.h"
#include "cb-task-thread.h"

/*
 * It goes through the keys in portions, and each portion through these steps:
 *
 *   capture     what the keys are now; those that do not match any more are left out, those that are large wait for a
 *               portion of their own
 *   write       that, into the journal, onto the disk
 *   act         on each that is still as it was captured, by a script each
 *   write       what was done
 *
 * A key that somebody changes between the first step and the third is looked at once more, a few times.
 */

#define FIRST_PORTION 20
#define LARGEST_PORTION 250
/* A portion is to take so long at most: one that is under way is waited for when it is cancelled. */
#define SLOW_USEC (250 * G_TIME_SPAN_MILLISECOND)
#define QUICK_USEC (80 * G_TIME_SPAN_MILLISECOND)
/* What a key may have in memory to be captured with others. */
#define SMALL_BYTES (64 * 1024)
#define MOST_TRIES 4

struct _CbKeyBulk
{
  GObject parent_instance;

  CbConnection *connection; /* (owned) */
  CbConnection *target;     /* (owned) (nullable) */
  GOutputStream *output;    /* (owned) (nullable) */
  CbJournal *journal;       /* (owned) (nullable) */
  CbKeyStore *keys;         /* (owned) */
  CbKeyBulkKind kind;
  gint64 msec;
  gint64 ends_at;           /* ms since 1970 */
  gboolean replace;
  char *summary;            /* (owned) (nullable) */
  char *type;               /* (owned) (nullable) */
  CbKeyExpiry expiry;
  gint64 within_msec;

  gboolean ran;
  gboolean running;
  guint n_total;
  guint n[CB_KEY_BULK_UNKNOWN + 1];
  char *undo_id;            /* (owned) (nullable) */
  char *notice;             /* (owned) (nullable) */

  /* while it runs */
  CbEngine *engine;         /* (owned) (nullable) as what the journal knows it */
  guint length;             /* of the store when it began */
  CbKeyId next;
  guint size;               /* of a portion */
  gint64 began;             /* the portion, monotonic */
  gboolean alone;           /* the portion is one large key */
  GArray *large;            /* (owned) (element-type CbKeyId) */
  GArray *again;            /* (owned) (element-type CbKeyId) to be looked at once more */
  GHashTable *tries;        /* (owned) CbKeyId + 1 → how often that was */
  GArray *portion;          /* (owned) (element-type CbKeyId) */
  GPtrArray *captures;      /* (owned) (nullable) (element-type CbCapture) of them, in order */
  CbJournalBook *book;      /* (owned) (nullable) */
  GError *error;            /* (owned) (nullable) why it does not go on; the journal is to be closed yet */
};

enum
{
  PROP_0,
  PROP_N_TOTAL,
  PROP_N_DONE,
  PROP_N_CHANGED,
  PROP_N_GONE,
  PROP_N_REFUSED,
  PROP_N_UNKNOWN,
  PROP_PROGRESS,
  PROP_RUNNING,
  PROP_UNDO_ID,
  PROP_NOTICE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint outcome_signal;

G_DEFINE_FINAL_TYPE (CbKeyBulk, cb_key_bulk, G_TYPE_OBJECT)

static void next_portion (GTask *task);

static CbScript *
get_capture_script (void)
{
  static CbScript *script;

  if (g_once_init_enter (&script))
    g_once_init_leave (&script, cb_script_new ("key/capture", cb_key_lua_capture));
  return script;
}

static CbScript *
get_script (void)
{
  static CbScript *script;

  if (g_once_init_enter (&script))
    g_once_init_leave (&script, cb_script_new ("key/many", cb_key_lua_many));
  return script;
}

/* --- captures of keys --- */

/* What stands in the `before` of a capture. */
enum
{
  PART_KEY,
  PART_DUMP,
  PART_ENDS_AT,
  PART_TYPE,
  N_PARTS
};

static GBytes *
get_part (const CbCapture *capture,
          guint            which)
{
  g_autoptr (GVariant) part = g_variant_get_child_value (capture->before, which);

  return g_variant_get_data_as_bytes (part);
}

static GVariant *
new_part (const char *data,
          gsize       length)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1);
}

/* A part of a reply, which it keeps and does not copy. */
static GVariant *
new_part_of (CbReply    *reply,
             const char *data,
             gsize       length)
{
  g_autoptr (GBytes) bytes = NULL;

  if (length == 0)
    return new_part ("", 0);
  bytes = g_bytes_new_with_free_func (data, length, (GDestroyNotify) cb_reply_unref, cb_reply_ref (reply));
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static gboolean
deletes (CbKeyBulk *self)
{
  return self->kind == CB_KEY_BULK_DELETE;
}

static gboolean
needs_dump (CbKeyBulk *self)
{
  return self->kind == CB_KEY_BULK_COPY || self->kind == CB_KEY_BULK_EXPORT || (deletes (self) && self->journal != NULL);
}

static CbCommand *
new_command (GBytes     *key,
             const char *op)
{
  return cb_command_add (cb_command_new_script_bytes (get_script (), 1, &key), op);
}

/* "-1" is never, which RESTORE writes as 0. */
static void
add_restored_end (CbCommand *command,
                  GBytes    *ends_at)
{
  gsize length;
  const char *text = g_bytes_get_data (ends_at, &length);

  if (length > 0 && text[0] == '-')
    cb_command_add (command, "0");
  else
    cb_command_add_bytes (command, text, length);
}

static CbCommand *
make_way (CbKeyBulk *self,
          CbCapture *capture)
{
  g_autoptr (GBytes) key = get_part (capture, PART_KEY);
  g_autoptr (GBytes) dump = get_part (capture, PART_DUMP);
  g_autoptr (GBytes) ends_at = get_part (capture, PART_ENDS_AT);
  g_autoptr (GBytes) type = get_part (capture, PART_TYPE);
  CbCommand *command;

  switch (self->kind)
    {
    case CB_KEY_BULK_COPY:
      command = new_command (key, "restore");
      add_restored_end (command, ends_at);
      cb_command_add_gbytes (command, dump);
      return cb_command_add (command, self->replace ? "over" : "");

    case CB_KEY_BULK_EXPIRE:
    case CB_KEY_BULK_PERSIST:
      command = new_command (key, "expire");
      cb_command_add_gbytes (cb_command_add_gbytes (command, type), ends_at);
      return cb_command_add_int (command, self->ends_at);

    case CB_KEY_BULK_DELETE:
    case CB_KEY_BULK_EXPORT:
    default:
      {
        g_autofree char *sum = g_bytes_get_size (dump) > 0 ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, dump) : NULL;

        command = new_command (key, "delete");
        cb_command_add_gbytes (cb_command_add_gbytes (command, type), ends_at);
        return cb_command_add (command, sum != NULL ? sum : "");
      }
    }
}

CbCommand *
cb_key_bulk_make_way_back (const CbDeed    *deed,
                           const CbCapture *capture)
{
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GBytes) dump = NULL;
  g_autoptr (GBytes) ends_at = NULL;
  g_autoptr (GBytes) type = NULL;
  CbCommand *command;

  if (capture->before == NULL || g_variant_n_children (capture->before) != N_PARTS)
    return NULL;
  key = get_part (capture, PART_KEY);
  dump = get_part (capture, PART_DUMP);
  ends_at = get_part (capture, PART_ENDS_AT);
  type = get_part (capture, PART_TYPE);

  switch ((int) deed->kind)
    {
    case CB_DEED_REMOVE:
      command = new_command (key, "restore");
      add_restored_end (command, ends_at);
      cb_command_add_gbytes (command, dump);
      return cb_command_add (command, "");

    case CB_DEED_EXPIRE:
      command = new_command (key, "expire");
      cb_command_add_int (cb_command_add_gbytes (command, type), (gint64) deed->number);
      return cb_command_add_gbytes (command, ends_at);

    default:
      return NULL;
    }
}

/* --- what became of them --- */

static void
settle (CbKeyBulk        *self,
        CbKeyId           id,
        CbKeyBulkOutcome  outcome,
        const char       *message)
{
  self->n[CB_KEY_BULK_PENDING]--;
  self->n[outcome]++;
  g_signal_emit (self, outcome_signal, 0, id, (int) outcome, message);
}

static void
settle_word (CbKeyBulk     *self,
             CbKeyId        id,
             CbCapture     *capture,
             const CbValue *value)
{
  const CbValue *word = cb_value_get_element (value, 0);
  g_autofree char *message = NULL;
  CbKeyBulkOutcome outcome = CB_KEY_BULK_CHANGED;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (cb_value_is_error (value))
    {
      g_autoptr (GError) error = cb_redis_error_new_from_reply ("EVALSHA", text, length);

      outcome = CB_KEY_BULK_REFUSED;
      message = g_strdup_printf ("“%s”: %s", capture->id, error->message);
    }
  else if (cb_value_equal_string (word, "OK") || cb_value_equal_string (word, "SAME"))
    {
      outcome = CB_KEY_BULK_DONE;
      capture->after = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("ay"), NULL, 0));
    }
  else if (cb_value_equal_string (word, "GONE"))
    {
      outcome = CB_KEY_BULK_GONE;
      message = g_strdup_printf (_ ("“%s” is not there any more"), capture->id);
    }
  else if (cb_value_equal_string (word, "EXISTS"))
    {
      outcome = CB_KEY_BULK_REFUSED;
      message = g_strdup_printf (_ ("There is a “%s” already where it was to be copied to, so it was left as it is"), capture->id);
    }
  else
    {
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->tries, GUINT_TO_POINTER (id + 1))) + 1;

      if (n < MOST_TRIES)
        {
          g_hash_table_insert (self->tries, GUINT_TO_POINTER (id + 1), GUINT_TO_POINTER (n));
          g_array_append_val (self->again, id);
          return;
        }
      message = g_strdup_printf (_ ("“%s” is changed by somebody else all the time, so it was left as it is"), capture->id);
    }
  settle (self, id, outcome, message);
}

static void
notify_counts (CbKeyBulk *self)
{
  for (guint i = PROP_N_TOTAL; i <= PROP_PROGRESS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/* --- the end --- */

static void
finish (GTask *task)
{
  CbKeyBulk *self = g_task_get_source_object (task);

  g_clear_pointer (&self->captures, g_ptr_array_unref);
  self->running = FALSE;
  notify_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  guint n_dropped = cb_journal_book_get_n_dropped (self->book);

  /* What was captured and done is on the disk already; without its end the entry only says that it was broken off. */
  if (!cb_journal_end_finish (CB_JOURNAL (source), result, self->error == NULL ? &self->error : NULL))
    g_debug ("The end of an entry of the undo journal could not be written");

  if (n_dropped > 0)
    {
      self->notice = g_strdup_printf (ngettext ("%u older entry of the undo journal was dropped to make room",
                                                "%u older entries of the undo journal were dropped to make room", n_dropped),
                                      n_dropped);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTICE]);
    }
  if (cb_journal_book_get_entry (self->book)->n_done == 0 && self->undo_id != NULL)
    {
      g_clear_pointer (&self->undo_id, g_free);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNDO_ID]);
    }
  g_clear_pointer (&self->book, cb_journal_book_close);
  finish (task);
}

/* @error is taken. */
static void
stop (GTask  *task,
      GError *error)
{
  CbKeyBulk *self = g_task_get_source_object (task);

  g_clear_error (&self->error);
  self->error = error;
  if (self->book != NULL && self->n[CB_KEY_BULK_UNKNOWN] > 0)
    {
      /* Like a program that ended there: undoing finds out. */
      g_clear_pointer (&self->book, cb_journal_book_close);
      finish (task);
    }
  else if (self->book != NULL)
    {
      cb_journal_end_async (self->journal, self->book, ended_cb, g_object_ref (task));
    }
  else
    {
      finish (task);
    }
}

/* --- one portion --- */

static void
portion_done (GTask *task)
{
  CbKeyBulk *self = g_task_get_source_object (task);
  gint64 took = g_get_monotonic_time () - self->began;

  if (!self->alone && took > SLOW_USEC)
    self->size = MAX (1, self->size / 2);
  else if (!self->alone && took < QUICK_USEC)
    self->size = MIN (LARGEST_PORTION, self->size * 2);

  notify_counts (self);
  next_portion (task);
}

static void
outcome_written_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_journal_outcome_finish (CB_JOURNAL (source), result, &error))
    stop (task, error);
  else
    portion_done (task);
}

static void
acted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  guint n = 0;

  for (guint i = 0; i < self->portion->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (self->captures, i);
      CbKeyId id = g_array_index (self->portion, CbKeyId, i);

      if (capture->error != NULL)
        continue;
      if (replies != NULL)
        settle_word (self, id, capture, cb_reply_get_value (g_ptr_array_index (replies, n++)));
      else
        settle (self, id, CB_KEY_BULK_UNKNOWN, error->message);
    }

  if (replies == NULL)
    stop (task, error);
  else if (self->book != NULL)
    cb_journal_outcome_async (self->journal, self->book, self->captures, outcome_written_cb, g_object_ref (task));
  else
    portion_done (task);
}

static void
write_base64 (CbJsonWriter *writer,
              GBytes       *bytes)
{
  gsize length;
  const guchar *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_base64_encode (data, length);

  cb_json_writer_string (writer, text, -1);
}

static void
append_line (GString   *lines,
             CbCapture *capture)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (GBytes) key = get_part (capture, PART_KEY);
  g_autoptr (GBytes) dump = get_part (capture, PART_DUMP);
  g_autoptr (GBytes) ends_at = get_part (capture, PART_ENDS_AT);
  g_autoptr (GBytes) type = get_part (capture, PART_TYPE);
  g_autofree char *line = NULL;
  g_autofree char *end = NULL;
  gsize length;
  const char *text = g_bytes_get_data (key, &length);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "name");
  cb_json_writer_string (writer, text != NULL ? text : "", (gssize) length);
  cb_json_writer_name (writer, "type");
  text = g_bytes_get_data (type, &length);
  cb_json_writer_string (writer, text, (gssize) length);
  cb_json_writer_name (writer, "expires_at");
  text = g_bytes_get_data (ends_at, &length);
  end = g_strndup (text, length);
  if (end[0] == '-')
    cb_json_writer_null (writer);
  else
    cb_json_writer_int (writer, g_ascii_strtoll (end, NULL, 10));
  cb_json_writer_name (writer, "key");
  write_base64 (writer, key);
  cb_json_writer_name (writer, "dump");
  write_base64 (writer, dump);
  cb_json_writer_end_object (writer);
  line = cb_json_writer_steal (writer);
  g_string_append (lines, line);
  g_string_append_c (lines, '\n');
}

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      stop (task, error);
      return;
    }
  for (guint i = 0; i < self->portion->len; i++)
    if (((CbCapture *) g_ptr_array_index (self->captures, i))->error == NULL)
      settle (self, g_array_index (self->portion, CbKeyId, i), CB_KEY_BULK_DONE, NULL);
  portion_done (task);
}

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

/* Reads captures, which nothing changes meanwhile. */
static void
lines_thread (GTask        *task,
              gpointer      source,
              gpointer      task_data,
              GCancellable *cancellable)
{
  GPtrArray *captures = task_data;
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);

      if (capture->error == NULL)
        append_line (lines, capture);
    }
  g_task_return_pointer (task, lines, free_string);
}

static void
lines_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  CbKeyBulk *self = CB_KEY_BULK (source);
  GTask *task = user_data;
  GString *lines = g_task_propagate_pointer (cb_task_in_thread_result (result), NULL);

  /* The text lives as long as the task, which the next portion's takes the place of. */
  g_object_set_data_full (G_OBJECT (task), "lines", lines, free_string);
  g_output_stream_write_all_async (self->output, lines->str, lines->len, G_PRIORITY_DEFAULT, NULL, exported_cb, task);
}

/* Many dumps, or a long one, are no work for the main loop. */
static void
export (GTask *task)
{
  CbKeyBulk *self = g_task_get_source_object (task);
  g_autoptr (GTask) making = g_task_new (self, NULL, lines_cb, g_object_ref (task));

  g_task_set_source_tag (making, export);
  g_task_set_task_data (making, g_ptr_array_ref (self->captures), (GDestroyNotify) g_ptr_array_unref);
  cb_task_run_in_thread (making, lines_thread);
}

static void
act (GTask *task)
{
  CbKeyBulk *self = g_task_get_source_object (task);
  CbPipeline *pipeline;

  if (self->kind == CB_KEY_BULK_EXPORT)
    {
      export (task);
      return;
    }
  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < self->captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (self->captures, i);

      if (capture->error == NULL)
        cb_pipeline_add (pipeline, make_way (self, capture));
    }
  /* Not cancelled: what was sent will be done, so its outcome is waited for. */
  cb_connection_pipeline_async (self->kind == CB_KEY_BULK_COPY ? self->target : self->connection, pipeline, NULL, acted_cb,
                                g_object_ref (task));
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_journal_capture_finish (CB_JOURNAL (source), result, &error))
    {
      g_prefix_error (&error, _ ("What can’t be written down can’t be undone, so it was not done: "));
      stop (task, error);
      return;
    }
  act (task);
}

static void
begun_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->book = cb_journal_begin_finish (CB_JOURNAL (source), result, &error);
  if (self->book == NULL)
    {
      g_prefix_error (&error, _ ("What can’t be written down can’t be undone, so nothing was done: "));
      stop (task, error);
      return;
    }
  self->undo_id = g_strdup (cb_journal_book_get_entry (self->book)->id);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNDO_ID]);
  cb_journal_capture_async (self->journal, self->book, self->captures, written_cb, g_object_ref (task));
}

static void
run_id_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  g_autofree char *run_id = cb_run_id_ask_finish (result);
  CbDeed deed = { deletes (self) ? CB_DEED_REMOVE : CB_DEED_EXPIRE, deletes (self) ? 0 : (double) self->ends_at, NULL, NULL };
  g_autoptr (CbJournalEntry) entry = cb_journal_entry_new (&deed);

  cb_journal_entry_set_engine (entry, self->engine, run_id);
  entry->summary = g_strdup (self->summary);
  entry->n_planned = self->n_total;
  cb_journal_begin_async (self->journal, entry, NULL, begun_cb, g_object_ref (task));
}

static gboolean
still_matches (CbKeyBulk  *self,
               const char *type,
               const char *ends_at)
{
  gint64 at = g_ascii_strtoll (ends_at, NULL, 10);

  if (self->type != NULL && g_ascii_strcasecmp (self->type, type) != 0)
    return FALSE;
  if (self->expiry == CB_KEY_EXPIRY_NONE)
    return at < 0;
  if (self->expiry == CB_KEY_EXPIRY_WITHIN)
    return at >= 0 && at - cb_connection_get_server_time (self->connection) / 1000 <= self->within_msec;
  return TRUE;
}

/* The capture of one key, with an error when nothing is to be done with it now. */
static CbCapture *
take_capture (CbKeyBulk     *self,
              CbKeyId        id,
              CbReply       *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  gsize name_length, length;
  const char *name = cb_key_store_get_name (self->keys, id, &name_length);
  g_autofree char *shown = cb_key_name_display (name, name_length, 200);
  CbCapture *capture = cb_capture_new (shown);
  const char *text = cb_value_get_string (value, &length);
  const char *type, *ends_at, *dump;
  gsize type_length, ends_at_length, dump_length = 0;
  gint64 memory;
  GVariant *parts[N_PARTS];

  if (cb_value_is_error (value))
    {
      capture->error = cb_redis_error_new_from_reply ("EVALSHA", text, length);
      g_prefix_error (&capture->error, "“%s”: ", shown);
      settle (self, id, CB_KEY_BULK_REFUSED, capture->error->message);
      return capture;
    }
  type = cb_value_get_string (cb_value_get_element (value, 0), &type_length);
  ends_at = cb_value_get_string (cb_value_get_element (value, 1), &ends_at_length);
  if (type == NULL || ends_at == NULL)
    {
      capture->error = g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_GONE, _ ("“%s” is not there any more"), shown);
      settle (self, id, CB_KEY_BULK_GONE, capture->error->message);
      return capture;
    }
  if (!still_matches (self, type, ends_at))
    {
      capture->error = g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_CHANGED,
                                    _ ("“%s” has changed and does not match any more, so it was left as it is"), shown);
      settle (self, id, CB_KEY_BULK_CHANGED, capture->error->message);
      return capture;
    }
  if (cb_value_get_integer (cb_value_get_element (value, 2), &memory))
    {
      g_autofree char *bytes = g_strdup_printf ("%" G_GINT64_FORMAT, memory);

      capture->error = g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                                    _ ("“%s” takes %s bytes, which is more than the %d bytes that are kept of a key, so it was left as "
                                       "it is"), shown, bytes, CB_KEY_BULK_MOST_BYTES);
      if (self->alone)
        settle (self, id, CB_KEY_BULK_REFUSED, capture->error->message);
      else
        g_array_append_val (self->large, id);
      return capture;
    }

  dump = cb_value_get_string (cb_value_get_element (value, 2), &dump_length);
  parts[PART_KEY] = new_part (name, name_length);
  parts[PART_DUMP] = new_part_of (reply, dump, dump != NULL ? dump_length : 0);
  parts[PART_ENDS_AT] = new_part (ends_at, ends_at_length);
  parts[PART_TYPE] = new_part (type, type_length);
  capture->before = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("ay"), parts, N_PARTS));
  return capture;
}

static void
captured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyBulk *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  gboolean any = FALSE;

  if (replies == NULL)
    {
      stop (task, error);
      return;
    }

  g_clear_pointer (&self->captures, g_ptr_array_unref);
  self->captures = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_capture_free);
  for (guint i = 0; i < self->portion->len; i++)
    {
      CbCapture *capture = take_capture (self, g_array_index (self->portion, CbKeyId, i), g_ptr_array_index (replies, i));

      any |= capture->error == NULL;
      g_ptr_array_add (self->captures, capture);
    }

  if (!any)
    portion_done (task);
  else if (self->journal == NULL || self->kind == CB_KEY_BULK_COPY || self->kind == CB_KEY_BULK_EXPORT)
    act (task);
  else if (self->book == NULL)
    cb_run_id_ask_async (self->engine, NULL, run_id_cb, g_object_ref (task));
  else
    cb_journal_capture_async (self->journal, self->book, self->captures, written_cb, g_object_ref (task));
}

static void
choose_portion (CbKeyBulk *self)
{
  g_array_set_size (self->portion, 0);
  self->alone = FALSE;
  while (self->portion->len < self->size && self->again->len > 0)
    {
      g_array_append_val (self->portion, g_array_index (self->again, CbKeyId, self->again->len - 1));
      g_array_set_size (self->again, self->again->len - 1);
    }
  for (; self->portion->len < self->size && self->next < self->length; self->next++)
    if (!cb_key_store_get_gone (self->keys, self->next))
      g_array_append_val (self->portion, self->next);
  if (self->portion->len == 0 && self->large->len > 0)
    {
      self->alone = TRUE;
      g_array_append_val (self->portion, g_array_index (self->large, CbKeyId, self->large->len - 1));
      g_array_set_size (self->large, self->large->len - 1);
    }
}

static void
next_portion (GTask *task)
{
  CbKeyBulk *self = g_task_get_source_object (task);
  CbPipeline *pipeline;
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      stop (task, error);
      return;
    }
  choose_portion (self);
  if (self->portion->len == 0)
    {
      stop (task, NULL);
      return;
    }

  self->began = g_get_monotonic_time ();
  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < self->portion->len; i++)
    {
      gsize length;
      const char *name = cb_key_store_get_name (self->keys, g_array_index (self->portion, CbKeyId, i), &length);
      g_autoptr (GBytes) key = g_bytes_new (name, length);
      CbCommand *command = cb_command_new_script_bytes (get_capture_script (), 1, &key);

      cb_command_add_int (command, !needs_dump (self) ? 0 : self->alone ? CB_KEY_BULK_MOST_BYTES : SMALL_BYTES);
      cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
    }
  cb_connection_pipeline_async (self->connection, pipeline, g_task_get_cancellable (task), captured_cb, g_object_ref (task));
}

/**
 * cb_key_bulk_run_async:
 *
 * Does it with each key of the store that is there when this is called.
 */
void
cb_key_bulk_run_async (CbKeyBulk           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  CbConnection *written;

  g_return_if_fail (CB_IS_KEY_BULK (self));
  g_return_if_fail (!self->ran);
  g_return_if_fail (self->kind != CB_KEY_BULK_EXPIRE || self->msec > 0);
  g_return_if_fail (self->kind != CB_KEY_BULK_COPY || self->target != NULL);
  g_return_if_fail (self->kind != CB_KEY_BULK_EXPORT || self->output != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_bulk_run_async);
  /* A cancelled task has still its last portion to write down. */
  g_task_set_check_cancellable (task, FALSE);
  self->ran = TRUE;
  self->running = TRUE;
  self->size = FIRST_PORTION;
  self->ends_at = self->kind == CB_KEY_BULK_EXPIRE
                    ? cb_connection_get_server_time (self->connection) / 1000 + self->msec
                    : -1;
  if (self->journal != NULL)
    self->engine = cb_key_engine_new (self->connection);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  /* Before anything is written down. */
  written = self->kind == CB_KEY_BULK_COPY ? self->target : self->connection;
  if (self->kind != CB_KEY_BULK_EXPORT && cb_connection_get_read_only (written))
    stop (task, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY,
                             _ ("This connection is for looking only, so nothing was done")));
  else
    next_portion (task);
}

/**
 * cb_key_bulk_run_finish:
 *
 * Returns: %FALSE when it did not come to its end: what was done before is in the counts, and can be undone
 */
gboolean
cb_key_bulk_run_finish (CbKeyBulk     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- the object --- */

void
cb_key_bulk_set_query (CbKeyBulk        *self,
                       const CbKeyQuery *query)
{
  g_return_if_fail (CB_IS_KEY_BULK (self));

  g_clear_pointer (&self->type, g_free);
  self->expiry = CB_KEY_EXPIRY_ANY;
  if (query == NULL)
    return;
  self->type = g_strdup (query->type);
  self->expiry = query->expiry;
  self->within_msec = query->within_msec;
}

void
cb_key_bulk_set_ttl (CbKeyBulk *self,
                     gint64     msec)
{
  g_return_if_fail (CB_IS_KEY_BULK (self));
  g_return_if_fail (msec > 0);
  self->msec = msec;
}

void
cb_key_bulk_set_target (CbKeyBulk    *self,
                        CbConnection *target,
                        gboolean      replace)
{
  g_return_if_fail (CB_IS_KEY_BULK (self));
  g_return_if_fail (CB_IS_CONNECTION (target));
  g_set_object (&self->target, target);
  self->replace = replace;
}

void
cb_key_bulk_set_output (CbKeyBulk     *self,
                        GOutputStream *output)
{
  g_return_if_fail (CB_IS_KEY_BULK (self));
  g_return_if_fail (G_IS_OUTPUT_STREAM (output));
  g_set_object (&self->output, output);
}

void
cb_key_bulk_set_summary (CbKeyBulk  *self,
                         const char *summary)
{
  g_return_if_fail (CB_IS_KEY_BULK (self));
  g_free (self->summary);
  /* It is to be text, and the pattern of a search need not be. */
  self->summary = summary != NULL ? cb_key_name_display (summary, strlen (summary), 200) : NULL;
}

guint
cb_key_bulk_get_n_total (CbKeyBulk *self)
{
  g_return_val_if_fail (CB_IS_KEY_BULK (self), 0);
  return self->n_total;
}

guint
cb_key_bulk_get_n (CbKeyBulk        *self,
                   CbKeyBulkOutcome  outcome)
{
  g_return_val_if_fail (CB_IS_KEY_BULK (self), 0);
  g_return_val_if_fail (outcome <= CB_KEY_BULK_UNKNOWN, 0);
  return self->n[outcome];
}

gboolean
cb_key_bulk_get_running (CbKeyBulk *self)
{
  g_return_val_if_fail (CB_IS_KEY_BULK (self), FALSE);
  return self->running;
}

const char *
cb_key_bulk_get_undo_id (CbKeyBulk *self)
{
  g_return_val_if_fail (CB_IS_KEY_BULK (self), NULL);
  return self->undo_id;
}

const char *
cb_key_bulk_get_notice (CbKeyBulk *self)
{
  g_return_val_if_fail (CB_IS_KEY_BULK (self), NULL);
  return self->notice;
}

static void
cb_key_bulk_finalize (GObject *object)
{
  CbKeyBulk *self = CB_KEY_BULK (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->target);
  g_clear_object (&self->output);
  g_clear_object (&self->journal);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->keys, cb_key_store_unref);
  g_free (self->summary);
  g_free (self->type);
  g_free (self->undo_id);
  g_free (self->notice);
  g_array_unref (self->large);
  g_array_unref (self->again);
  g_array_unref (self->portion);
  g_hash_table_unref (self->tries);
  g_clear_pointer (&self->captures, g_ptr_array_unref);
  cb_journal_book_close (self->book);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (cb_key_bulk_parent_class)->finalize (object);
}

static void
cb_key_bulk_get_property (GObject    *object,
                          guint       property_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  CbKeyBulk *self = CB_KEY_BULK (object);

  switch (property_id)
    {
    case PROP_N_TOTAL:
      g_value_set_uint (value, self->n_total);
      break;
    case PROP_N_DONE:
    case PROP_N_CHANGED:
    case PROP_N_GONE:
    case PROP_N_REFUSED:
    case PROP_N_UNKNOWN:
      g_value_set_uint (value, self->n[CB_KEY_BULK_DONE + property_id - PROP_N_DONE]);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->n_total == 0 ? 0 : 1 - (double) self->n[CB_KEY_BULK_PENDING] / self->n_total);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    case PROP_UNDO_ID:
      g_value_set_string (value, self->undo_id);
      break;
    case PROP_NOTICE:
      g_value_set_string (value, self->notice);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_key_bulk_class_init (CbKeyBulkClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_key_bulk_finalize;
  object_class->get_property = cb_key_bulk_get_property;

  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_CHANGED] = g_param_spec_uint ("n-changed", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_GONE] = g_param_spec_uint ("n-gone", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_REFUSED] = g_param_spec_uint ("n-refused", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_UNKNOWN] = g_param_spec_uint ("n-unknown", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  properties[PROP_UNDO_ID] = g_param_spec_string ("undo-id", NULL, NULL, NULL, flags);
  properties[PROP_NOTICE] = g_param_spec_string ("notice", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  outcome_signal = g_signal_new ("outcome", CB_TYPE_KEY_BULK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_UINT, G_TYPE_INT, G_TYPE_STRING);
}

static void
cb_key_bulk_init (CbKeyBulk *self)
{
  self->large = g_array_new (FALSE, FALSE, sizeof (CbKeyId));
  self->again = g_array_new (FALSE, FALSE, sizeof (CbKeyId));
  self->portion = g_array_new (FALSE, FALSE, sizeof (CbKeyId));
  self->tries = g_hash_table_new (NULL, NULL);
}

/**
 * cb_key_bulk_new:
 * @connection: where the keys are
 * @journal: (nullable): where to write down what is destroyed; %NULL for what is not to be undone
 * @kind: what is to be done with each
 * @keys: which they are: those that it has now, and that are not gone
 *
 * Returns: (transfer full): it has not begun
 */
CbKeyBulk *
cb_key_bulk_new (CbConnection  *connection,
                 CbJournal     *journal,
                 CbKeyBulkKind  kind,
                 CbKeyStore    *keys)
{
  CbKeyBulk *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (journal == NULL || CB_IS_JOURNAL (journal), NULL);
  g_return_val_if_fail (keys != NULL, NULL);

  self = g_object_new (CB_TYPE_KEY_BULK, NULL);
  self->connection = g_object_ref (connection);
  self->journal = journal != NULL ? g_object_ref (journal) : NULL;
  self->kind = kind;
  self->keys = cb_key_store_ref (keys);
  self->length = cb_key_store_get_length (keys);
  self->n_total = cb_key_store_count_keys (keys, CB_FOLDER_ROOT);
  self->n[CB_KEY_BULK_PENDING] = self->n_total;
  return self;
}
