/* cb-task-thread.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void   cb_task_run_in_thread    (GTask           *task,
                                 GTaskThreadFunc  func);
GTask *cb_task_in_thread_result (GAsyncResult    *result);

G_END_DECLS
