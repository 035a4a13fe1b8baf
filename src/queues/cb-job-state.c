/* cb-job-state.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-state.h"

G_DEFINE_ENUM_TYPE (CbJobMeaning, cb_job_meaning,
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_ACTIVE, "active"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_DELAYED, "delayed"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (CB_JOB_MEANING_COMPLETE, "complete"))
