/* cb-pubsub-page-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-banner.h"
#include "cb-message-detail.h"
#include "cb-publish-bar.h"
#include "cb-pubsub-page.h"
#include "cb-replay.h"
#include "cb-subscribe-bar.h"

G_BEGIN_DECLS

struct _CbPubsubPage
{
  CbPage parent_instance;

  CbPubsub *pubsub;           /* (owned) (nullable) until there is a connection */
  CbMessageList *messages;    /* (unowned) (nullable) of @pubsub */
  GtkSingleSelection *selection;
  CbReplay *replay;           /* (owned) (nullable) while one runs */
  GCancellable *replay_cancellable; /* (owned) (nullable) */
  char *replay_speed;         /* (owned) "1", "2", "10", or "0": as fast as it goes */
  char *note;                 /* (owned) (nullable) on saving and replaying */
  gboolean filtered;
  gboolean wrap;

  gboolean following;         /* the newest is in view, and stays there */
  double upper;               /* of the adjustment, when it was last looked at */
  guint frame_id;             /* a tick callback */
  guint wait_id;
  gint64 flushed_at;          /* µs monotonic */
  guint n_flushed;

  GtkWidget *panes;
  GtkStack *stack;
  CbSubscribeBar *subscribe_bar;
  GtkWidget *filter_entry;
  GtkLabel *filter_problem;
  GtkToggleButton *pause_button;
  GtkLabel *held_label;
  GtkMenuButton *channels_button;
  GtkWidget *channels_popover;
  GtkGrid *channels_grid;
  CbBanner *banner;
  GtkStack *list_stack;
  GtkScrolledWindow *scroller;
  GtkColumnView *view;
  GtkWidget *newest_button;
  CbPublishBar *publish_bar;
  GtkLabel *counts_label;
  GtkLabel *outcome_label;
  GtkWidget *stop_button;
  CbMessageDetail *detail;
};

void cb_pubsub_page_show_outcome (CbPubsubPage *self);

/* cb-pubsub-files.c */
void cb_pubsub_page_save         (CbPubsubPage *self);
void cb_pubsub_page_replay       (CbPubsubPage *self);

/* cb-pubsub-channels.c */
void cb_pubsub_page_show_channels (CbPubsubPage *self);

G_END_DECLS
