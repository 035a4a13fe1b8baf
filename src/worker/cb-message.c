/* cb-message.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message.h"

#include "cb-json.h"
#include "cb-worker.h"

#define EXCERPT_CHARS 200

/**
 * cb_message_read:
 * @context: the job
 * @recipient_member: the member of its data that says to whom
 * @text_member: the member of its data that says what
 *
 * Reads what a job asks to be said. Both members may be text or numbers; the digits of a number are kept as they are
 * written. A job without a recipient is no notification; then the line shows its data.
 *
 * Returns: (transfer full): the message
 */
CbMessage *
cb_message_read (CbHandlerContext *context, const char *recipient_member, const char *text_member)
{
  CbMessage *self = g_new0 (CbMessage, 1);

  self->recipient = cb_handler_context_dup_member (context, recipient_member);
  self->text = cb_handler_context_dup_member (context, text_member);
  if (self->text == NULL)
    self->text = g_strdup ("");

  if (self->recipient != NULL)
    {
      self->line = g_strdup_printf ("Sending notification to %s, with message: %s", self->recipient, self->text);
    }
  else
    {
      CbJobRecord *job = cb_handler_context_get_job (context);
      g_autofree char *excerpt = NULL;
      const char *data = NULL;
      gsize length = 0;

      if (job->data != NULL)
        data = g_bytes_get_data (job->data, &length);
      excerpt = cb_json_excerpt (data != NULL ? data : "", length, EXCERPT_CHARS);
      self->line = g_strdup_printf ("Job %s: %s", job->id, excerpt);
    }

  return self;
}

/**
 * cb_message_free:
 * @self: a message
 *
 * Frees it.
 */
void
cb_message_free (CbMessage *self)
{
  g_free (self->recipient);
  g_free (self->text);
  g_free (self->line);
  g_free (self);
}

/**
 * cb_message_check:
 * @self: a message
 * @block_list: (nullable): recipients to whom nothing is sent
 * @error: return location for an error
 *
 * Compares the recipient with the block-list, as text.
 *
 * Errors: %CB_WORKER_ERROR_BLOCKED when it stands there.
 *
 * Returns: whether it may be sent
 */
gboolean
cb_message_check (const CbMessage *self, const char *const *block_list, GError **error)
{
  if (self->recipient == NULL || block_list == NULL || !g_strv_contains (block_list, self->recipient))
    return TRUE;

  g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_BLOCKED, "Phone number %s is blacklisted", self->recipient);

  return FALSE;
}

/**
 * cb_message_check_job:
 * @context: the job
 * @block_list: (nullable): recipients to whom nothing is sent
 * @error: return location for an error
 *
 * As cb_message_check(), for a handler that passes the whole job on and reads nothing of it itself.
 *
 * Errors: %CB_WORKER_ERROR_BLOCKED when the recipient stands on the block-list.
 *
 * Returns: whether it may be sent
 */
gboolean
cb_message_check_job (CbHandlerContext *context, const char *const *block_list, GError **error)
{
  g_autoptr (CbMessage) message = NULL;

  /* Data can be large, and mostly nobody is blocked. */
  if (block_list == NULL || block_list[0] == NULL)
    return TRUE;

  message = cb_message_read (context, CB_MESSAGE_RECIPIENT_MEMBER, CB_MESSAGE_TEXT_MEMBER);

  return cb_message_check (message, block_list, error);
}
