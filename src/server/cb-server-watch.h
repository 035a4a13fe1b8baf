/* cb-server-watch.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-server-finding.h"

G_BEGIN_DECLS

/**
 * CbServerWatch:
 *
 * Asks a server how it is (INFO), once a second while it runs and never while it doesn't; one question at a time. It keeps what came for five
 * minutes and says what is unusual about it. The setting `save`, which INFO doesn't tell, is asked for once a minute, and so is INFO where
 * it is refused.
 *
 * Signal: `changed`, after each answer, and when `problem` changed.
 */
#define CB_TYPE_SERVER_WATCH (cb_server_watch_get_type ())
G_DECLARE_FINAL_TYPE (CbServerWatch, cb_server_watch, CB, SERVER_WATCH, GObject)

CbServerWatch   *cb_server_watch_new          (CbConnection  *connection);
void             cb_server_watch_set_running  (CbServerWatch *self,
                                               gboolean       running);
void             cb_server_watch_refresh      (CbServerWatch *self);
CbServerInfo    *cb_server_watch_get_info     (CbServerWatch *self);  /* transfer none, nullable before the first answer */
CbServerHistory *cb_server_watch_get_history  (CbServerWatch *self);  /* transfer none */
const char      *cb_server_watch_get_save     (CbServerWatch *self);  /* the setting; nullable when it is not known */
/* Why the last question was not answered; nullable. */
const char      *cb_server_watch_get_problem  (CbServerWatch *self);
/* Transfer full; element-type CbServerFinding. Empty before the first answer. */
GPtrArray       *cb_server_watch_dup_findings (CbServerWatch *self);

/* One look without a watch: INFO and `save`, by a pipeline whose replies are given to cb_server_look_take(). */
CbPipeline      *cb_server_look_new           (gboolean       with_save);
/* @save: (out) (nullable) (transfer full): stays as it is where it was not asked for or is refused. NULL with an error when INFO was refused. */
CbServerInfo    *cb_server_look_take          (GPtrArray     *replies,
                                               char         **save,
                                               GError       **error);

G_END_DECLS
