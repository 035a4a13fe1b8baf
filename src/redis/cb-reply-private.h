/* cb-reply-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

CbReply *cb_reply_steal_element (CbReply *self,
                                 guint    index);

G_END_DECLS
