/* cb-gate.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CbGate:
 *
 * Stands before everything that a worker asks of its server. It is open until the server is away or refuses to be
 * written to; from then on whoever wants through waits, and one of them a second is let through as a probe. The first
 * one that gets an answer opens the gate for all.
 *
 * So a hundred slots with an outcome to tell and a server that can't save make one attempt a second, not a hundred, and
 * the reason is told once.
 *
 * Properties: problem (string, nullable): why it is closed.
 */
#define CB_TYPE_GATE (cb_gate_get_type ())
G_DECLARE_FINAL_TYPE (CbGate, cb_gate, CB, GATE, GObject)

typedef void (*CbGateFunc) (gpointer owner);

CbGate     *cb_gate_new         (void);
gboolean    cb_gate_is_open     (CbGate       *self);
const char *cb_gate_get_problem (CbGate       *self);
void        cb_gate_wait        (CbGate       *self,
                                 CbGateFunc    func,
                                 gpointer      owner);
void        cb_gate_forget      (CbGate       *self,
                                 gpointer      owner);
void        cb_gate_open        (CbGate       *self);
void        cb_gate_shut        (CbGate       *self,
                                 const GError *reason);
void        cb_gate_hurry       (CbGate       *self);

gboolean    cb_gate_is_lasting  (CbGate       *self);

gboolean    cb_error_is_lasting (const GError *error);
gboolean    cb_error_is_outage  (const GError *error);

G_END_DECLS
