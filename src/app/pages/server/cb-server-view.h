/* cb-server-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-panel.h"
#include "cb-server-rights.h"
#include "cb-server-watch.h"

G_BEGIN_DECLS

/**
 * CbServerView:
 *
 * A part of the page of a server that asks for something of its own and shows it in a panel. It asks while it is on screen, one question at a
 * time, and says why it is refused.
 */
#define CB_TYPE_SERVER_VIEW (cb_server_view_get_type ())
G_DECLARE_DERIVABLE_TYPE (CbServerView, cb_server_view, CB, SERVER_VIEW, AdwBin)

struct _CbServerViewClass
{
  AdwBinClass parent_class;

  guint interval_msec;            /* between questions; 0: only when it comes on screen, or is refreshed */
  /* What is asked (transfer full); NULL for nothing, after it was told why. */
  CbPipeline *(*ask) (CbServerView *self);
  /* The replies; errors of single commands stand among them. */
  void (*take) (CbServerView *self, GPtrArray *replies);
  /* What may be done has changed. */
  void (*update_rights) (CbServerView *self);
};

/* @watch: what is known of the server anyway. Once. */
void           cb_server_view_set_connection (CbServerView  *self,
                                              CbConnection  *connection,
                                              CbServerWatch *watch);
CbConnection  *cb_server_view_get_connection (CbServerView  *self);  /* nullable */
CbServerWatch *cb_server_view_get_watch      (CbServerView  *self);  /* nullable */
/* @panel: taken; it becomes the child. */
void           cb_server_view_set_panel      (CbServerView  *self,
                                              CbServerPanel *panel);
CbServerPanel *cb_server_view_get_panel      (CbServerView  *self);
/* Asks now, where it is on screen. */
void           cb_server_view_refresh        (CbServerView  *self);
/* Why that may not be done; NULL where it may, or nobody knows. */
const char    *cb_server_view_get_refusal    (CbServerView  *self,
                                              CbServerRight  right);
/* Sends what changes something, says @done or why it was refused, and asks again. @command is taken. */
void           cb_server_view_run            (CbServerView  *self,
                                              CbCommand     *command,
                                              const char    *done);
/* Whether that reply is an error; it is then said in the panel. */
gboolean       cb_server_view_is_refused     (CbServerView  *self,
                                              const char    *command,
                                              CbReply       *reply);

G_END_DECLS
