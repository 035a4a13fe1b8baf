/* cb-job-list.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-job.h"

G_BEGIN_DECLS

/**
 * CbJobList:
 *
 * A GListModel of #CbJob over an ordered set that stays on the server. Its length comes from the server's count; only the
 * pages near what was last asked for are in memory (pages of 100, at most 12 of them), the next are read while scrolling; a row that
 * is not read yet is a CbJob with loaded FALSE. When the set moves, known jobs keep their objects and items-changed
 * tells only of arrivals, departures and moves, so that a view stays where it is. A million jobs cost what a thousand cost.
 *
 * Properties: engine, queue (nullable: all), state (nullable: all), reversed, loading (the first page is on its way), problem (string,
 * nullable: the last read failed; what was loaded stays).
 */
#define CB_TYPE_JOB_LIST (cb_job_list_get_type ())
G_DECLARE_FINAL_TYPE (CbJobList, cb_job_list, CB, JOB_LIST, GObject)

CbJobList *cb_job_list_new        (CbEngine   *engine,
                                   const char *queue,
                                   const char *state,
                                   gboolean    reversed);
/* Something changed in the set: reads length and the pages in use again, at most four times a second. */
void       cb_job_list_refresh    (CbJobList  *self);
/* These jobs changed: reads those again that are in memory, folded, in one pipeline a frame. */
void       cb_job_list_touch      (CbJobList  *self,
                                   const char * const *ids);
/* The position of a job in memory; -1 when it is not there. */
gint64     cb_job_list_find       (CbJobList  *self,
                                   const char *id);
/* The job at @position when it is in memory, without asking for it; (nullable) (transfer none). */
CbJob     *cb_job_list_peek       (CbJobList  *self,
                                   guint       position);

G_END_DECLS
