/* cb-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler-context.h"

G_BEGIN_DECLS

/**
 * CbHandler:
 *
 * Does the work that one job asks for. An implementation has its settings as properties and is used for many jobs at
 * once. Not to finish is not an option: when the context's cancellable is triggered (time-out, taken away, stop), it must
 * answer soon.
 */
#define CB_TYPE_HANDLER (cb_handler_get_type ())
G_DECLARE_INTERFACE (CbHandler, cb_handler, CB, HANDLER, GObject)

struct _CbHandlerInterface
{
  GTypeInterface g_iface;

  const char *name;      /* "notify" */
  const char *title;     /* untranslated, N_() */

  void    (*run_async)  (CbHandler *self, CbHandlerContext *context, GAsyncReadyCallback callback, gpointer user_data);
  /* The result as JSON, or NULL for none; an error fails the job with its message. Transfer full. */
  GBytes *(*run_finish) (CbHandler *self, GAsyncResult *result, GError **error);
};

const char *cb_handler_get_name   (CbHandler            *self);
const char *cb_handler_get_title  (CbHandler            *self);
void        cb_handler_run_async  (CbHandler            *self,
                                   CbHandlerContext     *context,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
gboolean    cb_handler_run_finish (CbHandler            *self,
                                   GAsyncResult         *result,
                                   GBytes              **result_json,
                                   GError              **error);

G_END_DECLS
