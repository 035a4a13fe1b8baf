/* test-job-selection.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-job-selection.h"

/* A list as long as is wanted, which counts what it is asked for. Its items are those of a store at its head, and made anew behind that. */
typedef struct
{
  GObject parent_instance;

  GListStore *head;           /* (owned) */
  guint n_behind;
  guint n_asked;
} LongList;

typedef GObjectClass LongListClass;

static void list_model_init (GListModelInterface *iface);
static GType long_list_get_type (void);
G_DEFINE_TYPE_WITH_CODE (LongList, long_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
get_n_items (GListModel *model)
{
  LongList *self = (LongList *) model;

  return g_list_model_get_n_items (G_LIST_MODEL (self->head)) + self->n_behind;
}

static gpointer
get_item (GListModel *model, guint position)
{
  LongList *self = (LongList *) model;
  gpointer item = g_list_model_get_item (G_LIST_MODEL (self->head), position);

  self->n_asked++;
  return item != NULL ? item : position < get_n_items (model) ? g_object_new (G_TYPE_OBJECT, NULL) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
changed_cb (LongList *self, guint position, guint n_removed, guint n_added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
}

static void
long_list_finalize (GObject *object)
{
  g_object_unref (((LongList *) object)->head);
  G_OBJECT_CLASS (long_list_parent_class)->finalize (object);
}

static void
long_list_class_init (LongListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = long_list_finalize;
}

static void
long_list_init (LongList *self)
{
  self->head = g_list_store_new (G_TYPE_OBJECT);
  g_signal_connect_object (self->head, "items-changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GObject) item = g_object_new (G_TYPE_OBJECT, NULL);

      g_list_store_append (self->head, item);
    }
}

typedef struct
{
  LongList *list;
  CbJobSelection *selection;
  GtkSelectionModel *model;   /* the same */
  guint n_told;
  guint first, n;             /* of what was told last */
} Fixture;

static void
told_cb (Fixture *fixture, guint position, guint n)
{
  fixture->n_told++;
  fixture->first = position;
  fixture->n = n;
}

static void
set_up (Fixture *fixture, gconstpointer n_behind)
{
  fixture->list = g_object_new (long_list_get_type (), NULL);
  fixture->list->n_behind = GPOINTER_TO_UINT (n_behind);
  fixture->selection = cb_job_selection_new ();
  fixture->model = GTK_SELECTION_MODEL (fixture->selection);
  cb_job_selection_set_model (fixture->selection, G_LIST_MODEL (fixture->list));
  g_signal_connect_swapped (fixture->selection, "selection-changed", G_CALLBACK (told_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->selection);
  g_assert_finalize_object (G_OBJECT (fixture->list));
}

static void
replace (Fixture *fixture, guint position, guint n_removed, guint n_new)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_new; i++)
    g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
  g_list_store_splice (fixture->list->head, position, n_removed, items->pdata, items->len);
}

static char *
describe (Fixture *fixture)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (fixture->model);
  GString *text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more; more = gtk_bitset_iter_next (&iter, &position))
    g_string_append_printf (text, "%u ", position);
  return g_string_free (text, FALSE);
}

static void
assert_selected (Fixture *fixture, const char *expected)
{
  g_autofree char *text = describe (fixture);

  g_assert_cmpstr (text, ==, expected);
}

/* Nothing is asked of a list of a million to select all of it, to take one out, or when jobs come and go. */
static void
test_million (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GtkBitset) selected = NULL;

  g_assert_true (gtk_selection_model_select_all (fixture->model));
  g_assert_cmpuint (fixture->n_told, ==, 1);
  g_assert_cmpuint (fixture->first, ==, 0);
  g_assert_cmpuint (fixture->n, ==, 1000010);
  g_assert_true (gtk_selection_model_is_selected (fixture->model, 1000009));
  g_assert_true (gtk_selection_model_select_all (fixture->model));
  g_assert_cmpuint (fixture->n_told, ==, 1);

  g_assert_true (gtk_selection_model_unselect_item (fixture->model, 5));
  g_assert_cmpuint (fixture->first, ==, 5);
  g_assert_cmpuint (fixture->n, ==, 1);
  replace (fixture, 0, 3, 1);
  g_assert_false (gtk_selection_model_is_selected (fixture->model, 0));
  g_assert_true (gtk_selection_model_is_selected (fixture->model, 1));
  g_assert_false (gtk_selection_model_is_selected (fixture->model, 3));
  selected = gtk_selection_model_get_selection (fixture->model);
  g_assert_cmpuint (gtk_bitset_get_size (selected), ==, 1000006);
  g_assert_cmpuint (fixture->list->n_asked, ==, 0);

  /* With few they are known again. */
  g_assert_true (gtk_selection_model_select_range (fixture->model, 2, 2, TRUE));
  g_assert_cmpuint (fixture->list->n_asked, ==, 2);
  assert_selected (fixture, "2 3 ");
}

static void
test_jobs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GObject) second = g_list_model_get_item (G_LIST_MODEL (fixture->list), 2);
  g_autoptr (GObject) other = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer items[] = { other, second };

  g_assert_true (gtk_selection_model_select_range (fixture->model, 2, 3, FALSE));
  assert_selected (fixture, "2 3 4 ");
  replace (fixture, 0, 0, 2);
  assert_selected (fixture, "4 5 6 ");
  /* Who leaves and comes back in one change stays selected; who comes in his place is not. */
  g_list_store_splice (fixture->list->head, 4, 2, items, 2);
  assert_selected (fixture, "5 6 ");
  replace (fixture, 6, 1, 1);
  assert_selected (fixture, "5 ");
  g_assert_true (gtk_selection_model_unselect_all (fixture->model));
  assert_selected (fixture, "");
  /* Nor is who was taken out of the selection. */
  g_assert_true (gtk_selection_model_select_item (fixture->model, 0, TRUE));
  g_list_store_splice (fixture->list->head, 4, 2, items, 2);
  assert_selected (fixture, "0 ");
  /* And nobody is held for having been in it. */
  g_assert_true (gtk_selection_model_unselect_all (fixture->model));
  replace (fixture, 4, 2, 0);
  g_assert_cmpint ((int) g_atomic_int_get ((int *) &second->ref_count), ==, 1);
}

/* Nothing of another list is selected, and what is not there can't be. */
static void
test_other (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GListStore) empty = g_list_store_new (G_TYPE_OBJECT);

  g_assert_true (gtk_selection_model_select_range (fixture->model, 8, 100, FALSE));
  assert_selected (fixture, "8 9 ");
  cb_job_selection_set_model (fixture->selection, G_LIST_MODEL (empty));
  assert_selected (fixture, "");
  g_assert_true (gtk_selection_model_select_all (fixture->model));
  assert_selected (fixture, "");
  cb_job_selection_set_model (fixture->selection, G_LIST_MODEL (fixture->list));
  assert_selected (fixture, "");
  /* One who has the selection of before keeps it. */
  {
    g_autoptr (GtkBitset) before = NULL;

    g_assert_true (gtk_selection_model_select_item (fixture->model, 1, TRUE));
    before = gtk_selection_model_get_selection (fixture->model);
    g_assert_true (gtk_selection_model_select_item (fixture->model, 2, TRUE));
    g_assert_true (gtk_bitset_contains (before, 1));
    g_assert_false (gtk_bitset_contains (before, 2));
  }
  cb_job_selection_set_model (fixture->selection, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->selection)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, n, func) g_test_add ("/job-selection/" name, Fixture, GUINT_TO_POINTER (n), set_up, func, tear_down)
  ADD ("million", 1000000, test_million);
  ADD ("jobs", 0, test_jobs);
  ADD ("other", 0, test_other);
  return g_test_run ();
}
