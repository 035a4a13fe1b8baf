/* cb-console-builtin.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The arguments of the commands that people type most, for servers that don't tell them (before Redis 7) and users who may not ask. */
typedef struct
{
  const char *name;      /* lower case, `config|get` */
  const char *arguments;
} CbConsoleBuiltin;

extern const CbConsoleBuiltin cb_console_builtin[]; /* ends with a NULL */

G_END_DECLS
