/* cb-publish-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbPublishBar:
 *
 * Publishes a message now, after a delay, or again and again. Properties (read-only): outcome (string, nullable: a sentence on how
 * many received it, or on what is to come), failed (boolean: the outcome is an error).
 */
#define CB_TYPE_PUBLISH_BAR (cb_publish_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbPublishBar, cb_publish_bar, CB, PUBLISH_BAR, GtkWidget)

void        cb_publish_bar_set_connection (CbPublishBar *self,
                                           CbConnection *connection);
/* Why this user may not publish, a sentence; NULL: may, or it is not known. */
void        cb_publish_bar_set_refusal    (CbPublishBar *self,
                                           const char   *refusal);
/* Where nothing is written yet. */
void        cb_publish_bar_suggest        (CbPublishBar *self,
                                           const char   *channel);
const char *cb_publish_bar_get_outcome    (CbPublishBar *self);
gboolean    cb_publish_bar_get_failed     (CbPublishBar *self);

G_END_DECLS
