/* cb-command.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "cb-script.h"

G_BEGIN_DECLS

/**
 * CbCommand:
 *
 * A command with its arguments: byte strings with lengths, never formatted into a line. Built up, then given
 * away to a connection or a pipeline.
 */
typedef struct _CbCommand CbCommand;

CbCommand  *cb_command_new             (const char         *name,
                                        ...) G_GNUC_NULL_TERMINATED;
CbCommand  *cb_command_new_script      (CbScript           *script,
                                        guint               n_keys,
                                        const char * const *keys);
/* The same with keys that are any bytes. */
CbCommand  *cb_command_new_script_bytes (CbScript          *script,
                                        guint               n_keys,
                                        GBytes * const     *keys);
void        cb_command_free            (CbCommand          *self);

/* Each returns its command, so that calls can be chained. */
CbCommand  *cb_command_add             (CbCommand          *self,
                                        const char         *argument);
CbCommand  *cb_command_add_bytes       (CbCommand          *self,
                                        gconstpointer       data,
                                        gsize               length);
CbCommand  *cb_command_add_gbytes      (CbCommand          *self,
                                        GBytes             *bytes);
CbCommand  *cb_command_add_int         (CbCommand          *self,
                                        gint64              number);
CbCommand  *cb_command_add_double      (CbCommand          *self,
                                        double              number);  /* shortest exact form, always a dot */

/* Safe to send again when the connection is lost before the reply: waits for the next connection. */
CbCommand  *cb_command_set_repeatable  (CbCommand          *self);
/* 0: the connection's own; -1: none, for commands that block on purpose. */
CbCommand  *cb_command_set_timeout     (CbCommand          *self,
                                        int                 timeout_msec);

const char *cb_command_get_name        (CbCommand          *self);
guint       cb_command_get_n_arguments (CbCommand          *self);
const char *cb_command_get_argument    (CbCommand          *self,
                                        guint               index,
                                        gsize              *length);
CbScript   *cb_command_get_script      (CbCommand          *self);  /* nullable */
gboolean    cb_command_get_repeatable  (CbCommand          *self);
int         cb_command_get_timeout     (CbCommand          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCommand, cb_command_free)

G_END_DECLS
