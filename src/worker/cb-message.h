/* cb-message.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler-context.h"

G_BEGIN_DECLS

/**
 * CbMessage:
 *
 * What a job asks to be said, and to whom; the part that all handlers which send something have in common.
 */
typedef struct
{
  char *recipient;             /* (nullable) NULL: the job is no notification */
  char *text;                  /* of the message; "" when there is none */
  char *line;                  /* what to say about it in one line */
} CbMessage;

CbMessage *cb_message_read       (CbHandlerContext    *context,
                                  const char          *recipient_member,
                                  const char          *text_member);
void       cb_message_free       (CbMessage           *self);
/* CB_WORKER_ERROR_BLOCKED when the recipient is on the block-list. */
gboolean   cb_message_check      (const CbMessage     *self,
                                  const char * const  *block_list,
                                  GError             **error);
/* The same for a job whose message nobody needs. */
gboolean   cb_message_check_job  (CbHandlerContext    *context,
                                  const char * const  *block_list,
                                  GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbMessage, cb_message_free)

#define CB_MESSAGE_RECIPIENT_MEMBER "phoneNumber"
#define CB_MESSAGE_TEXT_MEMBER "message"

G_END_DECLS
