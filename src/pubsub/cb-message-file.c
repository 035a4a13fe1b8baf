/* cb-message-file.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-file.h"

#include "cb-message-line.h"
#include "cb-task-thread.h"

/* Written in one go. */
#define CHUNK_SIZE (256 * 1024)

typedef struct
{
  GArray *messages;         /* (owned) (element-type CbHeard) */
  CbMessageWriteFunc write;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  g_array_unref (save->messages);
  g_free (save);
}

static void
save_in_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Save *save = task_data;
  GArray *messages = save->messages;
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GString) chunk = g_string_sized_new (CHUNK_SIZE);
  g_autoptr (GCancellable) give_up = NULL;
  GError *error = NULL;
  gssize n = 0;

  stream = g_file_replace (G_FILE (source), NULL, FALSE, G_FILE_CREATE_PRIVATE, cancellable, &error);
  for (guint i = 0; stream != NULL && i < messages->len && error == NULL; i++)
    {
      const CbHeard *heard = &g_array_index (messages, CbHeard, i);

      save->write (chunk, heard);
      n += heard->reply != NULL;
      if (chunk->len >= CHUNK_SIZE || i + 1 == messages->len)
        {
          g_output_stream_write_all (G_OUTPUT_STREAM (stream), chunk->str, chunk->len, NULL, cancellable, &error);
          g_string_truncate (chunk, 0);
        }
    }

  if (stream != NULL && error == NULL)
    {
      g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, &error);
    }
  else if (stream != NULL)
    {
      /* A stream that is closed cancelled leaves the old file as it was. */
      give_up = g_cancellable_new ();
      g_cancellable_cancel (give_up);
      g_output_stream_close (G_OUTPUT_STREAM (stream), give_up, NULL);
    }

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n);
}

void
cb_message_file_save_async (GFile              *file,
                            GArray             *messages,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  cb_message_file_save_as_async (file, messages, cb_message_line_write, cancellable, callback, user_data);
}

void
cb_message_file_save_as_async (GFile              *file,
                               GArray             *messages,
                               CbMessageWriteFunc  write,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);
  Save *save = g_new0 (Save, 1);

  save->messages = messages;
  save->write = write;
  g_task_set_source_tag (task, cb_message_file_save_as_async);
  g_task_set_task_data (task, save, save_free);
  cb_task_run_in_thread (task, save_in_thread);
}

gint64
cb_message_file_save_finish (GFile        *file,
                             GAsyncResult *result,
                             GError      **error)
{
  return g_task_propagate_int (cb_task_in_thread_result (result), error);
}
