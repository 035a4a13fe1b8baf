/* cb-ui-notifications.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-ui-harness.h"

G_BEGIN_DECLS

/* A desktop's notification service, org.freedesktop.Notifications, that keeps what it is sent and shows nothing. */
void       cb_ui_notifications_own      (void);
void       cb_ui_notifications_disown   (void);
GPtrArray *cb_ui_notifications_get      (void); /* (element-type CbUiNotification) in the order they came */
void       cb_ui_notifications_clear    (void);
void       cb_ui_notifications_activate (guint32 id);

G_END_DECLS
