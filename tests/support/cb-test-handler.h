/* cb-test-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

#define CB_TYPE_TEST_HANDLER (cb_test_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbTestHandler, cb_test_handler, CB, TEST_HANDLER, GObject)

typedef void (*CbTestScript) (CbHandlerContext *context, gpointer user_data);

/* A handler that does as it is told; fields may be set at any time, for the runs that begin then. */
struct _CbTestHandler
{
  GObject parent_instance;

  CbTestScript script;         /* (nullable) called at the beginning of a run */
  gpointer script_data;
  int msec;                    /* how long a run takes; -1: until it is cancelled or cb_test_handler_answer() */
  gboolean stubborn;           /* does not notice that it is cancelled */
  const char *result;          /* (nullable) JSON */
  const char *error;           /* (nullable) */

  guint n_runs;                /* begun */
  guint n_running;
  guint max_running;
  guint n_cancelled;
  GPtrArray *running;          /* (element-type GTask) */
};

CbTestHandler *cb_test_handler_new    (int            msec);
/* Lets all runs that are under way end. */
void           cb_test_handler_answer (CbTestHandler *self);

G_END_DECLS
