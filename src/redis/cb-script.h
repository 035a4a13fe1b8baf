/* cb-script.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CbScript:
 *
 * A Lua script for the server, known by its SHA-1. A connection loads it before the first use of a session and
 * again when the server has forgotten it (NOSCRIPT), so a caller never sees that error.
 *
 * Scripts are made once and live as long as the program.
 */
typedef struct _CbScript CbScript;

CbScript   *cb_script_new        (const char *name,
                                  const char *source);
const char *cb_script_get_name   (CbScript   *self);
const char *cb_script_get_source (CbScript   *self);
const char *cb_script_get_sha    (CbScript   *self);
/* Whether its first line (`#!lua flags=no-writes`) makes the server refuse every write in it. */
gboolean    cb_script_get_reads_only (CbScript *self);

G_END_DECLS
