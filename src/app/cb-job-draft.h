/* cb-job-draft.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "cb-job-spec.h"
#include "cb-quantity.h"

G_BEGIN_DECLS

typedef enum
{
  CB_DRAFT_QUEUE,
  CB_DRAFT_RECIPIENT,
  CB_DRAFT_MESSAGE,
  CB_DRAFT_DATA,
  CB_DRAFT_PRIORITY,
  CB_DRAFT_DELAY,
  CB_DRAFT_DATE,
  CB_DRAFT_BACKOFF,
  CB_DRAFT_TTL,
} CbDraftField;

#define CB_N_DRAFT_FIELDS 9

typedef enum
{
  CB_DRAFT_AT_ONCE,
  CB_DRAFT_AFTER_DELAY,
  CB_DRAFT_AT_DATE,
} CbDraftStart;

typedef enum
{
  CB_DRAFT_NO_BACKOFF,
  CB_DRAFT_FIXED,
  CB_DRAFT_EXPONENTIAL,
  CB_DRAFT_SAME_AS_DELAY,
} CbDraftBackoff;

/**
 * CbJobDraft:
 *
 * A job as it stands in a form: what was typed, not yet known to be right. It borrows its strings from the form.
 */
typedef struct
{
  const char    *queue;
  gboolean       is_notification;   /* recipient and message; otherwise data */
  const char    *recipient;
  const char    *message;
  const char    *data;              /* JSON */
  const char    *priority;          /* a name or a number */
  CbDraftStart   start;
  const char    *delay;
  CbUnit         delay_unit;
  const char    *date;
  const char    *time;
  int            attempts;
  CbDraftBackoff backoff;
  const char    *backoff_delay;
  CbUnit         backoff_unit;
  const char    *ttl;               /* empty: none */
  CbUnit         ttl_unit;
  gboolean       remove_on_complete;
} CbJobDraft;

/* What there is to say about each field: why it can't be used, or what will be made of it. */
typedef struct
{
  char *problems[CB_N_DRAFT_FIELDS];
  char *notes[CB_N_DRAFT_FIELDS];
} CbDraftRemarks;

void       cb_draft_remarks_clear           (CbDraftRemarks   *remarks);
CbJobSpec *cb_job_draft_check               (const CbJobDraft *self,
                                             gint64            now,
                                             GTimeZone        *zone,
                                             CbDraftRemarks   *remarks);
char      *cb_job_draft_dup_data            (const CbJobDraft *self);

gboolean   cb_is_notification_queue         (const char       *queue);
gboolean   cb_is_notification_data          (const char       *text,
                                             gssize            length,
                                             char            **recipient,
                                             char            **message);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CbDraftRemarks, cb_draft_remarks_clear)

G_END_DECLS
