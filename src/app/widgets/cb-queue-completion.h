/* cb-queue-completion.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbQueueCompletion:
 *
 * The known queues whose name has in it what is typed, below the field; chosen with a click, or with Down and Enter.
 */
#define CB_TYPE_QUEUE_COMPLETION (cb_queue_completion_get_type ())
G_DECLARE_FINAL_TYPE (CbQueueCompletion, cb_queue_completion, CB, QUEUE_COMPLETION, GtkPopover)

GtkWidget *cb_queue_completion_new      (GtkEditable       *editable,
                                         GListModel        *queues);
void       cb_queue_completion_show_all (CbQueueCompletion *self);

G_END_DECLS
