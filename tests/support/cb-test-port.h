/* cb-test-port.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A port of 127.0.0.1 that nothing listens at, and that no other test takes until it is released, or this program ends. It is none of
 * those that the system gives to whoever connects or asks for any. */
guint         cb_test_port_take        (void);
void          cb_test_port_release     (guint port);
/* The same as text, for a command line; kept to the end. */
char         *cb_test_port_dup         (void);

G_END_DECLS
