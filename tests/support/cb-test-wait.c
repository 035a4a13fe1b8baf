/* cb-test-wait.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-test-wait.h"

#define BOUND_USEC (60 * G_USEC_PER_SEC)

gint64
cb_test_wait_begin (void)
{
  return g_get_monotonic_time () + BOUND_USEC;
}

static gboolean
tick_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* One turn of the main context, of at most 10 ms: the condition may be about the world outside. */
static void
turn (void)
{
  GMainContext *context = g_main_context_get_thread_default ();
  gboolean ticked = FALSE;
  GSource *tick = g_timeout_source_new (10);

  g_source_set_callback (tick, tick_cb, &ticked, NULL);
  g_source_attach (tick, context);
  g_main_context_iteration (context, TRUE);
  g_source_destroy (tick);
  g_source_unref (tick);
}

void
cb_test_wait_step (gint64      deadline,
                   const char *condition,
                   const char *file,
                   int         line,
                   const char *function)
{
  if (g_get_monotonic_time () > deadline)
    {
      g_autofree char *message = g_strdup_printf ("waited in vain for: %s", condition);

      g_assertion_message (G_LOG_DOMAIN, file, line, function, message);
    }
  turn ();
}

void
cb_test_store_result (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  GAsyncResult **stored = user_data;

  g_assert_null (*stored);
  *stored = g_object_ref (result);
}

GAsyncResult *
cb_test_wait_result (GAsyncResult **result)
{
  cb_test_wait_until (*result != NULL);
  return *result;
}

void
cb_test_settle (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}

void
cb_test_run_for (guint msec)
{
  gint64 end = g_get_monotonic_time () + msec * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < end)
    turn ();
}

guint
cb_test_get_seconds (gint64 began)
{
  return (guint) ((g_get_monotonic_time () - began) / G_USEC_PER_SEC) + 1;
}
