/* cb-task-queue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-task-queue.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "cb-task-thread.h"

#define FUNC "cb-task-func"

static void
run_next (CbTaskQueue *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->busy)
    return;

  task = g_queue_pop_head (&self->waiting);
  if (task == NULL)
    return;

  self->busy = TRUE;
  cb_task_run_in_thread (task, (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), FUNC));
}

static void
completed_cb (CbTaskQueue *self)
{
  self->busy = FALSE;
  run_next (self);
}

void
cb_task_queue_init (CbTaskQueue *self)
{
  g_queue_init (&self->waiting);
  self->busy = FALSE;
}

void
cb_task_queue_clear (CbTaskQueue *self)
{
  g_queue_clear_full (&self->waiting, g_object_unref);
}

void
cb_task_queue_push (CbTaskQueue *self, GTask *task, GTaskThreadFunc func)
{
  g_object_set_data (G_OBJECT (task), FUNC, (gpointer) func);
  /* Told before the task lets go of its source, of which the queue is a part. */
  g_signal_connect_swapped (task, "notify::completed", G_CALLBACK (completed_cb), self);
  g_queue_push_tail (&self->waiting, task);
  run_next (self);
}

gboolean
cb_task_queue_replace_file (const char *path, const char *text, gssize length, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", folder, g_strerror (code));
      return FALSE;
    }
  return g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}
