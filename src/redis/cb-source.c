/* cb-source.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-source.h"

/*
 * A GSource for one socket and one deadline.
 *
 * The adapter that ships with hiredis calls the read handler after the write handler although the latter may have
 * freed everything (a reset connection is readable and writable at once), and has no timer. Here both are told
 * in one call, and what they belong to is the business of whoever answers it.
 *
 * It stands behind GDK's redraw, so that replies can't hold up painting. But painting can take all the time there is: where
 * a spinner turns and the renderer is software, a frame takes longer than it is shown, and the next is due at once.
 * So the source is patient for a while only, and then goes in front, for one turn.
 */

/* How long others may go first. Two frames; it is also how often replies are handled where painting never ends. */
#define PATIENCE_USEC 30000

typedef struct
{
  GSource source;
  CbSourceFunc func;
  gpointer user_data;
  gpointer tag; /* (nullable) of the socket */
  gboolean wants_write;
  gboolean full;        /* the socket took no more: it says when it does again */
  gboolean pending;
  gboolean dispatching;
  GSource *patience;    /* (owned) (nullable) a timer, waiting whenever the source stands behind */
  gint64 dispatched_at; /* µs monotonic */
} CbSource;

typedef struct
{
  GSource source;
  GSource *owner; /* (unowned) */
} Patience;

static gboolean
patience_dispatch (GSource     *source,
                   GSourceFunc  callback,
                   gpointer     user_data)
{
  GSource *owner = ((Patience *) source)->owner;
  gint64 end = ((CbSource *) owner)->dispatched_at + PATIENCE_USEC;

  if (g_source_is_destroyed (owner))
    return G_SOURCE_REMOVE;

  /* Set once for many turns, as setting it wakes the loop. */
  if (end > g_source_get_time (source))
    {
      g_source_set_ready_time (source, end);
      return G_SOURCE_CONTINUE;
    }

  /* Either there was nothing to do, and being in front costs nobody anything, or it is time. */
  g_source_set_ready_time (source, -1);
  g_source_set_priority (owner, G_PRIORITY_DEFAULT);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs patience_funcs = {
  .dispatch = patience_dispatch,
};

static void
step_back (GSource *source)
{
  CbSource *self = (CbSource *) source;

  self->dispatched_at = g_get_monotonic_time ();
  if (g_source_get_priority (source) == CB_REDIS_PRIORITY)
    return;

  g_source_set_priority (source, CB_REDIS_PRIORITY);
  if (self->patience == NULL)
    {
      self->patience = g_source_new (&patience_funcs, sizeof (Patience));
      ((Patience *) self->patience)->owner = source;
      g_source_set_static_name (self->patience, "Redis, patience");
      g_source_attach (self->patience, g_source_get_context (source));
    }
  g_source_set_ready_time (self->patience, self->dispatched_at + PATIENCE_USEC);
}

static gboolean
cb_source_prepare (GSource *source,
                   int     *timeout)
{
  CbSource *self = (CbSource *) source;

  /* A socket nearly always takes what there is to write, so that is tried and not asked. */
  *timeout = -1;
  return self->pending || (self->wants_write && !self->full);
}

static gboolean
cb_source_check (GSource *source)
{
  CbSource *self = (CbSource *) source;

  /* GLib itself looks at the socket and at the ready time. */
  return self->pending || (self->wants_write && !self->full);
}

static gboolean
cb_source_dispatch (GSource     *source,
                    GSourceFunc  callback,
                    gpointer     user_data)
{
  CbSource *self = (CbSource *) source;
  CbSourceEvents events = 0;
  gint64 deadline = g_source_get_ready_time (source);

  /* In a main loop inside of one of its own callbacks: not before that is over. */
  if (self->dispatching)
    return G_SOURCE_CONTINUE;

  if (self->tag != NULL)
    {
      GIOCondition condition = g_source_query_unix_fd (source, self->tag);

      /* Errors and hang-ups are learned by reading, which also gives what came before them. */
      if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
        events |= CB_SOURCE_READ;
      if (self->full && (condition & G_IO_OUT))
        {
          self->full = FALSE;
          g_source_modify_unix_fd (source, self->tag, G_IO_IN | G_IO_HUP | G_IO_ERR);
        }
      if (self->wants_write && !self->full)
        events |= CB_SOURCE_WRITE;
    }
  if (self->pending)
    events |= CB_SOURCE_READ;
  if (deadline != -1 && deadline <= g_source_get_time (source))
    {
      g_source_set_ready_time (source, -1);
      events |= CB_SOURCE_TIMER;
    }

  self->dispatching = TRUE;
  if (events != 0)
    self->func (events, self->user_data);
  self->dispatching = FALSE;
  if (!g_source_is_destroyed (source))
    step_back (source);
  return G_SOURCE_CONTINUE;
}

static void
cb_source_finalize (GSource *source)
{
  CbSource *self = (CbSource *) source;

  if (self->patience != NULL)
    {
      g_source_destroy (self->patience);
      g_source_unref (self->patience);
    }
}

static GSourceFuncs source_funcs = {
  .prepare = cb_source_prepare,
  .check = cb_source_check,
  .dispatch = cb_source_dispatch,
  .finalize = cb_source_finalize,
};

/**
 * cb_source_new:
 * @fd: a socket, or -1
 * @func: what is called when something is ready
 * @user_data: data for @func
 *
 * Makes a source that waits for the socket to become readable. It is attached to the thread-default main context
 * and lives there until g_source_destroy().
 *
 * Returns: (transfer full): the source
 */
GSource *
cb_source_new (int          fd,
               CbSourceFunc func,
               gpointer     user_data)
{
  GSource *source = g_source_new (&source_funcs, sizeof (CbSource));
  CbSource *self = (CbSource *) source;

  self->func = func;
  self->user_data = user_data;
  if (fd >= 0)
    self->tag = g_source_add_unix_fd (source, fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_static_name (source, "Redis");
  /* Else GLib takes the socket out of its set and back at each turn, and wakes itself for both. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* Says whether there is something to write. Idempotent, and costs no system call. */
void
cb_source_set_write (GSource *source,
                     gboolean wanted)
{
  CbSource *self = (CbSource *) source;

  g_return_if_fail (self->tag != NULL);

  self->wants_write = wanted;
}

/* Says that the socket took no more of it: the handler hears of writing again when it does. */
void
cb_source_set_full (GSource *source)
{
  CbSource *self = (CbSource *) source;

  g_return_if_fail (self->tag != NULL);

  if (self->full || g_source_is_destroyed (source))
    return;
  self->full = TRUE;
  g_source_modify_unix_fd (source, self->tag, G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_OUT);
}

/* Says whether there is something to handle that was already read, so that the socket need not be ready. */
void
cb_source_set_pending (GSource *source,
                       gboolean pending)
{
  ((CbSource *) source)->pending = pending;
}

void
cb_source_set_deadline (GSource *source,
                        gint64   monotonic_usec)
{
  if (!g_source_is_destroyed (source) && g_source_get_ready_time (source) != monotonic_usec)
    g_source_set_ready_time (source, monotonic_usec);
}
