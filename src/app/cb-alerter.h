/* cb-alerter.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-alerts.h"
#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbAlerter:
 *
 * Looks by the rules of the settings at what the board of a session knows, also while no window is seen, and sends what is to be told as
 * a notification of the desktop, which opens the place it is about.
 *
 * What it costs: nothing but for the rule about the oldest job. There the oldest of a queue is read where it may be too old, that is not
 * before the time of the rule has passed since it was read last, and again each minute while it is: of four queues each quarter of a minute
 * at most, with three commands or so each.
 */
#define CB_TYPE_ALERTER (cb_alerter_get_type ())
G_DECLARE_FINAL_TYPE (CbAlerter, cb_alerter, CB, ALERTER, GObject)

/* That of the session, made with the first question and gone with it. (transfer none) */
CbAlerter *cb_alerter_get            (CbSession   *session);
void       cb_alerter_set_n_problems (CbAlerter   *self,
                                      guint        n_problems);
/* Sends what a rule would send, with invented figures; FALSE: nobody would show it. */
gboolean   cb_alerter_try            (CbAlerter   *self,
                                      CbAlertKind  kind);
/* At once what is looked at now and then. */
void       cb_alerter_look           (CbAlerter   *self);

G_END_DECLS
