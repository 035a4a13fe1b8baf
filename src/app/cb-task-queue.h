/* cb-task-queue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What is to be done with one file in threads, one thing after the other in the order of asking: it is a part of the object that the
 * file belongs to, which is the source of its tasks and so lives as long as there are any.
 */
typedef struct
{
  GQueue waiting;    /* (element-type GTask) (owned) */
  gboolean busy;
} CbTaskQueue;

void     cb_task_queue_init         (CbTaskQueue      *self);
void     cb_task_queue_clear        (CbTaskQueue      *self);
/* @task: (transfer full): with the object that @self is a part of as its source. @func is run in a thread. */
void     cb_task_queue_push         (CbTaskQueue      *self,
                                     GTask            *task,
                                     GTaskThreadFunc   func);

/* For such a thread: replaces a file that nobody else may read, as a whole, and makes its folder. Errors: %G_IO_ERROR, %G_FILE_ERROR. */
gboolean cb_task_queue_replace_file (const char       *path,
                                     const char       *text,
                                     gssize            length,
                                     GError          **error);

G_END_DECLS
