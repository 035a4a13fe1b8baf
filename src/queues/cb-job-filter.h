/* cb-job-filter.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/**
 * CbJobFilter:
 *
 * Which jobs are meant, as a person writes it into one line. All terms must hold; `-` in front of one means that it must not.
 *
 *     word  "two words"      in the data, the error or the type, or the job's id; upper and lower case are the same
 *     type:email             the type; `*` stands for anything, here and below
 *     state:failed           the engine's word for it
 *     id:17
 *     error:"mailbox full"   in the last error (the same as error~…); error:* for any
 *     cause:"Phone number # is blacklisted"   what is left of the error without numbers, ids and addresses (cb-failure-cause.h), exactly
 *     worker:host-a          in the name of the worker that had it last
 *     data.to:ada*           a member of the data, or of its members (data.user.name); data.to~ada for a part of it,
 *                            data.size>=3 and so on for numbers; result… in the same way
 *     priority:high          or a number, or priority<0
 *     attempts>=3            runs made; progress>50
 *     age>2h                 since it was made; idle>1d since it was changed last; ms, s, m, h, d, w
 *     duration>500ms         of the last successful run; delay>1h
 *
 * Immutable. Nothing in it is a regular expression.
 */
typedef struct _CbJobFilter CbJobFilter;

/* CB_QUEUE_ERROR_INVALID: a sentence, translated. @at, @length (nullable): which bytes of @text are meant. An empty text is a filter
 * that everything passes. */
CbJobFilter *cb_job_filter_parse     (const char   *text,
                                      gsize        *at,
                                      gsize        *length,
                                      GError      **error);
CbJobFilter *cb_job_filter_copy      (CbJobFilter  *self);
void         cb_job_filter_free      (CbJobFilter  *self);

/* @now: µs since 1970 UTC by the clock that jobs are stamped with. */
gboolean     cb_job_filter_matches   (CbJobFilter  *self,
                                      CbJobRecord  *record,
                                      gint64        now);
gboolean     cb_job_filter_is_empty  (CbJobFilter  *self);
/* The one type, or state, that all it lets pass have, so that no others need be looked at; NULL when there may be several. */
const char  *cb_job_filter_get_queue (CbJobFilter  *self);
const char  *cb_job_filter_get_state (CbJobFilter  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobFilter, cb_job_filter_free)

G_END_DECLS
