/* cb-kue-job-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-kue-private.h"

#include <string.h>

static void
add (GPtrArray *keys,
     char      *name,   /* transfer full */
     char      *member) /* transfer full, nullable */
{
  CbJobKey *key = g_new0 (CbJobKey, 1);

  key->name = g_bytes_new_take (name, strlen (name));
  key->member = member;
  g_ptr_array_add (keys, key);
}

/* Job.prototype.update() of Kue 0.11.6 (lib/queue/job.js) puts a job into the set of all, of its state, and of its type and state. */
GPtrArray *
cb_kue_engine_list_job_keys (CbEngine          *engine,
                             const CbJobRecord *job)
{
  const char *prefix = cb_engine_get_prefix (engine);
  gboolean has_state = job->state != NULL && *job->state != '\0';
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_key_free);

  add (keys, cb_kue_key_job (prefix, job->id), NULL);
  if (job->log_length != 0)
    add (keys, cb_kue_key_log (prefix, job->id), NULL);
  add (keys, cb_kue_key_set (prefix, NULL, NULL), cb_kue_zid (job->id));
  if (has_state)
    add (keys, cb_kue_key_set (prefix, NULL, job->state), cb_kue_zid (job->id));
  if (has_state && job->queue != NULL)
    add (keys, cb_kue_key_set (prefix, job->queue, job->state), cb_kue_zid (job->id));
  return keys;
}
