/* cb-console-link.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"
#include "cb-resp.h"

G_BEGIN_DECLS

/*
 * CbConsoleLink:
 *
 * One socket on which words go out and replies of either version of the protocol come in, as they are. It neither lets itself in nor
 * tries again. The owner's functions are called from the main context; each may close the link and let go of it.
 */
typedef struct _CbConsoleLink CbConsoleLink;

typedef struct
{
  void (*connected) (gpointer      user_data);
  void (*reply)     (CbResp       *reply,      /* transfer full */
                     gpointer      user_data);
  void (*closed)    (const GError *error,      /* nothing is called after it */
                     gpointer      user_data);
} CbConsoleLinkFuncs;

CbConsoleLink *cb_console_link_new        (CbAddress                *address,
                                           guint                     timeout_msec,
                                           const CbConsoleLinkFuncs *funcs,
                                           gpointer                  user_data);
CbConsoleLink *cb_console_link_ref        (CbConsoleLink            *self);
void           cb_console_link_unref      (CbConsoleLink            *self);
void           cb_console_link_send       (CbConsoleLink            *self,
                                           GPtrArray                *words);
void           cb_console_link_send_words (CbConsoleLink            *self,
                                           const char               *word,
                                           ...) G_GNUC_NULL_TERMINATED;
/* Whether what comes next comes without end. */
void           cb_console_link_set_patient (CbConsoleLink           *self,
                                           gboolean                  patient);
/* How much of one reply is kept, in bytes. */
void           cb_console_link_set_most    (CbConsoleLink           *self,
                                           gsize                     most_bytes);
/* Nothing more is sent: what the server has answered still comes, and then its end. */
void           cb_console_link_hang_up    (CbConsoleLink            *self);
/* Ends it without a word. Idempotent. */
void           cb_console_link_close      (CbConsoleLink            *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbConsoleLink, cb_console_link_unref)

G_END_DECLS
