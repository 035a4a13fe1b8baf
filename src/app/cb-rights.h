/* cb-rights.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* What the window offers to do, and a server or its user may refuse. */
typedef enum
{
  CB_RIGHT_CHANGE_JOBS,     /* of a prefix: create them too */
  CB_RIGHT_CHANGE_KEYS,     /* some key at least: which ones is not asked */
  CB_RIGHT_PUBLISH,         /* to some channel at least */
  CB_N_RIGHTS
} CbRight;

/**
 * CbRights:
 *
 * What can't be done over a connection, as far as that is known beforehand: because the connection is read-only, or because the ACL
 * of its user forbids it, which is found out by ACL DRYRUN (Redis 7), so that nothing is done. Where the server has no such command,
 * or this user may not ask, nothing counts as refused, and it shows when it is tried.
 *
 * Signal `changed`: something may be refused, or may be no longer.
 */
#define CB_TYPE_RIGHTS (cb_rights_get_type ())
G_DECLARE_FINAL_TYPE (CbRights, cb_rights, CB, RIGHTS, GObject)

CbRights   *cb_rights_new         (CbConnection *connection);
/* @prefix: of the jobs (nullable: Kue's usual one). Why, a sentence for people; NULL when it may be done, or is not known (yet). What a
 * prefix may is asked for with the first call. (transfer none): until `changed`. */
const char *cb_rights_get_refusal (CbRights     *self,
                                   CbRight       right,
                                   const char   *prefix);

G_END_DECLS
