/* cb-handlers.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/* The registry: one line a handler. */
typedef struct
{
  const char *name;
  const char *title;              /* untranslated, N_() */
  const char *description;        /* untranslated, N_() */
  GType     (*get_type) (void);
  gboolean    needs_settings;     /* does nothing but fail before they are set */
} CbHandlerType;

/* Those that work as they are. */
const CbHandlerType *cb_handlers_get_types     (guint      *n_types);
/* Also those that have to be told something first. */
const CbHandlerType *cb_handlers_get_all_types (guint      *n_types);
CbHandler           *cb_handlers_create        (const char *name,
                                                GError    **error);   /* CB_WORKER_ERROR_HANDLER for an unknown one */

G_END_DECLS
