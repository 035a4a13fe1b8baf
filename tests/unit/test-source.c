/* test-source.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sys/socket.h>
#include <unistd.h>

#include "cb-source.h"

/* A frame that is due again as soon as it is painted, as where a spinner turns under a slow renderer. */
#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)
#define FRAME_USEC 5000

typedef struct
{
  GSource *source;
  GSource *redraw;
  int fds[2];
  guint n_frames;
  guint n_turns;
} Fixture;

static gboolean
redraw_cb (gpointer data)
{
  Fixture *fixture = data;

  fixture->n_frames++;
  g_usleep (FRAME_USEC);
  return G_SOURCE_CONTINUE;
}

static void
ready_cb (CbSourceEvents events, gpointer data)
{
  Fixture *fixture = data;

  /* Nothing is read, so that it is ready again at once: a flood. */
  g_assert_cmpint (events, ==, CB_SOURCE_READ);
  fixture->n_turns++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fixture->fds), ==, 0);
  g_assert_cmpint (write (fixture->fds[1], "x", 1), ==, 1);
  fixture->source = cb_source_new (fixture->fds[0], ready_cb, fixture);
  fixture->redraw = g_idle_source_new ();
  g_source_set_priority (fixture->redraw, REDRAW_PRIORITY);
  g_source_set_callback (fixture->redraw, redraw_cb, fixture, NULL);
  g_source_attach (fixture->redraw, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_source_destroy (fixture->source);
  g_source_unref (fixture->source);
  g_source_destroy (fixture->redraw);
  g_source_unref (fixture->redraw);
  close (fixture->fds[0]);
  close (fixture->fds[1]);
  g_assert_false (g_main_context_pending (NULL));
}

static void
iterate_until_turn (Fixture *fixture, guint n_turns)
{
  while (fixture->n_turns < n_turns && fixture->n_frames < 10000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->n_turns, ==, n_turns);
}

static void
test_painting_never_ends (Fixture *fixture, gconstpointer data)
{
  guint before;

  iterate_until_turn (fixture, 1);
  before = fixture->n_frames;
  for (guint n = 2; n <= 6; n++)
    iterate_until_turn (fixture, n);
  /* Frames of 5 ms and a turn every 30 ms; a busy machine only makes the frames fewer. */
  g_assert_cmpuint (fixture->n_frames, >, before);
  g_assert_cmpuint (fixture->n_frames - before, <, 5 * 30 / 5 + 10);
}

/* A flood doesn't hold up painting: when a frame is due, one turn at most comes before it. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  for (guint n = 1; n <= 20; n++)
    {
      guint turns;

      g_main_context_iteration (NULL, TRUE);
      turns = fixture->n_turns;
      for (guint frames = fixture->n_frames; fixture->n_frames == frames;)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (fixture->n_turns - turns, <=, 1);
    }
}

typedef struct
{
  GSource *source;
  int fd;
  gsize n_written;
  guint n_turns;
} Writer;

static void
write_cb (CbSourceEvents events, gpointer data)
{
  Writer *writer = data;
  char buffer[4096] = { 0 };
  gssize n;

  g_assert_cmpint (events, ==, CB_SOURCE_WRITE);
  writer->n_turns++;
  while ((n = send (writer->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    writer->n_written += n;
  cb_source_set_full (writer->source);
}

/* A socket that takes no more is left alone until it does, and is not asked before it is written to. */
static void
test_write (void)
{
  Writer writer = { NULL };
  char buffer[4096];
  int fds[2];
  gsize n_read = 0;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  writer.fd = fds[0];
  writer.source = cb_source_new (fds[0], write_cb, &writer);
  for (guint i = 0; i < 3; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (writer.n_turns, ==, 0);

  cb_source_set_write (writer.source, TRUE);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (writer.n_turns, ==, 1);
  g_assert_cmpuint (writer.n_written, >, 0);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (writer.n_turns, ==, 1);

  while (n_read < writer.n_written)
    n_read += read (fds[1], buffer, sizeof buffer);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (writer.n_turns, ==, 2);

  cb_source_set_write (writer.source, FALSE);
  while (n_read < writer.n_written)
    n_read += read (fds[1], buffer, sizeof buffer);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (writer.n_turns, ==, 2);

  g_source_destroy (writer.source);
  g_source_unref (writer.source);
  close (fds[0]);
  close (fds[1]);
}

/* A main loop inside of a callback does not call it again. */
static void
nested_cb (CbSourceEvents events, gpointer data)
{
  guint *n_turns = data;

  ++*n_turns;
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_nested (void)
{
  GSource *source;
  guint n_turns = 0;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  source = cb_source_new (fds[0], nested_cb, &n_turns);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, ==, 1);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, ==, 2);
  g_source_destroy (source);
  g_source_unref (source);
  close (fds[0]);
  close (fds[1]);
}

static void
destroy_cb (CbSourceEvents events, gpointer data)
{
  GSource **source = data;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Also behind a turn that armed the timer. */
static void
test_destroyed (void)
{
  GSource *source = cb_source_new (-1, destroy_cb, &source);

  cb_source_set_pending (source, TRUE);
  while (source != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_main_context_pending (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/source/painting-never-ends", Fixture, NULL, set_up, test_painting_never_ends, tear_down);
  g_test_add ("/source/flood", Fixture, NULL, set_up, test_flood, tear_down);
  g_test_add_func ("/source/write", test_write);
  g_test_add_func ("/source/nested", test_nested);
  g_test_add_func ("/source/destroyed", test_destroyed);
  return g_test_run ();
}
