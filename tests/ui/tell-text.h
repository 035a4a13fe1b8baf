/* tell-text.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void cb_tell_text_add_actions (GApplication *application);

G_END_DECLS
