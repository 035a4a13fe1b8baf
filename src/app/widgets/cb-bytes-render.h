/* cb-bytes-render.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-bytes.h"

G_BEGIN_DECLS

/* How much text is laid out at most, and how long a line of it may be. */
#define CB_BYTES_RENDER_MOST (512 * 1024)
#define CB_BYTES_RENDER_LINE (16 * 1024)

/* Bytes as they are put on screen. */
typedef struct
{
  CbBytesView view;
  char *reason;     /* (nullable) why it was guessed, untranslated */
  char *text;       /* (nullable) valid UTF-8 */
  GError *error;    /* (nullable) why there is no text */
  gboolean cut;     /* it is only the beginning */
  gboolean folded;  /* its lines have breaks that are not in the bytes */
} CbBytesRender;

void           cb_bytes_render_free   (CbBytesRender       *self);
/* @view: (nullable): NULL to guess. By another thread. */
void           cb_bytes_render_async  (GBytes              *bytes,
                                       const CbBytesView   *view,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data);
CbBytesRender *cb_bytes_render_finish (GAsyncResult        *result,
                                       GError             **error);
CbBytesRender *cb_bytes_render        (GBytes              *bytes,
                                       const CbBytesView   *view);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbBytesRender, cb_bytes_render_free)

G_END_DECLS
