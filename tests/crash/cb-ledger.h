/* cb-ledger.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What became of each job, read out of the append-only file of a server that was never told to rewrite it: every write that
 * was ever carried out stands there in order, whoever was killed and whether or not anybody heard an answer.
 *
 * Who changed a state is told by the form: Kue sets the field `state` alone, a script of ours sets it with others.
 */
typedef struct
{
  guint    n_completed;       /* times it became complete, or was removed as that while it was active */
  guint    n_completed_by_kue;
  guint    n_claims;          /* times a worker of ours took it */
  guint    n_kue_starts;
  guint    n_reopened;        /* times a complete job was given another state… */
  guint    n_reopened_by_us;  /* …and of these by one of us */
  guint    n_expired_by_kue;  /* …and of these failed by Kue as over its time to live */
  guint    n_completed_twice_by_us;
  guint    n_failed_by_kue;   /* times Kue gave it the state `failed` */
  guint    n_lost_by_kue;     /* times Kue took it out of the waiting ones by its place, and it came back without having been begun */
  gboolean is_in_kues_hand;   /* it has been taken out like that, and not begun */
  gboolean is_kues;           /* Kue created it, took it or changed its state: any other was never touched but by scripts of ours */
  gboolean is_expiring;       /* Kue has just said that it is over its time */
  gboolean had_data;          /* as every job has whose creation was not cut short… */
  gboolean had_type;          /* …and this */
  GString *history;           /* (owned) for whoever has to find out */
} CbLedgerJob;

typedef struct _CbLedger CbLedger;

CbLedger          *cb_ledger_read       (const char *directory);   /* of the append-only file; the server has ended */
void               cb_ledger_free       (CbLedger   *self);
guint              cb_ledger_get_max_id (CbLedger   *self);
const CbLedgerJob *cb_ledger_get        (CbLedger   *self,
                                         guint       id);          /* (nullable) never heard of */
guint64            cb_ledger_get_n_commands (CbLedger *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbLedger, cb_ledger_free)

G_END_DECLS
