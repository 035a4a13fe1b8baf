/* cb-message-filter.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

/*
 * CbMessageFilter:
 *
 * Words that are looked for in the channel and the payload: all of them must be there, one with a minus before it must not. Case is
 * ignored for ASCII letters. Quotes hold blanks together; \xNN, \n, \r, \t, \\ and \" stand for bytes, so that
 * anything can be looked for in anything.
 */
typedef struct _CbMessageFilter CbMessageFilter;

/* Whether what has this channel and payload is shown. */
typedef gboolean (*CbMessageFilterFunc) (const CbValue *channel,
                                         const CbValue *payload,
                                         gpointer       user_data);

CbMessageFilter *cb_message_filter_new     (const char      *text,
                                            GError         **error);
/* One that decides by itself. Never fails. */
CbMessageFilter *cb_message_filter_new_func (CbMessageFilterFunc func,
                                            gpointer         user_data,
                                            GDestroyNotify   destroy);
void             cb_message_filter_free    (CbMessageFilter *self);
gboolean         cb_message_filter_matches (CbMessageFilter *self,
                                            const CbValue   *channel,
                                            const CbValue   *payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbMessageFilter, cb_message_filter_free)

G_END_DECLS
