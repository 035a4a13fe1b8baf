/* cb-publication.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-subscriber.h"

G_BEGIN_DECLS

typedef struct
{
  GBytes *channel;      /* (owned) */
  GBytes *payload;      /* (owned) */
  gboolean sharded;     /* SPUBLISH */
  gint64 delay_msec;    /* before the first */
  gint64 interval_msec; /* between two, at least 1 */
  guint64 n_times;      /* 0: until it is stopped */
} CbPublicationPlan;

/**
 * CbPublication:
 *
 * A message that is published now, after a delay, or again and again. A beat that comes while CB_PUBLICATION_MAX_ASKED are not answered is
 * passed over, so that a slow server is not buried.
 *
 * Signals: `sent` (receivers: gint64): one was answered; `ended` (error: GError, nullable): no more comes.
 */
#define CB_TYPE_PUBLICATION (cb_publication_get_type ())
G_DECLARE_FINAL_TYPE (CbPublication, cb_publication, CB, PUBLICATION, GObject)

#define CB_PUBLICATION_MAX_ASKED 100

/* @plan is copied. */
CbPublication *cb_publication_new           (CbConnection            *connection,
                                             const CbPublicationPlan *plan);
void           cb_publication_start         (CbPublication           *self);
/* No more is sent; what is under way is answered. Idempotent. */
void           cb_publication_stop          (CbPublication           *self);
gboolean       cb_publication_get_running   (CbPublication           *self);
guint64        cb_publication_get_n_sent    (CbPublication           *self); /* answered without an error */
gint64         cb_publication_get_receivers (CbPublication           *self); /* of the last; -1 before it */
gint64         cb_publication_get_due       (CbPublication           *self); /* of the next, µs monotonic; 0 for none */

/* The command that publishes one message. */
CbCommand     *cb_publish_command_new       (gboolean                 sharded,
                                             GBytes                  *channel,
                                             GBytes                  *payload);

G_END_DECLS
