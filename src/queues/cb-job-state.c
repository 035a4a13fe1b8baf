/* cb-job-state.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-state.h"

#include <string.h>

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (CbJobMeaning, cb_job_meaning,
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_ACTIVE, "active"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_DELAYED, "delayed"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_COMPLETE, "complete"))

/**
 * cb_job_state_get_label:
 * @name: an engine's word
 *
 * A record knows only its engine's word for its state, and a row has to be shown without asking the engine.
 *
 * Returns: (transfer none) (nullable): translated; %NULL for a word that is to be shown as it is
 */
const char *
cb_job_state_get_label (const char *name)
{
  static const struct
  {
    const char *name;
    const char *label;
  } labels[] = {
    { "inactive", N_("Queued") },
    { "active", N_("Active") },
    { "delayed", N_("Delayed") },
    { "failed", N_("Failed") },
    { "complete", N_("Complete") },
  };

  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      if (strcmp (labels[i].name, name) == 0)
        return _(labels[i].label);
    }

  return NULL;
}
