/* test-list-anchor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-list-anchor.h"

/* A view of ten rows of 20 px each over a model of 100 numbers, of which it knows the height only when it is laid out. */
#define ROW 20.0
#define PAGE 200.0

typedef struct
{
  GListStore *model;
  GtkAdjustment *adjustment;
  CbListAnchor *anchor;
} Fixture;

static void
put (Fixture *fixture, guint position, guint removed, guint added)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
  g_list_store_splice (fixture->model, position, removed, items->pdata, items->len);
}

/* As GTK does it: the length is that of the model now, and the view stands wherever GTK thinks. */
static void
lay_out (Fixture *fixture, double value)
{
  double upper = MAX (g_list_model_get_n_items (G_LIST_MODEL (fixture->model)) * ROW, PAGE);

  gtk_adjustment_configure (fixture->adjustment, value, 0, upper, ROW, PAGE, PAGE);
  cb_list_anchor_settle (fixture->anchor);
}

static gpointer
get_at (Fixture *fixture, double y)
{
  guint position = (guint) ((gtk_adjustment_get_value (fixture->adjustment) + y) / ROW);
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (fixture->model), position);

  return item;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->model = g_list_store_new (G_TYPE_OBJECT);
  put (fixture, 0, 0, 100);
  fixture->adjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 100 * ROW, ROW, PAGE, PAGE));
  fixture->anchor = cb_list_anchor_new (G_LIST_MODEL (fixture->model), fixture->adjustment);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->anchor);
  g_assert_finalize_object (fixture->adjustment);
  g_object_unref (fixture->model);
}

static void
test_top (Fixture *fixture, gconstpointer data)
{
  put (fixture, 0, 0, 37);
  lay_out (fixture, 37 * ROW);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 0);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);
}

static void
test_above (Fixture *fixture, gconstpointer data)
{
  gpointer first;

  gtk_adjustment_set_value (fixture->adjustment, 405);
  first = get_at (fixture, 0);
  put (fixture, 0, 0, 30);
  put (fixture, 0, 0, 7);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 37);
  lay_out (fixture, 405);
  g_assert_true (get_at (fixture, 0) == first);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 405 + 37 * ROW);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 37);

  /* Those that come in below are nobody's news. */
  put (fixture, 90, 0, 5);
  lay_out (fixture, 0);
  g_assert_true (get_at (fixture, 0) == first);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 37);

  /* What was scrolled to is not new any more, and the top shows all. */
  gtk_adjustment_set_value (fixture->adjustment, 10 * ROW);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 10);
  cb_list_anchor_go_to_top (fixture->anchor);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 0);
  put (fixture, 0, 0, 1);
  lay_out (fixture, ROW);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 0);
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  gpointer first;

  gtk_adjustment_set_value (fixture->adjustment, 1000);
  first = get_at (fixture, 0);
  put (fixture, 0, 0, 3);
  put (fixture, 0, 20, 0);
  lay_out (fixture, 1000);
  g_assert_true (get_at (fixture, 0) == first);
  /* All that is above can be new, not more. */
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), <=, 33);

  /* The row itself goes: what stood behind it takes its place. */
  first = get_at (fixture, ROW);
  put (fixture, (guint) (gtk_adjustment_get_value (fixture->adjustment) / ROW), 1, 0);
  lay_out (fixture, 0);
  g_assert_true (get_at (fixture, 0) == first);
}

/* Near the end GTK holds the last row, and all above it moves when one goes between. */
static void
test_pointer (Fixture *fixture, gconstpointer data)
{
  gpointer pointed;

  gtk_adjustment_set_value (fixture->adjustment, 85 * ROW + 4);
  cb_list_anchor_set_pointer (fixture->anchor, 5 * ROW);
  pointed = get_at (fixture, 5 * ROW);
  put (fixture, 87, 2, 0);
  lay_out (fixture, 85 * ROW + 4);
  g_assert_true (get_at (fixture, 5 * ROW) == pointed);
  put (fixture, 84, 0, 1);
  lay_out (fixture, 80 * ROW);
  g_assert_true (get_at (fixture, 5 * ROW) == pointed);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);

  /* Below the pointer nothing moves it. */
  put (fixture, 94, 1, 0);
  lay_out (fixture, 80 * ROW);
  g_assert_true (get_at (fixture, 5 * ROW) == pointed);
}

/* Somebody turns the wheel between a change and its layout. */
static void
test_scrolled (Fixture *fixture, gconstpointer data)
{
  gpointer next;

  gtk_adjustment_set_value (fixture->adjustment, 400);
  next = get_at (fixture, 3 * ROW);
  put (fixture, 0, 0, 5);
  gtk_adjustment_set_value (fixture->adjustment, 400 + 3 * ROW);
  lay_out (fixture, 0);
  g_assert_true (get_at (fixture, 0) == next);
}

static void
test_other_set (Fixture *fixture, gconstpointer data)
{
  gtk_adjustment_set_value (fixture->adjustment, 400);
  put (fixture, 0, 100, 300);
  lay_out (fixture, 400);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 0);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);
  put (fixture, 0, 300, 0);
  lay_out (fixture, 0);
  put (fixture, 0, 0, 4);
  lay_out (fixture, 0);
  g_assert_cmpuint (cb_list_anchor_get_n_new (fixture->anchor), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/list-anchor/top", Fixture, NULL, set_up, test_top, tear_down);
  g_test_add ("/list-anchor/above", Fixture, NULL, set_up, test_above, tear_down);
  g_test_add ("/list-anchor/gone", Fixture, NULL, set_up, test_gone, tear_down);
  g_test_add ("/list-anchor/pointer", Fixture, NULL, set_up, test_pointer, tear_down);
  g_test_add ("/list-anchor/scrolled", Fixture, NULL, set_up, test_scrolled, tear_down);
  g_test_add ("/list-anchor/other-set", Fixture, NULL, set_up, test_other_set, tear_down);

  return g_test_run ();
}
