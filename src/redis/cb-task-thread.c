/* cb-task-thread.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-task-thread.h"

/*
 * A thread that g_task_run_in_thread() has run lets go of its task some time after the task was told to be done, and may be the last
 * to do so. With the task goes its source, and an engine, a connection or a widget would then be disposed of in that thread. So what
 * runs there is a task of its own, without a source; the one that the caller knows stays with the thread that made it.
 */

#define DONE "cb-task-in-thread"

typedef struct
{
  GTask           *task;  /* (unowned): the callback has it, which is called when the thread no longer uses this */
  GTaskThreadFunc  func;
} Run;

static void
run_in_thread (GTask        *running,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  const Run *run = task_data;

  run->func (running, g_task_get_source_object (run->task), g_task_get_task_data (run->task), cancellable);
}

static void
ran_cb (GObject      *source,
        GAsyncResult *running,
        gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_object_set_data_full (G_OBJECT (task), DONE, g_object_ref (running), g_object_unref);
  g_task_return_boolean (task, TRUE);
}

/**
 * cb_task_run_in_thread:
 * @func: what g_task_run_in_thread() takes. The task that it gets is another, to be returned from as usual; source and data are those
 *     of @task
 *
 * As g_task_run_in_thread(), but that @task, its source and its data are let go of by this thread alone, and none of them is held by
 * the other when the callback is called. The result is taken from what cb_task_in_thread_result() gives.
 */
void
cb_task_run_in_thread (GTask           *task,
                       GTaskThreadFunc  func)
{
  g_autoptr (GTask) running = g_task_new (NULL, g_task_get_cancellable (task), ran_cb, g_object_ref (task));
  Run *run = g_new (Run, 1);

  run->task = task;
  run->func = func;
  g_task_set_source_tag (running, g_task_get_source_tag (task));
  g_task_set_priority (running, g_task_get_priority (task));
  g_task_set_check_cancellable (running, g_task_get_check_cancellable (task));
  g_task_set_task_data (running, run, g_free);
  g_task_run_in_thread (running, run_in_thread);
}

/**
 * cb_task_in_thread_result:
 * @result: of a task that cb_task_run_in_thread() has run, or that ended before it
 *
 * Returns: (transfer none): the task to propagate from
 */
GTask *
cb_task_in_thread_result (GAsyncResult *result)
{
  GTask *running = g_object_get_data (G_OBJECT (result), DONE);

  return running != NULL ? running : G_TASK (result);
}
