/* cb-test-wait.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs the main context until @condition holds; fails the test when it does not within a minute. */
#define cb_test_wait_until(condition)                                             \
  G_STMT_START                                                                    \
  {                                                                               \
    gint64 cb_deadline_ = cb_test_wait_begin ();                                  \
    while (!(condition))                                                          \
      cb_test_wait_step (cb_deadline_, #condition, __FILE__, __LINE__, G_STRFUNC); \
  }                                                                               \
  G_STMT_END

/* Like g_assert_finalize_object(), for what a thread of the pool may hold for a moment after it has answered. */
#define cb_test_assert_finalized_soon(object)                  \
  G_STMT_START                                                 \
  {                                                            \
    gpointer cb_object_ = (object);                            \
    g_object_add_weak_pointer (cb_object_, &cb_object_);       \
    g_object_unref (cb_object_);                               \
    cb_test_wait_until (g_atomic_pointer_get (&cb_object_) == NULL); \
  }                                                            \
  G_STMT_END

/* A GAsyncReadyCallback for `GAsyncResult *result`: keeps the result where @user_data points. */
void          cb_test_store_result (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data);
GAsyncResult *cb_test_wait_result  (GAsyncResult **result); /* until there is one; transfer none */

/* Runs what is due now in the main context, and nothing that must be waited for. */
void          cb_test_settle       (void);
/* Runs the main context for so long: only where the test is that nothing happens. */
void          cb_test_run_for      (guint         msec);

/* Seconds that have begun since then, by g_get_monotonic_time(): how often what comes once a second may have come, however long the
 * machine took. */
guint         cb_test_get_seconds  (gint64        began);

gint64        cb_test_wait_begin   (void);
void          cb_test_wait_step    (gint64        deadline,
                                    const char   *condition,
                                    const char   *file,
                                    int           line,
                                    const char   *function);

G_END_DECLS
