/* cb-server-finding.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-history.h"

G_BEGIN_DECLS

typedef enum
{
  CB_SERVER_NOTICE,           /* worth knowing */
  CB_SERVER_WARNING,          /* will become a problem, or may lose jobs */
  CB_SERVER_ERROR,            /* is one */
} CbServerSeverity;

/* Something unusual about a server, in words. */
typedef struct
{
  const char      *name;      /* static, for scripts: "memory-full" */
  CbServerSeverity severity;
  char            *text;      /* one sentence with the figure; plain text, translated */
  char            *advice;    /* what to do; plain text, translated */
} CbServerFinding;

void        cb_server_finding_free     (CbServerFinding    *self);
const char *cb_server_severity_to_string (CbServerSeverity  severity);  /* "notice", "warning", "error" */

/* @history: (nullable): for what happens now. @save: (nullable): the setting `save`, NULL when it is not known. @now: µs since 1970 UTC by the
 * server's clock. Returns: (transfer full) (element-type CbServerFinding): what is unusual, the worst first. */
GPtrArray  *cb_server_find             (const CbServerInfo *info,
                                        CbServerHistory    *history,
                                        const char         *save,
                                        gint64              now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerFinding, cb_server_finding_free)

G_END_DECLS
