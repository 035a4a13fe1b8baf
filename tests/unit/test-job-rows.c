/* test-job-rows.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-job-rows.h"
#include "cb-job-selection.h"

/* What a list view does: it holds the rows of the first N_HELD positions and, told of a change, lets go of those that are not there
 * any more only when it has asked for the new ones. */
#define N_HELD 4

typedef struct
{
  GListStore *jobs;
  GtkSelectionModel *selection;
  CbJobRows *rows;
  GPtrArray *held;
  guint n_new;                /* rows in the last change that the view did not hold before */
} Fixture;

static CbJob *
job_new (const char *id)
{
  g_autoptr (CbJobRecord) record = cb_job_record_new (id);

  return cb_job_new_for_record (record);
}

static void
hold (Fixture *fixture)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&fixture->held);

  fixture->held = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->n_new = 0;
  for (guint i = 0; i < N_HELD; i++)
    {
      gpointer row = g_list_model_get_item (G_LIST_MODEL (fixture->rows), i);

      if (row == NULL)
        break;
      g_ptr_array_add (fixture->held, row);
      if (!g_ptr_array_find (old, row, NULL))
        fixture->n_new++;
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->jobs = g_list_store_new (CB_TYPE_JOB);
  for (const char *id = "abcdef"; *id != '\0'; id++)
    {
      g_autoptr (CbJob) job = job_new ((char[]) { *id, '\0' });

      g_list_store_append (fixture->jobs, job);
    }
  fixture->selection = GTK_SELECTION_MODEL (cb_job_selection_new ());
  cb_job_selection_set_model (CB_JOB_SELECTION (fixture->selection), G_LIST_MODEL (fixture->jobs));
  fixture->rows = cb_job_rows_new (fixture->selection);
  fixture->held = g_ptr_array_new_with_free_func (g_object_unref);
  hold (fixture);
  g_signal_connect_swapped (fixture->rows, "items-changed", G_CALLBACK (hold), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (fixture->rows, fixture);
  g_assert_finalize_object (fixture->rows);
  /* Rows may outlive their model. */
  g_ptr_array_unref (fixture->held);
  g_assert_finalize_object (CB_JOB_SELECTION (fixture->selection));
  g_object_unref (fixture->jobs);
}

static void
replace (Fixture *fixture, guint position, guint removed, const char *ids)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);

  for (; *ids != '\0'; ids++)
    g_ptr_array_add (jobs, job_new ((char[]) { *ids, '\0' }));
  g_list_store_splice (fixture->jobs, position, removed, jobs->pdata, jobs->len);
}

/* The held rows are where the model says, and have the jobs of those positions. */
static void
assert_held (Fixture *fixture, const char *expected)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < fixture->held->len; i++)
    {
      g_autoptr (CbJobRow) row = g_list_model_get_item (G_LIST_MODEL (fixture->rows), i);

      g_assert_true (row == g_ptr_array_index (fixture->held, i));
      g_string_append (ids, cb_job_get_id (cb_job_row_get_job (row)));
    }
  g_assert_cmpstr (ids->str, ==, expected);
}

static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbJobRow) second = g_object_ref (g_ptr_array_index (fixture->held, 1));

  replace (fixture, 0, 3, "xyz");
  assert_held (fixture, "xyzd");
  g_assert_cmpuint (fixture->n_new, ==, 0);
  /* Where the keyboard is, it stays. */
  g_assert_true (second == g_ptr_array_index (fixture->held, 1));
}

/* Fewer come than went: those that move up into the view take the places. */
static void
test_removed (Fixture *fixture, gconstpointer data)
{
  replace (fixture, 1, 2, "x");
  assert_held (fixture, "axde");
  g_assert_cmpuint (fixture->n_new, ==, 0);
  replace (fixture, 0, 4, "");
  assert_held (fixture, "f");
  g_assert_cmpuint (fixture->n_new, ==, 0);
  replace (fixture, 0, 1, "");
  assert_held (fixture, "");
}

static void
test_added (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbJobRow) first = g_object_ref (g_ptr_array_index (fixture->held, 0));

  replace (fixture, 0, 0, "xy");
  assert_held (fixture, "xyab");
  g_assert_true (first == g_ptr_array_index (fixture->held, 2));
}

/* A job that is still there keeps its own row. */
static void
test_moved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbJobRow) first = g_object_ref (g_ptr_array_index (fixture->held, 0));
  g_autoptr (CbJob) job = g_object_ref (cb_job_row_get_job (first));
  g_autoptr (CbJob) other = job_new ("x");
  gpointer jobs[] = { job, other };

  g_list_store_splice (fixture->jobs, 0, 2, jobs, 2);
  assert_held (fixture, "axcd");
  g_assert_true (first == g_ptr_array_index (fixture->held, 0));
  g_assert_cmpuint (fixture->n_new, ==, 0);
}

static void
count_cb (guint *n_told)
{
  (*n_told)++;
}

/* The selection goes with the job, not with the row that another one takes. */
static void
test_selection (Fixture *fixture, gconstpointer data)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (fixture->rows);
  g_autoptr (GtkBitset) selected = NULL;
  guint n_told = 0;

  g_signal_connect_swapped (model, "selection-changed", G_CALLBACK (count_cb), &n_told);
  g_assert_true (gtk_selection_model_select_item (model, 1, TRUE));
  g_assert_true (gtk_selection_model_select_item (model, 3, FALSE));
  g_assert_cmpuint (n_told, ==, 2);
  g_assert_true (gtk_selection_model_is_selected (fixture->selection, 1));

  replace (fixture, 0, 2, "xy");
  assert_held (fixture, "xycd");
  selected = gtk_selection_model_get_selection (model);
  g_assert_cmpuint (gtk_bitset_get_size (selected), ==, 1);
  g_assert_true (gtk_selection_model_is_selected (model, 3));
  g_assert_true (gtk_selection_model_unselect_all (model));
  g_assert_false (gtk_selection_model_is_selected (fixture->selection, 3));
}

static void
note_cb (CbJobRow *row, GParamSpec *pspec, GString *told)
{
  g_string_append (told, cb_job_get_id (cb_job_row_get_job (row)));
}

static void
test_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) told = g_string_new (NULL);

  g_signal_connect (g_ptr_array_index (fixture->held, 2), "notify::job", G_CALLBACK (note_cb), told);
  replace (fixture, 2, 1, "x");
  replace (fixture, 0, 0, "");
  replace (fixture, 3, 1, "y");
  g_assert_cmpstr (told->str, ==, "x");
}

/* As many as are allowed, whatever comes and goes before and behind that; and all of them, with the same rows, when there is no limit any more. */
static void
test_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbJobRow) first = NULL;

  cb_job_rows_set_limit (fixture->rows, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->rows)), ==, 3);
  assert_held (fixture, "abc");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->rows), 3));
  first = g_object_ref (g_ptr_array_index (fixture->held, 0));

  replace (fixture, 4, 1, "xyz");
  assert_held (fixture, "abc");
  /* GTK minds being told of rows that it has not. */
  gtk_selection_model_select_item (fixture->selection, 5, TRUE);
  gtk_selection_model_select_range (fixture->selection, 1, 5, TRUE);
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->rows), 2));
  gtk_selection_model_unselect_all (fixture->selection);
  replace (fixture, 1, 1, "mn");
  assert_held (fixture, "amn");
  replace (fixture, 1, 3, "");
  assert_held (fixture, "adx");
  replace (fixture, 2, 4, "");
  assert_held (fixture, "ad");
  replace (fixture, 2, 0, "opq");
  assert_held (fixture, "ado");
  g_assert_true (first == g_ptr_array_index (fixture->held, 0));

  cb_job_rows_set_limit (fixture->rows, G_MAXUINT);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->rows)), ==, 5);
  assert_held (fixture, "adop");
  g_assert_true (first == g_ptr_array_index (fixture->held, 0));
  replace (fixture, 0, 1, "");
  assert_held (fixture, "dopq");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/job-rows/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("replaced", test_replaced);
  ADD ("removed", test_removed);
  ADD ("added", test_added);
  ADD ("limit", test_limit);
  ADD ("moved", test_moved);
  ADD ("selection", test_selection);
  ADD ("told", test_told);
  return g_test_run ();
}
