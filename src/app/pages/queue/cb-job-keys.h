/* cb-job-keys.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-engine.h"

G_BEGIN_DECLS

/* The keys that a job is kept in, a row each; one that is activated leads to that key. FALSE: there are none. */
gboolean cb_job_keys_fill     (GtkListBox        *list,
                               CbEngine          *engine,
                               const CbJobRecord *job);
void     cb_job_keys_activate (GtkListBoxRow     *row);

G_END_DECLS
