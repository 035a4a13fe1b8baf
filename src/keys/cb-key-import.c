/* cb-key-import.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A line is what an export writes, in any of its three forms. Lines are read and taken apart into steps in a thread, a portion of them at
 * a time, and the steps are gone one after the other. What comes in several parts is put together under a name of its own, which ends by
 * itself an hour after its latest part, and then takes its place in one step. In a cluster that name is in the slot of the key.
 */

#include "cb-key-import.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-key-edit.h"
#include "cb-key-line.h"
#include "cb-key-list.h"
#include "cb-key-lua.h"
#include "cb-key-slot.h"
#include "cb-task-thread.h"

#define STAGED_MSEC (3600 * 1000)
/* So many words a script can hand to a command; even, as some take them in pairs. */
#define MOST_WORDS 4000
/* So much is read at once, and the line that is then under way. */
#define PORTION_BYTES (256 * 1024)
#define BUFFER_SIZE (256 * 1024)
#define PROGRESS_USEC (50 * G_TIME_SPAN_MILLISECOND)

struct _CbKeyImport
{
  GObject parent_instance;

  CbConnection *connection;   /* (owned) */
  GDataInputStream *lines;    /* (owned) */
  gboolean dry_run;
  guint64 size;               /* of the file, 0 unknown */

  guint64 n_read;
  guint n_line;
  guint n_problems;
  guint n_there;
  CbKeyStore *keys;           /* (owned): those that were put back */
  gint64 told_at;

  GQueue read;                /* (owned) (element-type Line) whose steps are not gone yet */
  gboolean read_all;
  GError *read_error;         /* (owned) (nullable) why nothing comes behind those lines */
  GQueue steps;               /* (owned) (element-type CbKeyStep) of one line */
  gboolean ending;
  GError *error;              /* (owned) (nullable) why it does not go on */
  GBytes *key;                /* (owned) (nullable) being put together */
  GBytes *staged;             /* (owned) (nullable) its name meanwhile */
  const char *command;        /* (nullable) the latest that added to it */
  gint64 ends_at;             /* ms since 1970, 0 never */
  gboolean is_dump;           /* it is put together as a DUMP */
  gboolean begun;             /* something of it is on the server */
  gboolean given_up;          /* it was told why */
  gboolean is_json;           /* the latest line, which tells all of a key */
  gboolean is_wrong;          /* it was none that is known */
};

enum
{
  PROP_0,
  PROP_PROGRESS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint problem_signal;

G_DEFINE_FINAL_TYPE (CbKeyImport, cb_key_import, G_TYPE_OBJECT)

static void go_on (GTask *task);

static CbScript *
get_script (void)
{
  static CbScript *script;

  if (g_once_init_enter (&script))
    g_once_init_leave (&script, cb_script_new ("key/stage", cb_key_lua_stage));
  return script;
}

typedef struct
{
  GPtrArray *steps;           /* (owned) (element-type CbKeyStep) */
  gsize length;
  gboolean is_json;
} Line;

static void
line_free (Line *line)
{
  g_ptr_array_unref (line->steps);
  g_free (line);
}

/* What is read at once. */
typedef struct
{
  GDataInputStream *lines;    /* (owned) */
  GCancellable *cancellable;  /* (owned) (nullable) */
  GQueue read;                /* (owned) (element-type Line) */
  gboolean read_all;
  GError *error;              /* (owned) (nullable) */
} Portion;

static void
portion_free (Portion *portion)
{
  g_object_unref (portion->lines);
  g_clear_object (&portion->cancellable);
  g_queue_clear_full (&portion->read, (GDestroyNotify) line_free);
  g_clear_error (&portion->error);
  g_free (portion);
}

/* --- going them --- */

static void
tell (CbKeyImport *self,
      const char  *text)
{
  self->n_problems++;
  g_signal_emit (self, problem_signal, 0, text);
}

static void
tell_progress (CbKeyImport *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->told_at < PROGRESS_USEC)
    return;
  self->told_at = now;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

static void
begin_end (CbKeyImport *self)
{
  g_queue_clear_full (&self->steps, (GDestroyNotify) cb_key_step_free);
  self->ending = TRUE;
  g_queue_push_tail (&self->steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
}

/* What is wrong with one key leaves the others; what is wrong with the connection is wrong for all. */
static void
take_error (CbKeyImport  *self,
            const GError *error)
{
  self->given_up = TRUE;
  if (cb_redis_error_is_connection (error) || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY))
    {
      if (self->error == NULL)
        self->error = g_error_copy (error);
      begin_end (self);
      return;
    }
  tell (self, error->message);
}

static void
count_key (CbKeyImport *self,
           GBytes      *key)
{
  gsize length;
  const char *name = g_bytes_get_data (key, &length);

  cb_key_store_add (self->keys, name != NULL ? name : "", length, NULL);
}

static void
forget_key (CbKeyImport *self)
{
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->staged, g_bytes_unref);
  self->is_dump = FALSE;
  self->begun = FALSE;
  self->given_up = FALSE;
  self->ends_at = 0;
}

static void
dropped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);

  /* What could not be dropped ends by itself. */
  forget_key (g_task_get_source_object (task));
  go_on (task);
}

static void
drop (GTask *task)
{
  CbKeyImport *self = g_task_get_source_object (task);

  if (!self->begun)
    {
      forget_key (self);
      go_on (task);
      return;
    }
  cb_connection_call_async (self->connection, cb_command_add_gbytes (cb_command_new ("UNLINK", NULL), self->staged), NULL,
                            dropped_cb, g_object_ref (task));
}

/* Whether a key that ends then is not there although it was put back: the server drops it at once. */
static gboolean
is_over (CbKeyImport *self,
         gint64       ends_at)
{
  return ends_at > 0 && ends_at <= cb_connection_get_server_time (self->connection) / G_TIME_SPAN_MILLISECOND;
}

static void
landed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyImport *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (cb_key_edit_finish (CB_CONNECTION (source), result, &error))
    {
      if (!is_over (self, self->ends_at))
        count_key (self, self->key);
      self->begun = FALSE;
    }
  else
    {
      take_error (self, error);
    }
  drop (task);
}

/* Returns whether something is under way now. */
static gboolean
finish_key (GTask *task)
{
  CbKeyImport *self = g_task_get_source_object (task);
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_LAND, .key = self->key, .type = "none", .msec = self->ends_at };

  if (self->key == NULL)
    return FALSE;
  if (self->dry_run)
    {
      count_key (self, self->key);
      forget_key (self);
      return FALSE;
    }
  if (!self->begun)
    {
      forget_key (self);
      return FALSE;
    }
  if (self->given_up)
    {
      drop (task);
      return TRUE;
    }
  if (self->is_dump)
    edit.kind = CB_KEY_EDIT_LAND_DUMP;
  edit.element = self->staged;
  cb_key_edit_async (self->connection, &edit, NULL, landed_cb, g_object_ref (task));
  return TRUE;
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyImport *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  gint64 there = 0;

  if (reply == NULL)
    {
      take_error (self, error);
    }
  else if (cb_value_get_integer (cb_reply_get_value (reply), &there) && there > 0)
    {
      gsize length;
      const char *name = g_bytes_get_data (self->key, &length);
      g_autofree char *shown = cb_key_name_display (name != NULL ? name : "", length, 200);
      g_autofree char *text = g_strdup_printf (_ ("There is a key “%s” already: it was left as it is"), shown);

      self->given_up = TRUE;
      tell (self, text);
    }
  go_on (task);
}

/* Returns whether something is under way now. */
static gboolean
begin_key (GTask  *task,
           GBytes *key)
{
  CbKeyImport *self = g_task_get_source_object (task);
  g_autofree char *uuid = NULL;
  g_autofree char *name = NULL;

  if (self->key != NULL && g_bytes_equal (self->key, key))
    return FALSE;
  if (self->key != NULL)
    {
      g_queue_push_head (&self->steps, cb_key_step_new (CB_KEY_STEP_BEGIN, key));
      g_queue_push_head (&self->steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
      return FALSE;
    }

  uuid = g_uuid_string_random ();
  name = g_strconcat ("callboard:import:", uuid, ":", NULL);
  forget_key (self);
  self->key = g_bytes_ref (key);
  self->staged = cb_key_slot_new_name_beside (key, name);
  if (self->dry_run)
    return FALSE;
  cb_connection_call_async (self->connection, cb_command_add_gbytes (cb_command_new ("EXISTS", NULL), key), NULL, asked_cb,
                            g_object_ref (task));
  return TRUE;
}

/* What it was put together in ended meanwhile: what comes now would be the rest of it, and must not take its place for the whole. */
static void
tell_ended (CbKeyImport *self)
{
  gsize length;
  const char *name = g_bytes_get_data (self->key, &length);
  g_autofree char *shown = cb_key_name_display (name != NULL ? name : "", length, 200);
  g_autofree char *text = g_strdup_printf (_ ("“%s” was not put back: what was put together of it ended or was deleted before it "
                                              "was whole. Import it again"), shown);

  self->given_up = TRUE;
  tell (self, text);
}

/* What became of a part: whether there was something before it, and whether there is now. */
static void
take_part (GTask         *task,
           const CbValue *there,
           const CbValue *ends,
           const CbValue *reply,
           const GError  *failure)
{
  CbKeyImport *self = g_task_get_source_object (task);
  g_autoptr (GError) error = failure != NULL ? g_error_copy (failure) : NULL;
  gint64 was = 0, is = 0;
  gsize length;
  const char *text = cb_value_get_string (reply, &length);

  if (failure == NULL && cb_value_is_error (reply))
    error = cb_redis_error_new_from_reply (self->command, text, length);
  cb_value_get_integer (there, &was);
  cb_value_get_integer (ends, &is);
  if (error != NULL)
    take_error (self, error);
  else if (self->begun && was == 0)
    tell_ended (self);
  /* Also when it is not known whether it ran: then there may be something to drop. */
  self->begun |= is > 0 || (failure != NULL && cb_redis_error_may_have_run (failure));
  go_on (task);
}

static void
part_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const CbValue *value = reply != NULL ? cb_reply_get_value (reply) : NULL;

  take_part (task, cb_value_get_element (value, 0), cb_value_get_element (value, 1), cb_value_get_element (value, 2), error);
}

static void
long_part_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *values[3] = { NULL, NULL, NULL };

  for (guint i = 0; replies != NULL && i < G_N_ELEMENTS (values); i++)
    values[i] = cb_reply_get_value (replies->pdata[i]);
  take_part (task, values[0], values[2], values[1], error);
}

static CbCommand *
add_words (CbCommand *command,
           GPtrArray *words)
{
  for (guint i = 0; i < words->len; i++)
    cb_command_add_gbytes (command, g_ptr_array_index (words, i));
  return command;
}

/* An entry of a stream is one command, however many fields it has, and no script can hand on that many. A transaction can, but is not followed
 * to another node of a cluster, which the server's refusal says. */
static void
send_long_part (GTask     *task,
                CbKeyStep *step)
{
  CbKeyImport *self = g_task_get_source_object (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_add_gbytes (cb_command_new ("EXISTS", NULL), self->staged));
  cb_pipeline_add (pipeline, add_words (cb_command_add_gbytes (cb_command_new (step->command, NULL), self->staged), step->words));
  cb_pipeline_add (pipeline, cb_command_add_int (cb_command_add_gbytes (cb_command_new ("PEXPIRE", NULL), self->staged), STAGED_MSEC));
  cb_connection_pipeline_async (self->connection, pipeline, NULL, long_part_cb, g_object_ref (task));
}

/* A part, and that what is put together ends by itself, in one step: nothing of it stays when this is killed. Returns whether something
 * is under way now. */
static gboolean
send_part (GTask     *task,
           CbKeyStep *step)
{
  CbKeyImport *self = g_task_get_source_object (task);
  CbCommand *command;

  if (self->key == NULL || self->given_up || self->dry_run)
    return FALSE;
  self->command = step->command;
  if (step->words->len > MOST_WORDS && g_str_equal (step->command, "XADD"))
    {
      send_long_part (task, step);
      return TRUE;
    }
  command = cb_command_new_script_bytes (get_script (), 1, &self->staged);
  cb_command_add_int (cb_command_add_int (command, STAGED_MSEC), MOST_WORDS);
  add_words (cb_command_add (command, step->command), step->words);
  cb_connection_call_async (self->connection, command, NULL, part_cb, g_object_ref (task));
  return TRUE;
}

typedef struct
{
  GTask *task;   /* (owned) */
  GBytes *key;   /* (owned) */
} Restoring;

static void
restored_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Restoring *restoring = user_data;
  g_autoptr (GTask) task = restoring->task;
  g_autoptr (GBytes) key = restoring->key;
  CbKeyImport *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  g_free (restoring);
  if (cb_key_restore_finish (CB_CONNECTION (source), result, &error))
    count_key (self, key);
  else
    take_error (self, error);
  self->given_up = FALSE;
  go_on (task);
}

/* A DUMP: one step. Returns whether something is under way now. */
static gboolean
restore (GTask *task,
         CbKeyStep  *step)
{
  CbKeyImport *self = g_task_get_source_object (task);
  Restoring *restoring;

  if (self->dry_run)
    {
      count_key (self, step->key);
      return FALSE;
    }
  restoring = g_new0 (Restoring, 1);
  restoring->task = g_object_ref (task);
  restoring->key = g_bytes_ref (step->key);
  cb_key_restore_async (self->connection, step->remains, NULL, restored_cb, restoring);
  return TRUE;
}

static void
tell_line (CbKeyImport *self)
{
  g_autofree char *text = g_strdup_printf (_ ("Line %u is none that “key export” writes: nothing was done for it"), self->n_line);

  tell (self, text);
}

static void
tell_cut (CbKeyImport *self)
{
  self->given_up = TRUE;
  tell (self, _("The last line has no end, so the file was cut: the key that it belongs to was not put back"));
}

static void
tell_type (CbKeyImport *self,
           const char  *type)
{
  g_autofree char *text = g_strdup_printf (_ ("Line %u: values of the type %s are put back from the format “dump” only"), self->n_line,
                                           type);

  tell (self, text);
}

/* Returns whether something is under way now. */
static gboolean
go_step (GTask *task,
         CbKeyStep  *step)
{
  CbKeyImport *self = g_task_get_source_object (task);

  switch (step->kind)
    {
    case CB_KEY_STEP_FINISH:
      return finish_key (task);
    case CB_KEY_STEP_BEGIN:
      return begin_key (task, step->key);
    case CB_KEY_STEP_PART:
      return send_part (task, step);
    case CB_KEY_STEP_END:
      if (self->key != NULL && g_bytes_equal (self->key, step->key))
        self->ends_at = step->ends_at;
      else
        tell_line (self);
      return FALSE;
    case CB_KEY_STEP_RESTORE:
      return restore (task, step);
    case CB_KEY_STEP_DUMP:
      self->is_dump = TRUE;
      return FALSE;
    case CB_KEY_STEP_WRONG_TYPE:
      tell_type (self, step->type);
      return FALSE;
    case CB_KEY_STEP_WRONG:
    default:
      self->is_wrong = TRUE;
      tell_line (self);
      return FALSE;
    }
}

static void
take_steps (CbKeyImport *self,
            GPtrArray   *steps)
{
  gsize n;
  g_autofree gpointer *taken = g_ptr_array_steal (steps, &n);

  for (gsize i = 0; i < n; i++)
    g_queue_push_tail (&self->steps, taken[i]);
}

/* Whether a line can be had without waiting for what a slow writer of a pipe has not written yet. */
static gboolean
has_line (GDataInputStream *lines)
{
  gsize length;
  const char *bytes = g_buffered_input_stream_peek_buffer (G_BUFFERED_INPUT_STREAM (lines), &length);

  return length > 0 && memchr (bytes, '\n', length) != NULL;
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Portion *portion = task_data;
  gsize n = 0;

  do
    {
      gsize length;
      g_autofree char *text = g_data_input_stream_read_line (portion->lines, &length, portion->cancellable, &portion->error);
      Line *line;

      if (text == NULL)
        {
          portion->read_all = TRUE;
          break;
        }
      line = g_new0 (Line, 1);
      line->length = length;
      line->is_json = *text == '{';
      line->steps = length > 0 ? cb_key_line_parse (text, length) : g_ptr_array_new ();
      g_queue_push_tail (&portion->read, line);
      n += length + 1;
    }
  while (n < PORTION_BYTES && has_line (portion->lines));
  g_task_return_boolean (task, TRUE);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyImport *self = CB_KEY_IMPORT (source);
  Portion *portion = g_task_get_task_data (G_TASK (result));
  Line *line;

  g_task_propagate_boolean (cb_task_in_thread_result (result), NULL);
  while ((line = g_queue_pop_head (&portion->read)) != NULL)
    g_queue_push_tail (&self->read, line);
  self->read_all = portion->read_all;
  self->read_error = g_steal_pointer (&portion->error);
  go_on (task);
}

static void
read_portion (GTask *task)
{
  CbKeyImport *self = g_task_get_source_object (task);
  g_autoptr (GTask) reading = g_task_new (self, NULL, read_cb, g_object_ref (task));
  GCancellable *cancellable = g_task_get_cancellable (task);
  Portion *portion = g_new0 (Portion, 1);

  portion->lines = g_object_ref (self->lines);
  portion->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_queue_init (&portion->read);
  g_task_set_source_tag (reading, read_portion);
  g_task_set_task_data (reading, portion, (GDestroyNotify) portion_free);
  cb_task_run_in_thread (reading, read_thread);
}

/* Takes the next line, or what is behind the last one. Returns FALSE when it has to be read yet. */
static gboolean
take_line (CbKeyImport *self)
{
  Line *line = g_queue_pop_head (&self->read);

  if (line != NULL)
    {
      self->n_line++;
      self->is_json = line->is_json;
      self->is_wrong = FALSE;
      self->n_read += line->length + 1;
      tell_progress (self);
      take_steps (self, line->steps);
      line_free (line);
      return TRUE;
    }
  if (!self->read_all)
    return FALSE;

  /* The last key is whole only when the file was read to its end, and that is the end of a line. */
  if (self->read_error != NULL)
    self->given_up = TRUE;
  else if (self->size > 0 && self->n_read > self->size && (self->is_wrong || !self->is_json) && self->key != NULL && !self->given_up)
    tell_cut (self);
  if (self->read_error != NULL && !g_error_matches (self->read_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = g_steal_pointer (&self->read_error);
  begin_end (self);
  return TRUE;
}

static void
go_on (GTask *task)
{
  CbKeyImport *self = g_task_get_source_object (task);

  for (;;)
    {
      g_autoptr (CbKeyStep) step = NULL;

      if (!self->ending && g_cancellable_is_cancelled (g_task_get_cancellable (task)))
        {
          self->given_up = TRUE;
          begin_end (self);
        }
      step = g_queue_pop_head (&self->steps);
      if (step != NULL && go_step (task, step))
        return;
      if (step == NULL && self->ending)
        break;
      if (step == NULL && !take_line (self))
        {
          read_portion (task);
          return;
        }
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  if (self->error != NULL)
    g_task_return_error (task, g_error_copy (self->error));
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
}

/* --- the object --- */

/**
 * cb_key_import_run_async:
 *
 * Once. Cancelled, it stops between two steps: each key is there whole or not at all.
 */
void
cb_key_import_run_async (CbKeyImport         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_KEY_IMPORT (self));
  g_return_if_fail (!self->ending);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_import_run_async);
  g_task_set_check_cancellable (task, FALSE);
  go_on (task);
}

gboolean
cb_key_import_run_finish (CbKeyImport   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
cb_key_import_set_dry_run (CbKeyImport *self,
                           gboolean     dry_run)
{
  g_return_if_fail (CB_IS_KEY_IMPORT (self));
  self->dry_run = dry_run;
}

void
cb_key_import_set_size (CbKeyImport *self,
                        guint64      size)
{
  g_return_if_fail (CB_IS_KEY_IMPORT (self));
  self->size = size;
}

guint
cb_key_import_get_n_keys (CbKeyImport *self)
{
  g_return_val_if_fail (CB_IS_KEY_IMPORT (self), 0);
  return cb_key_store_get_length (self->keys);
}

guint
cb_key_import_get_n_problems (CbKeyImport *self)
{
  g_return_val_if_fail (CB_IS_KEY_IMPORT (self), 0);
  return self->n_problems;
}

CbKeyStore *
cb_key_import_get_keys (CbKeyImport *self)
{
  g_return_val_if_fail (CB_IS_KEY_IMPORT (self), NULL);
  return self->keys;
}

double
cb_key_import_get_progress (CbKeyImport *self)
{
  g_return_val_if_fail (CB_IS_KEY_IMPORT (self), 0);
  return self->size > 0 ? MIN ((double) self->n_read / (double) self->size, 1) : 0;
}

static void
cb_key_import_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_PROGRESS:
      g_value_set_double (value, cb_key_import_get_progress (CB_KEY_IMPORT (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_key_import_finalize (GObject *object)
{
  CbKeyImport *self = CB_KEY_IMPORT (object);

  forget_key (self);
  g_queue_clear_full (&self->read, (GDestroyNotify) line_free);
  g_queue_clear_full (&self->steps, (GDestroyNotify) cb_key_step_free);
  g_clear_error (&self->read_error);
  g_clear_error (&self->error);
  g_clear_object (&self->connection);
  g_clear_object (&self->lines);
  g_clear_pointer (&self->keys, cb_key_store_unref);

  G_OBJECT_CLASS (cb_key_import_parent_class)->finalize (object);
}

static void
cb_key_import_class_init (CbKeyImportClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = cb_key_import_finalize;
  object_class->get_property = cb_key_import_get_property;

  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  problem_signal = g_signal_new ("problem", CB_TYPE_KEY_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_STRING);
}

static void
cb_key_import_init (CbKeyImport *self)
{
  g_queue_init (&self->read);
  g_queue_init (&self->steps);
  self->keys = cb_key_store_new (NULL);
}

/**
 * cb_key_import_new:
 * @connection: where the keys are to be
 * @input: what “key export” wrote, in any of its forms; read, and not closed
 *
 * Returns: (transfer full): it has not begun
 */
CbKeyImport *
cb_key_import_new (CbConnection *connection,
                   GInputStream *input)
{
  CbKeyImport *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (G_IS_INPUT_STREAM (input), NULL);

  self = g_object_new (CB_TYPE_KEY_IMPORT, NULL);
  self->connection = g_object_ref (connection);
  self->lines = g_data_input_stream_new (input);
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (self->lines), FALSE);
  g_buffered_input_stream_set_buffer_size (G_BUFFERED_INPUT_STREAM (self->lines), BUFFER_SIZE);
  return self;
}
