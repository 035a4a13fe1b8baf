/* cb-test-console.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <string.h>

#include "cb-console.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

G_BEGIN_DECLS

/* A console with a server of its own, as a fixture: zeroed, then set up, or given a server and opened. */
typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbConsole *console;
} CbTestConsole;

void            cb_test_console_set_up    (CbTestConsole *self,
                                           gconstpointer  unused);
void            cb_test_console_tear_down (CbTestConsole *self,
                                           gconstpointer  unused);
void            cb_test_console_open      (CbTestConsole *self,
                                           CbAddress     *address);
void            cb_test_console_close     (CbTestConsole *self);

/* Sends a line. Transfer none. */
CbConsoleEntry *cb_test_console_begin     (CbTestConsole *self,
                                           const char    *line);
/* The same, and waits: what is shown of the reply. */
char           *cb_test_console_run       (CbTestConsole *self,
                                           const char    *line);

#define cb_test_console_expect(self, line, expected)             \
  G_STMT_START                                                   \
  {                                                              \
    g_autofree char *text_ = cb_test_console_run (self, line);   \
    g_assert_cmpstr (text_, ==, expected);                       \
  }                                                              \
  G_STMT_END

#define cb_test_console_expect_part(self, line, part)            \
  G_STMT_START                                                   \
  {                                                              \
    g_autofree char *text_ = cb_test_console_run (self, line);   \
    if (strstr (text_, part) == NULL)                            \
      g_error ("%s: \"%s\" has no \"%s\"", line, text_, part);   \
  }                                                              \
  G_STMT_END

G_END_DECLS
