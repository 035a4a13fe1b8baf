/* test-task-thread.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a thread works for is let go of by those it belongs to, and nothing of it is held when the answer comes. */

#include "cb-task-thread.h"
#include "cb-test-wait.h"

static void
double_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  int n = GPOINTER_TO_INT (data);

  g_assert_true (g_task_get_source_tag (task) == double_in_thread);
  g_assert_true (G_IS_OBJECT (source));
  if (n < 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%d is less than nothing", n);
  else
    g_task_return_int (task, n * 2);
}

static void
gone_cb (gpointer data, GObject *object)
{
  *(GThread **) data = g_thread_self ();
}

static GAsyncResult *
run (GObject *source, int n, GCancellable *cancellable)
{
  GAsyncResult *result = NULL;
  g_autoptr (GTask) task = g_task_new (source, cancellable, cb_test_store_result, &result);

  g_task_set_source_tag (task, double_in_thread);
  g_task_set_task_data (task, GINT_TO_POINTER (n), NULL);
  cb_task_run_in_thread (task, double_in_thread);
  g_clear_object (&task);
  g_assert_true (cb_test_wait_result (&result) == result);
  g_assert_true (g_task_is_valid (result, source));

  return result;
}

static void
test_result (void)
{
  g_autoptr (GObject) source = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GAsyncResult) result = run (source, 21, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_task_propagate_int (cb_task_in_thread_result (result), &error), ==, 42);
  g_assert_no_error (error);
}

static void
test_error (void)
{
  g_autoptr (GObject) source = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GAsyncResult) result = run (source, -1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_task_propagate_int (cb_task_in_thread_result (result), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_cancelled (void)
{
  g_autoptr (GObject) source = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  result = run (source, 1, cancellable);
  g_assert_cmpint (g_task_propagate_int (cb_task_in_thread_result (result), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A task that had nothing to ask a thread for. */
static void
test_without (void)
{
  GAsyncResult *result = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, cb_test_store_result, &result);
  g_autoptr (GError) error = NULL;

  g_task_return_int (task, 5);
  cb_test_wait_result (&result);
  g_assert_cmpint (g_task_propagate_int (cb_task_in_thread_result (result), &error), ==, 5);
  g_assert_no_error (error);
  g_object_unref (result);
}

/* The thread is slower to let go of its task than this one in one of some hundred times. */
static void
test_held_by_nobody (void)
{
  for (int i = 0; i < 20000; i++)
    {
      GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
      GAsyncResult *result = run (source, i, NULL);
      GThread *gone_in = NULL;

      g_object_weak_ref (source, gone_cb, &gone_in);
      g_assert_cmpint (g_task_propagate_int (cb_task_in_thread_result (result), NULL), ==, i * 2);
      g_object_unref (result);
      g_assert_finalize_object (source);
      g_assert_true (gone_in == g_thread_self ());
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/task-thread/result", test_result);
  g_test_add_func ("/task-thread/error", test_error);
  g_test_add_func ("/task-thread/cancelled", test_cancelled);
  g_test_add_func ("/task-thread/without", test_without);
  g_test_add_func ("/task-thread/held-by-nobody", test_held_by_nobody);

  return g_test_run ();
}
