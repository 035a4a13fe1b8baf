/* cb-server-check.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

typedef enum
{
  CB_SERVER_CHECK_NAME,
  CB_SERVER_CHECK_REACH,
  CB_SERVER_CHECK_LOGIN,
  CB_SERVER_CHECK_SERVER,
  CB_SERVER_CHECK_RIGHTS,
  CB_SERVER_CHECK_QUEUES,
  CB_SERVER_CHECK_N_STEPS,
} CbServerCheckStep;

typedef enum
{
  CB_VERDICT_WAITING,  /* its turn has not come */
  CB_VERDICT_RUNNING,
  CB_VERDICT_GOOD,
  CB_VERDICT_PARTLY,   /* usable, but not for everything */
  CB_VERDICT_BAD,      /* what stands behind it was not tried */
} CbVerdict;

/**
 * CbServerCheck:
 *
 * Tries a server, step by step, by a connection of its own that writes nothing.
 *
 * Signals: `step` (step: int, verdict: int, text: string): a step is in another state; text says what was found, or what is wrong
 * and what to do about it. `ended`: nothing comes any more.
 */
#define CB_TYPE_SERVER_CHECK (cb_server_check_get_type ())
G_DECLARE_FINAL_TYPE (CbServerCheck, cb_server_check, CB, SERVER_CHECK, GObject)

/* @prefix (nullable): of the queues that count; any with NULL, and what this user may do is judged by "q" then. */
CbServerCheck *cb_server_check_new    (CbAddress         *address,
                                       const char        *prefix);
void           cb_server_check_start  (CbServerCheck     *self);   /* once */
/* No signal comes after it. */
void           cb_server_check_cancel (CbServerCheck     *self);
const char    *cb_server_check_get_title (CbServerCheckStep  step);

G_END_DECLS
