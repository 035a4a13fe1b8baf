/* cb-key-export.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-export.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-error.h"
#include "cb-key-list.h"
#include "cb-task-thread.h"

/* How many elements stand in one command, or are read at once; fewer where they are large, which the first ones tell. */
#define PORTION 100
#define FIRST_PORTION 10
#define PORTION_BYTES (1024 * 1024)
/* The escapes of more than this are made elsewhere than in the main loop. */
#define LONG_TEXT (64 * 1024)
/* As much text is held of one key. */
#define MOST_TEXT (G_GUINT64_CONSTANT (512) * 1024 * 1024)
/* So much text is written at once. */
#define WRITE_BYTES (256 * 1024)
#define PROGRESS_USEC (50 * G_TIME_SPAN_MILLISECOND)

struct _CbKeyExport
{
  GObject parent_instance;

  CbConnection *connection;   /* (owned) */
  CbKeyStore *keys;           /* (owned) */
  CbKeyExportForm form;
  GOutputStream *output;      /* (owned) */
  guint length;               /* of the store when it was made */
  guint n_total;
  guint n_done;
  guint n_gone;
  guint n_looked_at;
  gint64 told_at;

  CbKeyId next;
  GString *text;              /* (owned): of whole keys, not written yet */
  char *writing;              /* (owned) (nullable) what is being written */

  /* the key that is being read */
  GBytes *key;                /* (owned) (nullable) */
  char *type;                 /* (owned) (nullable) */
  gint64 ends_at;             /* ms since 1970, -1 never */
  char *from;                 /* (owned) (nullable) where the next part begins */
  gint64 memory;              /* bytes on the server, -1 unknown */
  guint count;                /* elements to be read at once */
  guint64 n_bytes;            /* of its elements so far */
  guint64 most;               /* of those */
  gboolean first;
  gboolean any;               /* something in the key was written */
  GString *lines;             /* (owned): its commands */
  CbJsonWriter *writer;       /* (owned) (nullable) */
};

enum
{
  PROP_0,
  PROP_PROGRESS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint problem_signal;
static guint gone_signal;

G_DEFINE_FINAL_TYPE (CbKeyExport, cb_key_export, G_TYPE_OBJECT)

static void next_key (GTask *task);

/* --- text --- */

static void
write_bytes (CbJsonWriter *writer,
             GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
}

/* A word of a command as redis-cli reads it from a line: in double quotes, what is no letter as \xNN. */
static void
append_word (GString *line,
             GBytes *bytes)
{
  gsize length;
  const guchar *data = g_bytes_get_data (bytes, &length);

  g_string_append (line, " \"");
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"' || data[i] == '\\')
        g_string_append_printf (line, "\\%c", data[i]);
      else if (data[i] >= 0x20 && data[i] < 0x7f)
        g_string_append_c (line, (char) data[i]);
      else
        {
          static const char digits[] = "0123456789abcdef";
          const char escaped[] = { '\\', 'x', digits[data[i] >> 4], digits[data[i] & 15] };

          g_string_append_len (line, escaped, sizeof escaped);
        }
    }
  g_string_append_c (line, '"');
}

void
cb_key_export_append_commands (GString    *text,
                               GBytes     *key,
                               const char *type,
                               CbKeyPage  *page,
                               gboolean    first)
{
  static const struct { const char *type, *command; } commands[] = {
    { "string", "SET" }, { "list", "RPUSH" }, { "hash", "HSET" }, { "set", "SADD" }, { "zset", "ZADD" },
  };
  g_autoptr (GString) line = g_string_new (NULL);

  if (page->elements->len == 0)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].type, type))
      g_string_assign (line, commands[i].command);
  if (g_str_equal (type, "string") && !first)
    g_string_assign (line, "APPEND");
  if (line->len > 0)
    append_word (line, key);

  for (guint i = 0; i < page->elements->len; i++)
    {
      CbKeyElement *element = g_ptr_array_index (page->elements, i);

      if (element->fields != NULL)
        {
          /* Entries of a stream: a line each. */
          g_string_append (line, i > 0 ? "\nXADD" : "XADD");
          append_word (line, key);
          append_word (line, element->name);
          for (guint j = 0; j < element->fields->len; j++)
            append_word (line, g_ptr_array_index (element->fields, j));
        }
      else if (g_str_equal (type, "zset"))
        {
          append_word (line, element->value);
          append_word (line, element->name);
        }
      else
        {
          if (!g_str_equal (type, "string") && !g_str_equal (type, "list"))
            append_word (line, element->name);
          if (element->value != NULL)
            append_word (line, element->value);
        }
    }
  g_string_append_len (text, line->str, (gssize) line->len);
  g_string_append_c (text, '\n');
}

void
cb_key_export_append_end (GString *text,
                          GBytes  *key,
                          gint64   ends_at)
{
  g_string_append (text, "PEXPIREAT");
  append_word (text, key);
  g_string_append_printf (text, " %" G_GINT64_FORMAT "\n", ends_at);
}

void
cb_key_export_append_restore (GString *text,
                              GBytes  *key,
                              GBytes  *dump,
                              gint64   ends_at)
{
  g_string_append (text, "RESTORE");
  append_word (text, key);
  g_string_append_printf (text, " %" G_GINT64_FORMAT, MAX (ends_at, 0));
  append_word (text, dump);
  g_string_append (text, " ABSTTL\n");
}

void
cb_key_export_begin_json (CbJsonWriter *writer,
                          GBytes       *key,
                          const char   *type,
                          gint64        ends_at)
{
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "name");
  write_bytes (writer, key);
  cb_json_writer_name (writer, "type");
  cb_json_writer_string (writer, type, -1);
  cb_json_writer_name (writer, "expires_at");
  if (ends_at >= 0)
    cb_json_writer_int (writer, ends_at);
  else
    cb_json_writer_null (writer);
}

void
cb_key_export_write_json (CbJsonWriter *writer,
                          CbKeyPage    *page)
{
  for (guint i = 0; i < page->elements->len; i++)
    {
      CbKeyElement *element = g_ptr_array_index (page->elements, i);

      cb_json_writer_begin_array (writer);
      write_bytes (writer, element->name);
      if (element->value != NULL)
        write_bytes (writer, element->value);
      for (guint j = 0; element->fields != NULL && j < element->fields->len; j++)
        write_bytes (writer, g_ptr_array_index (element->fields, j));
      cb_json_writer_end_array (writer);
    }
}

/* --- one key after the other --- */

static void
forget_key (CbKeyExport *self)
{
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->type, g_free);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->writer, cb_json_writer_free);
  g_string_free (self->lines, TRUE);
  self->lines = g_string_new (NULL);
}

static void
end_key (GTask *task)
{
  CbKeyExport *self = g_task_get_source_object (task);
  gint64 now = g_get_monotonic_time ();

  forget_key (self);
  self->n_looked_at++;
  if (now - self->told_at >= PROGRESS_USEC)
    {
      self->told_at = now;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
    }
  next_key (task);
}

/* What is wrong with one key leaves the others; what is wrong with the connection is wrong for all. @error is taken. */
static void
leave_out (GTask  *task,
           GError *error)
{
  CbKeyExport *self = g_task_get_source_object (task);

  if (cb_redis_error_is_connection (error) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE))
    {
      self->n_gone++;
      g_signal_emit (self, gone_signal, 0, self->key);
    }
  else
    {
      gsize length;
      const char *name = g_bytes_get_data (self->key, &length);
      g_autofree char *shown = cb_key_name_display (name != NULL ? name : "", length, 200);
      g_autofree char *text = g_strdup_printf ("“%s”: %s", shown, error->message);

      g_signal_emit (self, problem_signal, 0, text);
    }
  g_error_free (error);
  end_key (task);
}

/* --- making text of it --- */

/* What is to be written of a key; all of them NULL: its end. */
typedef struct
{
  CbKeyPage *page; /* (owned) (nullable) */
  CbReply *dump;   /* (owned) (nullable) */
} Piece;

static void
piece_free (Piece *piece)
{
  g_clear_pointer (&piece->page, cb_key_page_free);
  g_clear_pointer (&piece->dump, cb_reply_unref);
  g_free (piece);
}

static guint64
count_bytes (CbKeyPage *page)
{
  guint64 n = 0;

  for (guint i = 0; i < page->elements->len; i++)
    {
      CbKeyElement *element = g_ptr_array_index (page->elements, i);

      n += g_bytes_get_size (element->name) + (element->value != NULL ? g_bytes_get_size (element->value) : 0);
      for (guint j = 0; element->fields != NULL && j < element->fields->len; j++)
        n += g_bytes_get_size (g_ptr_array_index (element->fields, j));
    }
  return n;
}

/* In a thread while the main loop waits for it, when it is long. */
static void
write_piece (CbKeyExport *self,
             Piece       *piece)
{
  if (piece->dump != NULL)
    {
      g_autoptr (GBytes) dump = cb_value_dup_bytes (cb_reply_get_value (piece->dump));

      cb_key_export_append_restore (self->lines, self->key, dump, self->ends_at);
    }
  else if (piece->page != NULL && self->writer != NULL)
    {
      cb_key_export_write_json (self->writer, piece->page);
    }
  else if (piece->page != NULL)
    {
      cb_key_export_append_commands (self->lines, self->key, self->type, piece->page, self->first);
      self->first = FALSE;
    }
  else if (self->writer != NULL)
    {
      g_autofree char *line = NULL;

      cb_json_writer_end_object (self->writer);
      line = cb_json_writer_steal (self->writer);
      g_string_append (self->text, line);
      g_string_append_c (self->text, '\n');
    }
  else
    {
      g_string_append_len (self->text, self->lines->str, (gssize) self->lines->len);
    }
}

static void
piece_thread (GTask        *task,
              gpointer      source,
              gpointer      task_data,
              GCancellable *cancellable)
{
  write_piece (source, task_data);
  g_task_return_boolean (task, TRUE);
}

static void read_part (GTask *task);
static void take_key (GTask *task);

static void
piece_written (GTask *task,
               Piece *piece)
{
  CbKeyExport *self = g_task_get_source_object (task);

  if (piece->dump != NULL)
    {
      take_key (task);
    }
  else if (piece->page == NULL)
    {
      self->n_done++;
      end_key (task);
    }
  else if (self->from != NULL)
    {
      read_part (task);
    }
  else if (!self->any && g_str_equal (self->type, "stream"))
    {
      /* The one kind of key that is there with nothing in it. */
      leave_out (task, g_error_new_literal (CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                                            _("An empty stream can be written in the form “dump” only")));
    }
  else
    {
      if (self->writer != NULL)
        cb_json_writer_end_array (self->writer);
      else if (self->ends_at >= 0)
        cb_key_export_append_end (self->lines, self->key, self->ends_at);
      take_key (task);
    }
}

static void
piece_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_propagate_boolean (cb_task_in_thread_result (result), NULL);
  piece_written (task, g_task_get_task_data (G_TASK (result)));
}

/* @page and @dump are taken. */
static void
write_text (GTask     *task,
            CbKeyPage *page,
            CbReply   *dump,
            guint64    n_bytes)
{
  CbKeyExport *self = g_task_get_source_object (task);
  Piece *piece = g_new0 (Piece, 1);

  piece->page = page;
  piece->dump = dump;
  if (n_bytes > LONG_TEXT)
    {
      g_autoptr (GTask) writing = g_task_new (self, NULL, piece_cb, g_object_ref (task));

      g_task_set_source_tag (writing, write_text);
      g_task_set_task_data (writing, piece, (GDestroyNotify) piece_free);
      cb_task_run_in_thread (writing, piece_thread);
      return;
    }
  write_piece (self, piece);
  piece_written (task, piece);
  piece_free (piece);
}

static void
take_key (GTask *task)
{
  CbKeyExport *self = g_task_get_source_object (task);

  write_text (task, NULL, NULL, self->n_bytes);
}

static void
leave_out_large (GTask *task)
{
  CbKeyExport *self = g_task_get_source_object (task);
  g_autofree char *most = g_format_size_full (self->most, G_FORMAT_SIZE_IEC_UNITS);

  leave_out (task, g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                                _("It has more than the %s that are held of a key, so it was left out"), most));
}

static void
part_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyExport *self = g_task_get_source_object (task);
  GError *error = NULL;
  CbKeyPage *page = cb_key_page_finish (CB_CONNECTION (source), result, &error);
  guint64 n_bytes;

  if (page == NULL)
    {
      leave_out (task, error);
      return;
    }
  n_bytes = count_bytes (page);
  self->n_bytes += n_bytes;
  if (self->n_bytes > self->most)
    {
      cb_key_page_free (page);
      leave_out_large (task);
      return;
    }
  if (page->elements->len > 0)
    self->count = (guint) CLAMP (PORTION_BYTES / MAX (n_bytes / page->elements->len, 1), 1, PORTION);
  self->any |= page->elements->len > 0;
  g_free (self->from);
  self->from = g_strdup (page->next);
  write_text (task, page, NULL, n_bytes);
}

static void
read_part (GTask *task)
{
  CbKeyExport *self = g_task_get_source_object (task);

  cb_key_page_async (self->connection, self->key, self->type, self->from, NULL, g_str_equal (self->type, "string") ? 0 : self->count,
                     g_task_get_cancellable (task), part_cb, g_object_ref (task));
}

static void
dumped_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyExport *self = g_task_get_source_object (task);
  GError *error = NULL;
  CbReply *reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  gsize length = 0;

  if (reply != NULL && cb_value_is_nil (cb_reply_get_value (reply)))
    {
      error = g_error_new_literal (CB_KEY_ERROR, CB_KEY_ERROR_GONE, "It is gone");
      cb_reply_unref (reply);
    }
  if (error != NULL)
    {
      leave_out (task, error);
      return;
    }
  cb_value_get_string (cb_reply_get_value (reply), &length);
  self->n_bytes += length;
  write_text (task, NULL, reply, length);
}

static void
typed_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyExport *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *type, *ends_at;
  gboolean in_parts;
  gsize length;
  const char *text;

  if (replies == NULL)
    {
      leave_out (task, error);
      return;
    }
  type = cb_reply_get_value (g_ptr_array_index (replies, 0));
  ends_at = cb_reply_get_value (g_ptr_array_index (replies, 1));
  text = cb_value_get_string (type, &length);
  if (cb_value_is_error (type) || text == NULL)
    {
      leave_out (task, cb_redis_error_new_from_reply ("TYPE", text, text != NULL ? length : 0));
      return;
    }
  self->type = g_utf8_make_valid (text, (gssize) length);
  /* Who may not ask for it, or whose server can't tell, does without. */
  if (!cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 2)), &self->memory))
    self->memory = -1;
  if (g_str_equal (self->type, "none"))
    {
      leave_out (task, g_error_new_literal (CB_KEY_ERROR, CB_KEY_ERROR_GONE, "It is gone"));
      return;
    }
  if (!cb_value_get_integer (ends_at, &self->ends_at))
    {
      text = cb_value_get_string (ends_at, &length);
      leave_out (task, cb_redis_error_new_from_reply ("PEXPIRETIME", text, text != NULL ? length : 0));
      return;
    }

  self->n_bytes = 0;
  /* What comes in one answer is not asked for when it is too large. */
  in_parts = cb_key_type_is_known (self->type) && !g_str_equal (self->type, "ReJSON-RL");
  if (!in_parts && self->memory > CB_KEY_BULK_MOST_BYTES && (self->form != CB_KEY_EXPORT_JSON || cb_key_type_is_known (self->type)))
    {
      g_autofree char *memory = g_format_size_full ((guint64) self->memory, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *most = g_format_size_full (CB_KEY_BULK_MOST_BYTES, G_FORMAT_SIZE_IEC_UNITS);

      leave_out (task, g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                                    _("It takes %s, and a value of the type %s can’t be read in parts: more than %s is left out"),
                                    memory, self->type, most));
      return;
    }
  if (self->form == CB_KEY_EXPORT_JSON)
    {
      self->writer = cb_json_writer_new ();
      cb_key_export_begin_json (self->writer, self->key, self->type, self->ends_at);
      if (!cb_key_type_is_known (self->type))
        {
          take_key (task);
          return;
        }
      cb_json_writer_name (self->writer, "elements");
      cb_json_writer_begin_array (self->writer);
    }
  else if (!in_parts)
    {
      cb_connection_call_async (self->connection, cb_command_add_gbytes (cb_command_new ("DUMP", NULL), self->key),
                                g_task_get_cancellable (task), dumped_cb, g_object_ref (task));
      return;
    }
  self->first = TRUE;
  self->any = FALSE;
  self->count = self->memory >= 0 && self->memory <= PORTION_BYTES ? PORTION : FIRST_PORTION;
  read_part (task);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyExport *self = g_task_get_source_object (task);
  GError *error = NULL;

  g_clear_pointer (&self->writing, g_free);
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_error (task, error);
  else
    next_key (task);
}

static void
next_key (GTask *task)
{
  CbKeyExport *self = g_task_get_source_object (task);
  CbPipeline *pipeline;
  const char *name;
  gsize length;

  if (g_task_return_error_if_cancelled (task))
    return;
  while (self->next < self->length && cb_key_store_get_gone (self->keys, self->next))
    self->next++;
  if (self->text->len >= WRITE_BYTES || (self->next >= self->length && self->text->len > 0))
    {
      length = self->text->len;
      self->writing = g_string_free (self->text, FALSE);
      self->text = g_string_new (NULL);
      g_output_stream_write_all_async (self->output, self->writing, length, G_PRIORITY_DEFAULT, NULL, written_cb,
                                       g_object_ref (task));
      return;
    }
  if (self->next >= self->length)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
      g_task_return_boolean (task, TRUE);
      return;
    }

  name = cb_key_store_get_name (self->keys, self->next++, &length);
  self->key = g_bytes_new (name, length);
  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("TYPE", NULL), self->key)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("PEXPIRETIME", NULL), self->key)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("MEMORY", "USAGE", NULL), self->key)));
  cb_connection_pipeline_async (self->connection, pipeline, g_task_get_cancellable (task), typed_cb, g_object_ref (task));
}

void
cb_key_export_run_async (CbKeyExport         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_KEY_EXPORT (self));
  g_return_if_fail (self->next == 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_export_run_async);
  g_task_set_check_cancellable (task, FALSE);
  next_key (task);
}

gboolean
cb_key_export_run_finish (CbKeyExport   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

guint
cb_key_export_get_n_done (CbKeyExport *self)
{
  g_return_val_if_fail (CB_IS_KEY_EXPORT (self), 0);
  return self->n_done;
}

guint
cb_key_export_get_n_gone (CbKeyExport *self)
{
  g_return_val_if_fail (CB_IS_KEY_EXPORT (self), 0);
  return self->n_gone;
}

guint
cb_key_export_get_n_total (CbKeyExport *self)
{
  g_return_val_if_fail (CB_IS_KEY_EXPORT (self), 0);
  return self->n_total;
}

/* --- the object --- */

static void
cb_key_export_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  CbKeyExport *self = CB_KEY_EXPORT (object);

  switch (property_id)
    {
    case PROP_PROGRESS:
      g_value_set_double (value, self->n_total > 0 ? (double) self->n_looked_at / self->n_total : 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_key_export_finalize (GObject *object)
{
  CbKeyExport *self = CB_KEY_EXPORT (object);

  forget_key (self);
  g_string_free (self->lines, TRUE);
  g_string_free (self->text, TRUE);
  g_free (self->writing);
  g_clear_object (&self->connection);
  g_clear_object (&self->output);
  g_clear_pointer (&self->keys, cb_key_store_unref);

  G_OBJECT_CLASS (cb_key_export_parent_class)->finalize (object);
}

static void
cb_key_export_class_init (CbKeyExportClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = cb_key_export_finalize;
  object_class->get_property = cb_key_export_get_property;

  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  problem_signal = g_signal_new ("problem", CB_TYPE_KEY_EXPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_STRING);
  gone_signal = g_signal_new ("gone", CB_TYPE_KEY_EXPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void
cb_key_export_init (CbKeyExport *self)
{
  self->lines = g_string_new (NULL);
  self->text = g_string_new (NULL);
  self->most = MOST_TEXT;
}

void
cb_key_export_set_most (CbKeyExport *self,
                        guint64      most)
{
  g_return_if_fail (CB_IS_KEY_EXPORT (self));
  self->most = most;
}

/**
 * cb_key_export_new:
 *
 * Returns: (transfer full): it has not begun
 */
CbKeyExport *
cb_key_export_new (CbConnection    *connection,
                   CbKeyStore      *keys,
                   CbKeyExportForm  form,
                   GOutputStream   *output)
{
  CbKeyExport *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (keys != NULL, NULL);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (output), NULL);

  self = g_object_new (CB_TYPE_KEY_EXPORT, NULL);
  self->connection = g_object_ref (connection);
  self->keys = cb_key_store_ref (keys);
  self->form = form;
  self->output = g_object_ref (output);
  self->length = cb_key_store_get_length (keys);
  self->n_total = cb_key_store_count_keys (keys, CB_FOLDER_ROOT);
  return self;
}
