/* cb-kue-keys.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The names of Kue's keys (kue 0.11.6, lib/queue/job.js and lib/redis.js). All are transfer full. */
char *cb_kue_key        (const char *prefix,
                         const char *name);       /* P:name: ids, jobs, job:types, events, stats:work-time… */
char *cb_kue_key_job    (const char *prefix,
                         const char *id);         /* P:job:ID */
char *cb_kue_key_log    (const char *prefix,
                         const char *id);         /* P:job:ID:log */
char *cb_kue_key_set    (const char *prefix,
                         const char *queue,       /* nullable */
                         const char *state);      /* nullable; P:jobs, P:jobs:S, P:jobs:T:S */
char *cb_kue_key_tokens (const char *prefix,
                         const char *queue);      /* P:T:jobs */
/* A key of our own beside Kue's. */
char *cb_kue_key_leases (const char *prefix);     /* P:callboard:leases */

gboolean cb_kue_id_check       (const char *id);
char    *cb_kue_zid            (const char *id);
char    *cb_kue_id_from_member (const char *member,
                                gsize       length,
                                gboolean   *canonical);
GStrv    cb_kue_misspellings   (const char *id);

G_END_DECLS
