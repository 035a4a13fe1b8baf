/* cb-link.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-command.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/*
 * CbLink:
 *
 * One connected socket: commands are written to it and replies come out of it, in order. What belongs to what
 * is the business of its owner.
 *
 * The owner's functions are called from the main context and from cb_link_read(). Each may close the link and let
 * go of it.
 */
typedef struct _CbLink CbLink;

typedef struct
{
  void (*reply)  (CbReply      *reply,      /* transfer full */
                  gpointer      user_data);
  void (*failed) (const GError *error,      /* LOST or PROTOCOL; nothing is called after it */
                  gpointer      user_data);
} CbLinkFuncs;

CbLink  *cb_link_new               (GSocketConnection *io,
                                    const char        *label,
                                    const CbLinkFuncs *funcs,
                                    gpointer           user_data);
CbLink  *cb_link_ref               (CbLink            *self);
void     cb_link_unref             (CbLink            *self);

void     cb_link_send              (CbLink            *self,
                                    CbCommand         *command,
                                    gboolean           whole_script,
                                    gboolean           read_only);
/* Handles what has come, as the main loop would. Returns whether there is more. */
gboolean cb_link_read              (CbLink            *self);
/* Ends it from both sides; the owner is told from the main loop. */
void     cb_link_cut               (CbLink            *self);
void     cb_link_hang_up           (CbLink            *self);
void     cb_link_flush             (CbLink            *self);
/* Ends it without a word. Idempotent. */
void     cb_link_close             (CbLink            *self);
gint64   cb_link_get_last_received (CbLink            *self); /* µs monotonic */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbLink, cb_link_unref)

G_END_DECLS
