/* cb-settings.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The settings of the program; NULL where the schema is not installed, and then nothing is kept. (transfer none) */
GSettings *cb_settings_get_default (void);

G_END_DECLS
