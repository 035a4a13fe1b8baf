/* cb-monitor.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-message-list.h"

G_BEGIN_DECLS

/* How far it may fall behind the server, which keeps for us what we have not read. Later than the first it is only while so much was
 * read that was late: a computer that stood still for a while has soon read what little a server did meanwhile. */
#define CB_MONITOR_MOST_LAG_USEC (10 * G_USEC_PER_SEC)
#define CB_MONITOR_MOST_LATE_BYTES (1024 * 1024)

typedef enum
{
  CB_MONITOR_STOPPED,
  CB_MONITOR_STARTING,
  CB_MONITOR_RUNNING,
} CbMonitorState;

/* One line of MONITOR, in parts of itself. */
typedef struct
{
  gint64      time;         /* µs since 1970 UTC, by the server's clock */
  const char *client;       /* "127.0.0.1:60866", "lua", "unix:/path" */
  gsize       client_length;
  const char *words;        /* "\"set\" \"a\" \"\\x00\"": quoted by the server, as redis-cli takes them */
  gsize       words_length;
  guint       db;
} CbMonitorLine;

/**
 * CbMonitor:
 *
 * Every command that a server is given by anybody, as MONITOR tells it, over a connection of its own. It begins when it is told to and never
 * by itself, also not after a loss; and it ends by itself where the server runs ahead of it, since that would fill the server's memory.
 *
 * What comes is in a #CbMessageList, as messages on the channel "DB CLIENT". Signal: `changed`, once a second while it runs, too.
 */
#define CB_TYPE_MONITOR (cb_monitor_get_type ())
G_DECLARE_FINAL_TYPE (CbMonitor, cb_monitor, CB, MONITOR, GObject)

CbMonitor      *cb_monitor_new          (CbConnection     *connection);
void            cb_monitor_start        (CbMonitor        *self);
/* At once, whatever the server does. Idempotent. */
void            cb_monitor_stop         (CbMonitor        *self);
CbMonitorState  cb_monitor_get_state    (CbMonitor        *self);
const char     *cb_monitor_get_problem  (CbMonitor        *self); /* (nullable) why it ended by itself, a sentence */
CbMessageList  *cb_monitor_get_messages (CbMonitor        *self); /* (transfer none) */
double          cb_monitor_get_rate     (CbMonitor        *self); /* lines a second */

gboolean        cb_monitor_line_parse   (const char       *text,
                                         gsize             length,
                                         CbMonitorLine    *line);
/* Appends the line as redis-cli prints it, with its line break. */
void            cb_monitor_line_write   (GString          *out,
                                         const CbHeard    *heard);
/* What is looked for. Each may be NULL or "" for all. @command: names with blanks between them, * and ? stand for anything. @argument: a part of what
 * stands behind the name, as it is shown. @client: a part of its address. @db: a number. (transfer full) (nullable): NULL shows all. */
CbMessageFilter *cb_monitor_filter_new  (const char       *command,
                                         const char       *argument,
                                         const char       *client,
                                         const char       *db);
/* The parts of a message of its list; text between quotes, valid as long as the message. */
gboolean        cb_monitor_heard_split  (const CbHeard    *heard,
                                         CbMonitorLine    *line);

G_END_DECLS
