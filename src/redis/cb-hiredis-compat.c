/* cb-hiredis-compat.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-hiredis-compat.h"

#include "cb-redis-error.h"

/* COMMAND DOCS, the deepest reply of Redis itself, nests about 12 levels. Without a bound here hiredis 1.x reads
 * any depth, and freeing a reply that is nested 200,000 deep overflows the stack. 0.14 stops at 7 by itself. */
#define MAX_DEPTH 64

/* An array is allocated when its head is read, before any of its elements came. */
#define MAX_ELEMENTS (64 * 1024 * 1024)

/* An empty buffer that has grown over this is let go of. What hiredis has by default, 16 KiB, is below what one read brings: the buffer
 * would be made anew for each. */
#define KEPT_BUFFER (128 * 1024)

static redisReplyObjectFunctions functions;
static void *(*create_array) (const redisReadTask *task, CbHiredisCount elements);

static void *
create_bounded_array (const redisReadTask *task,
                      CbHiredisCount       elements)
{
  const redisReadTask *above;
  guint depth = 0;

  for (above = task->parent; above != NULL; above = above->parent)
    depth++;

  /* The reader takes NULL for a lack of memory, lets go of what it has and stays in error. */
  if (depth >= MAX_DEPTH || (gsize) elements > MAX_ELEMENTS)
    return NULL;

  return create_array (task, elements);
}

/**
 * cb_hiredis_reader_new:
 *
 * Makes a reader whose replies are bounded in depth and in the length of arrays.
 *
 * Returns: a reader, to be freed with redisReaderFree()
 */
redisReader *
cb_hiredis_reader_new (void)
{
  static gsize once = 0;
  redisReader *reader = redisReaderCreate ();

  g_assert (reader != NULL);

  if (g_once_init_enter (&once))
    {
      functions = *reader->fn;
      create_array = functions.createArray;
      functions.createArray = create_bounded_array;
      g_once_init_leave (&once, 1);
    }

  reader->fn = &functions;
  reader->maxbuf = KEPT_BUFFER;
  return reader;
}

/**
 * cb_hiredis_reader_feed:
 * @reader: a reader
 * @data: bytes that came from a server
 * @length: how many
 *
 * Returns: %FALSE when the reader is in error; cb_hiredis_reader_take() tells which
 */
gboolean
cb_hiredis_reader_feed (redisReader *reader,
                        const char  *data,
                        gsize        length)
{
  return redisReaderFeed (reader, data, length) == REDIS_OK;
}

/**
 * cb_hiredis_reader_take:
 * @reader: a reader
 * @reply: (out) (transfer full) (nullable): the next reply, or %NULL when it is not complete yet
 * @error: return location for an error
 *
 * Takes the next complete reply out of the reader. It is the caller's, without a copy.
 *
 * Errors: %CB_REDIS_ERROR_PROTOCOL when the bytes are no RESP; the reader can't be used any more then.
 */
gboolean
cb_hiredis_reader_take (redisReader *reader,
                        redisReply **reply,
                        GError     **error)
{
  void *taken = NULL;

  *reply = NULL;
  if (redisReaderGetReply (reader, &taken) != REDIS_OK)
    {
      g_autofree char *why = g_utf8_make_valid (reader->errstr, -1);

      if (reader->err == REDIS_ERR_OOM)
        g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL,
                     "Protocol error: the reply is nested too deep or too long. The connection was closed.");
      else
        g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL,
                     "Protocol error: what came is no Redis reply (%s). Is a Redis server listening there?",
                     why);
      return FALSE;
    }

  *reply = taken;
  return TRUE;
}
