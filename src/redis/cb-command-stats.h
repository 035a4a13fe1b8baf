/* cb-command-stats.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-command.h"

G_BEGIN_DECLS

/* What was sent under one name. */
typedef struct
{
  const char *name;           /* upper case, with the subcommand where it has one: "CONFIG GET"; of a script its name */
  gboolean    is_script;
  guint64     n_sent;
  guint64     n_replies;
  guint64     n_errors;       /* of the replies */
  guint64     n_bytes;        /* of the replies, without their framing */
  gint64      total_usec;     /* from sending to the reply, all of them; what waited behind others waited too */
  gint64      longest_usec;
} CbCommandFigures;

/**
 * CbCommandStats:
 *
 * Every command that a connection and its siblings have sent, by name, with its cost. Never an argument. Bounded: the first 255 names have
 * figures of their own, all others share those of the name "…". Counted.
 */
typedef struct _CbCommandStats CbCommandStats;

CbCommandStats         *cb_command_stats_new        (void);
CbCommandStats         *cb_command_stats_ref        (CbCommandStats         *self);
void                    cb_command_stats_unref      (CbCommandStats         *self);

/* In the order in which the names were first sent. What is returned stays as long as @self, and goes on counting. */
guint                   cb_command_stats_get_length (CbCommandStats         *self);
const CbCommandFigures *cb_command_stats_get        (CbCommandStats         *self,
                                                     guint                   index);

/* For the exchange: one was sent; its reply has come. */
CbCommandFigures       *cb_command_stats_count      (CbCommandStats         *self,
                                                     CbCommand              *command);
CbCommandFigures       *cb_command_stats_count_word (CbCommandStats         *self,
                                                     const char             *name);
void                    cb_command_figures_take     (CbCommandFigures       *self,
                                                     gint64                  usec,
                                                     gsize                   n_bytes,
                                                     gboolean                is_error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCommandStats, cb_command_stats_unref)

G_END_DECLS
