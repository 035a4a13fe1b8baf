/* cb-test-console.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-console.h"

void
cb_test_console_open (CbTestConsole *self, CbAddress *address)
{
  self->connection = cb_connection_new (address, "test");
  cb_connection_open (self->connection);
  self->console = cb_console_new (self->connection);
}

void
cb_test_console_set_up (CbTestConsole *self, gconstpointer unused)
{
  self->redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  cb_test_console_open (self, cb_test_redis_get_address (self->redis));
}

void
cb_test_console_close (CbTestConsole *self)
{
  cb_console_close (self->console);
  cb_test_assert_finalized_soon (self->console);
  cb_connection_close (self->connection);
  cb_test_assert_finalized_soon (self->connection);
}

void
cb_test_console_tear_down (CbTestConsole *self, gconstpointer unused)
{
  cb_test_console_close (self);
  cb_test_redis_free (self->redis);
}

CbConsoleEntry *
cb_test_console_begin (CbTestConsole *self, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) words = cb_console_line_split (line, NULL, &error);
  CbConsoleEntry *entry;

  g_assert_no_error (error);
  entry = cb_console_run (self->console, words);
  g_assert_nonnull (entry);
  return entry;
}

char *
cb_test_console_run (CbTestConsole *self, const char *line)
{
  g_autoptr (CbConsoleEntry) entry = g_object_ref (cb_test_console_begin (self, line));

  cb_test_wait_until (!cb_console_get_busy (self->console));
  g_assert_cmpint (cb_console_entry_get_state (entry), !=, CB_CONSOLE_ENTRY_WAITING);
  return cb_console_entry_dup_text (entry);
}
