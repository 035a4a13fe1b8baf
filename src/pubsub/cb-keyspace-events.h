/* cb-keyspace-events.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/*
 * Keyspace notifications: what happens to keys, as messages. They are off until `notify-keyspace-events` says which classes are wanted,
 * a word of letters, and are told on two kinds of channels: `__keyspace@DB__:KEY` (K), whose message is the event, and
 * `__keyevent@DB__:EVENT` (E), whose message is the key. Source: the documentation of Redis, “Redis keyspace notifications”, and notify.c.
 */
typedef struct
{
  char letter;
  const char *meaning; /* untranslated, N_() */
} CbKeyspaceClass;

/* In the order in which Redis says them; ended by one without a meaning. */
extern const CbKeyspaceClass cb_keyspace_classes[];

/* All of @flags and @more, A spelled out; (transfer full). */
char    *cb_keyspace_flags_merge        (const char          *flags,
                                         const char          *more);
/* Whether anything is told: a kind of channel and a class are needed. */
gboolean cb_keyspace_flags_are_on       (const char          *flags);
/* Whether all that @wanted tells is told already. */
gboolean cb_keyspace_flags_cover        (const char          *flags,
                                         const char          *wanted);

/* What CONFIG GET says; an error where this user may not ask. */
void     cb_keyspace_events_get_async   (CbConnection        *connection,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
char    *cb_keyspace_events_get_finish  (CbConnection        *connection,
                                         GAsyncResult        *result,
                                         GError             **error);
/* CONFIG SET. Until the server ends: it is not written into its file. */
void     cb_keyspace_events_set_async   (CbConnection        *connection,
                                         const char          *flags,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean cb_keyspace_events_set_finish  (CbConnection        *connection,
                                         GAsyncResult        *result,
                                         GError             **error);

G_END_DECLS
