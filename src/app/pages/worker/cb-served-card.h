/* cb-served-card.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-serving.h"

G_BEGIN_DECLS

/* One queue that is or may be served: the switch, how it is served, and what its slots do now. */
#define CB_TYPE_SERVED_CARD (cb_served_card_get_type ())
G_DECLARE_FINAL_TYPE (CbServedCard, cb_served_card, CB, SERVED_CARD, AdwBin)

GtkWidget     *cb_served_card_new        (CbServing     *serving,
                                          CbServedQueue *served);
/* @refusal: (nullable): why nothing may be served here */
void           cb_served_card_set_refusal (CbServedCard  *self,
                                           const char    *refusal);
CbServedQueue *cb_served_card_get_served (CbServedCard  *self);

G_END_DECLS
