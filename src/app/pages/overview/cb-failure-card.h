/* cb-failure-card.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbFailureCard:
 *
 * Why jobs fail: the failed jobs of all queues by what their errors have in common, each group with what can be done about it. It looks at
 * a bounded number of them, and says so; at the rest when it is told to.
 *
 * Signal: `open` (CbQueue, string state, string filter): somebody wants to see the jobs of a group.
 */
#define CB_TYPE_FAILURE_CARD (cb_failure_card_get_type ())
G_DECLARE_FINAL_TYPE (CbFailureCard, cb_failure_card, CB, FAILURE_CARD, GtkWidget)

void cb_failure_card_set_session (CbFailureCard *self,
                                  CbSession     *session);
/* Looks again when something failed or was put right since, at most each few seconds; @now: by the jobs' clock. */
void cb_failure_card_update      (CbFailureCard *self,
                                  gint64         now);
void cb_failure_card_refresh     (CbFailureCard *self);

G_END_DECLS
