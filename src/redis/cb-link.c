/* cb-link.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-link.h"

#include "cb-command-private.h"
#include "cb-hiredis-compat.h"
#include "cb-redis-error.h"
#include "cb-source.h"
#include "cb-tls.h"

/* What is done in one go before others get their turn: a quarter of a frame. The clock is asked after each reply,
 * so that a turn exceeds this by the handling of one reply at most. */
#define TURN_USEC 4000

#define READ_SIZE (16 * 1024)

/* An output buffer that a big command has swollen is given back. */
#define KEPT_OUTPUT (256 * 1024)

struct _CbLink
{
  GSocketConnection *io; /* (owned) */
  GSocket *socket;       /* (unowned) of @io */
  char *label;           /* (owned) */
  redisReader *reader;   /* (owned) */
  GByteArray *output;    /* (owned) */
  gsize written;         /* of @output */
  GSource *source;       /* (owned) (nullable) NULL once closed */
  GError *write_error;   /* (owned) (nullable) nothing can be written any more, but perhaps read */
  const CbLinkFuncs *funcs;
  gpointer user_data;
  gint64 last_received;
  gboolean has_heard;    /* anything of the server */
  int ref_count;
};

static void
cb_link_fail (CbLink *self,
              GError *error) /* transfer full */
{
  const CbLinkFuncs *funcs = self->funcs;
  gpointer user_data = self->user_data;

  cb_link_close (self);
  funcs->failed (error, user_data);
  g_error_free (error);
}

static GError *
lost_error (CbLink       *self,
            const GError *cause)
{
  const GError *tls_error = cb_tls_get_error (self->io);

  if (tls_error != NULL)
    return g_error_copy (tls_error);

  /* So does a server that was spoken to plainly and is encrypted. */
  if (!self->has_heard && g_socket_get_family (self->socket) != G_SOCKET_FAMILY_UNIX)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                        "The server at %s closed the connection before it said anything. Does it want encrypted connections (rediss://)?",
                        self->label);

  if (cause == NULL)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "The server at %s closed the connection.", self->label);

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "The connection to %s was lost: %s.", self->label,
                      cause->message);
}

/* Hands over the replies that are complete. Returns whether to go on; FALSE when the turn is over or all ended. */
static gboolean
deliver_replies (CbLink *self,
                 gint64  turn_end)
{
  while (self->source != NULL)
    {
      redisReply *reply;
      GError *error = NULL;

      if (!cb_hiredis_reader_take (self->reader, &reply, &error))
        {
          cb_link_fail (self, error);
          return FALSE;
        }
      if (reply == NULL)
        return TRUE;

      self->funcs->reply (cb_reply_new_take (reply), self->user_data);

      if (self->source != NULL && g_get_monotonic_time () > turn_end)
        {
          cb_source_set_pending (self->source, TRUE);
          return FALSE;
        }
    }
  return FALSE;
}

/* Returns whether it is known that there is more; where the socket was emptied, most likely, that is not asked. */
static gboolean
read_turn (CbLink *self)
{
  gint64 turn_end = g_get_monotonic_time () + TURN_USEC;
  gboolean more = FALSE;

  cb_link_ref (self);
  if (self->source != NULL)
    cb_source_set_pending (self->source, FALSE);

  while (deliver_replies (self, turn_end))
    {
      g_autoptr (GError) error = NULL;
      char buffer[READ_SIZE];
      gssize n = g_socket_receive_with_blocking (self->socket, buffer, sizeof buffer, FALSE, NULL, &error);

      if (n > 0)
        {
          self->last_received = g_get_monotonic_time ();
          self->has_heard = TRUE;
          cb_hiredis_reader_feed (self->reader, buffer, n);

          /* The socket was emptied, most likely: the main loop asks it again. */
          if (n < READ_SIZE || self->last_received > turn_end)
            {
              if (deliver_replies (self, turn_end))
                break;
              more = self->source != NULL;
              break;
            }
        }
      else if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          break;
        }
      else
        {
          cb_link_fail (self, lost_error (self, n < 0 ? error : self->write_error));
          break;
        }
    }

  cb_link_unref (self);
  return more;
}

gboolean
cb_link_read (CbLink *self)
{
  gboolean more;

  cb_link_ref (self);
  more = read_turn (self);
  if (self->source != NULL && !more)
    more = g_socket_condition_check (self->socket, G_IO_IN) != 0;
  cb_link_unref (self);
  return more;
}

static void
cb_link_write (CbLink *self)
{
  g_autoptr (GError) error = NULL;
  gssize n;

  n = g_socket_send_with_blocking (self->socket, (const char *) self->output->data + self->written,
                                   self->output->len - self->written, FALSE, NULL, &error);
  if (n >= 0)
    {
      self->written += n;
      if (self->written < self->output->len)
        {
          cb_source_set_full (self->source);
          return;
        }

      if (self->output->len > KEPT_OUTPUT)
        {
          g_byte_array_unref (self->output);
          self->output = g_byte_array_new ();
        }
      g_byte_array_set_size (self->output, 0);
      self->written = 0;
      cb_source_set_write (self->source, FALSE);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      cb_source_set_full (self->source);
    }
  else
    {
      /* The server may have said why before it closed, "DENIED …" or "max number of clients": reading tells, and
       * meets the end of the connection behind it. */
      self->write_error = g_steal_pointer (&error);
      g_byte_array_set_size (self->output, 0);
      self->written = 0;
      cb_source_set_write (self->source, FALSE);
      cb_source_set_pending (self->source, TRUE);
    }
}

static void
ready_cb (CbSourceEvents events,
          gpointer       user_data)
{
  CbLink *self = user_data;

  cb_link_ref (self);
  if (events & CB_SOURCE_READ)
    read_turn (self);
  /* What was to be written may have left, or failed to, with a reply that was read. */
  if (events & CB_SOURCE_WRITE)
    cb_link_flush (self);
  cb_link_unref (self);
}

/**
 * cb_link_new:
 * @io: a connected socket
 * @label: what the server is called in messages
 * @funcs: what is called with replies, and at the end
 * @user_data: data for @funcs
 *
 * Returns: (transfer full): the link, at work in the thread-default main context
 */
CbLink *
cb_link_new (GSocketConnection *io,
             const char        *label,
             const CbLinkFuncs *funcs,
             gpointer           user_data)
{
  CbLink *self = g_new0 (CbLink, 1);

  self->ref_count = 1;
  self->io = g_object_ref (io);
  self->socket = g_socket_connection_get_socket (io);
  self->label = g_strdup (label);
  self->reader = cb_hiredis_reader_new ();
  self->output = g_byte_array_new ();
  self->funcs = funcs;
  self->user_data = user_data;
  self->last_received = g_get_monotonic_time ();
  self->source = cb_source_new (g_socket_get_fd (self->socket), ready_cb, self);
  return self;
}

CbLink *
cb_link_ref (CbLink *self)
{
  self->ref_count++;
  return self;
}

void
cb_link_unref (CbLink *self)
{
  if (--self->ref_count > 0)
    return;

  cb_link_close (self);
  redisReaderFree (self->reader);
  g_byte_array_unref (self->output);
  g_clear_error (&self->write_error);
  g_object_unref (self->io);
  g_free (self->label);
  g_free (self);
}

/**
 * cb_link_send:
 * @self: a link
 * @command: a command
 * @whole_script: for a script, to send its source rather than its SHA
 * @read_only: for a script, to run it so that the server refuses its writes
 *
 * Queues the command. It leaves in the next turn of the main loop, together with all that is queued until then.
 */
void
cb_link_send (CbLink    *self,
              CbCommand *command,
              gboolean   whole_script,
              gboolean   read_only)
{
  /* After a failed write the link is about to end, which is told from the main loop. */
  if (self->source == NULL || self->write_error != NULL)
    return;

  cb_command_write (command, whole_script, read_only, self->output);
  cb_source_set_write (self->source, TRUE);
}

/**
 * cb_link_flush:
 * @self: a link
 *
 * Lets what is queued leave now, and not in the next turn of the main loop.
 */
void
cb_link_flush (CbLink *self)
{
  if (self->source != NULL && self->write_error == NULL && self->output->len > 0)
    cb_link_write (self);
}

void
cb_link_cut (CbLink *self)
{
  if (self->source == NULL)
    return;

  g_byte_array_set_size (self->output, 0);
  self->written = 0;
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  cb_source_set_write (self->source, FALSE);
  cb_source_set_pending (self->source, TRUE);
}

/* Says that nothing more comes from here. What the server has answered by then still arrives, and then the end. */
void
cb_link_hang_up (CbLink *self)
{
  if (self->source == NULL)
    return;

  g_byte_array_set_size (self->output, 0);
  self->written = 0;
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  cb_source_set_write (self->source, FALSE);
}

void
cb_link_close (CbLink *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  /* A socket that does not block is closed at once. */
  g_socket_close (self->socket, NULL);
}

gint64
cb_link_get_last_received (CbLink *self)
{
  return self->last_received;
}
