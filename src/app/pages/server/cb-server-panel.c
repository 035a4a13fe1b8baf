/* cb-server-panel.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-panel.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-text-scale.h"

struct _CbServerRow
{
  GObject parent_instance;

  char *key;                      /* (owned) */
  guint order;                    /* in the order in which the server tells them */
  /* Of each text what it is found and sorted by: thousands of rows are compared within a frame, and are made in another thread. */
  char *texts[CB_SERVER_MOST_COLUMNS];  /* (owned) (nullable) */
  char *folded[CB_SERVER_MOST_COLUMNS]; /* (owned) (nullable) */
  char *keys[CB_SERVER_MOST_COLUMNS];   /* (owned) (nullable) */
  double numbers[CB_SERVER_MOST_COLUMNS];
};

G_DEFINE_FINAL_TYPE (CbServerRow, cb_server_row, G_TYPE_OBJECT)

static guint changed_signal;

static void
cb_server_row_finalize (GObject *object)
{
  CbServerRow *self = CB_SERVER_ROW (object);

  g_free (self->key);
  for (guint i = 0; i < CB_SERVER_MOST_COLUMNS; i++)
    {
      g_free (self->texts[i]);
      g_free (self->folded[i]);
      g_free (self->keys[i]);
    }

  G_OBJECT_CLASS (cb_server_row_parent_class)->finalize (object);
}

static void
cb_server_row_class_init (CbServerRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_server_row_finalize;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_server_row_init (CbServerRow *self)
{
}

CbServerRow *
cb_server_row_new (const char *key)
{
  CbServerRow *self = g_object_new (CB_TYPE_SERVER_ROW, NULL);

  self->key = g_strdup (key);
  return self;
}

void
cb_server_row_take_text (CbServerRow *self, guint column, char *text, double number)
{
  g_return_if_fail (CB_IS_SERVER_ROW (self));
  g_return_if_fail (column < CB_SERVER_MOST_COLUMNS);

  g_free (self->texts[column]);
  g_free (self->folded[column]);
  g_free (self->keys[column]);
  self->texts[column] = text;
  self->folded[column] = g_utf8_casefold (text, -1);
  self->keys[column] = g_utf8_collate_key (text, -1);
  self->numbers[column] = number;
}

const char *
cb_server_row_get_key (CbServerRow *self)
{
  g_return_val_if_fail (CB_IS_SERVER_ROW (self), NULL);
  return self->key;
}

const char *
cb_server_row_get_text (CbServerRow *self, guint column)
{
  g_return_val_if_fail (CB_IS_SERVER_ROW (self), NULL);
  g_return_val_if_fail (column < CB_SERVER_MOST_COLUMNS, NULL);
  return self->texts[column] != NULL ? self->texts[column] : "";
}

/* Takes over what @other has. Returns whether that is something else. */
static gboolean
adopt (CbServerRow *self, CbServerRow *other)
{
  gboolean changed = FALSE;

  self->order = other->order;
  for (guint i = 0; i < CB_SERVER_MOST_COLUMNS; i++)
    {
      if (g_strcmp0 (self->texts[i], other->texts[i]) != 0)
        {
          g_free (self->texts[i]);
          g_free (self->folded[i]);
          g_free (self->keys[i]);
          self->texts[i] = g_steal_pointer (&other->texts[i]);
          self->folded[i] = g_steal_pointer (&other->folded[i]);
          self->keys[i] = g_steal_pointer (&other->keys[i]);
          changed = TRUE;
        }
      self->numbers[i] = other->numbers[i];
    }
  return changed;
}

/* --- the panel --- */

struct _CbServerPanel
{
  AdwBin parent_instance;

  const CbServerColumn *columns;
  guint n_columns;
  GListStore *store;              /* (owned) (element-type CbServerRow) */
  GHashTable *by_key;             /* (owned) (element-type utf8 CbServerRow) of those in it */
  GtkSingleSelection *selection;
  GtkFilter *filter;
  GtkSorter *sorter;
  char *words;                    /* (owned) (nullable) case-folded: what is looked for */

  GtkWidget *box;
  GtkWidget *bar;
  GtkLabel *note;
  GtkLabel *problem;
  GtkStack *stack;
  GtkColumnView *view;
  GtkLabel *empty;
  char *empty_text;               /* (owned) */
};

G_DEFINE_FINAL_TYPE (CbServerPanel, cb_server_panel, ADW_TYPE_BIN)

static guint selected_signal, activated_signal;

/* Where the table is not sorted by a column the rows stand as they were told. */
static int
compare_orders (gconstpointer a, gconstpointer b, gpointer data)
{
  const CbServerRow *one = a, *other = b;

  return one->order < other->order ? -1 : one->order > other->order;
}

static int
compare_column (gconstpointer a, gconstpointer b, gpointer data)
{
  CbServerRow *one = (CbServerRow *) a, *other = (CbServerRow *) b;
  guint column = GPOINTER_TO_UINT (data) >> 1;

  if (GPOINTER_TO_UINT (data) & 1)
    return one->numbers[column] < other->numbers[column] ? -1 : one->numbers[column] > other->numbers[column];
  return g_strcmp0 (one->keys[column], other->keys[column]);
}

static gboolean
matches (gpointer item, gpointer data)
{
  CbServerPanel *self = data;
  CbServerRow *row = item;

  if (self->words == NULL)
    return TRUE;
  for (guint i = 0; i < self->n_columns; i++)
    if (row->folded[i] != NULL && strstr (row->folded[i], self->words) != NULL)
      return TRUE;
  return FALSE;
}

static void
update_stack (CbServerPanel *self)
{
  gboolean filtered = g_list_model_get_n_items (G_LIST_MODEL (self->store)) > 0;

  if (g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0)
    {
      gtk_stack_set_visible_child_name (self->stack, "list");
      return;
    }
  gtk_label_set_text (self->empty, filtered ? _ ("Nothing has these words in it.") : self->empty_text);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static void
searched_cb (CbServerPanel *self, GtkEditable *entry)
{
  g_autofree char *folded = g_utf8_casefold (gtk_editable_get_text (entry), -1);

  g_free (self->words);
  self->words = *folded != '\0' ? g_steal_pointer (&folded) : NULL;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
selected_cb (CbServerPanel *self)
{
  g_signal_emit (self, selected_signal, 0);
}

static void
activated_cb (CbServerPanel *self, guint position)
{
  g_autoptr (CbServerRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (row != NULL)
    g_signal_emit (self, activated_signal, 0, row);
}

/* --- cells --- */

static guint
get_column (GtkSignalListItemFactory *factory)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "column"));
}

/* Of a label: that of its column, which is as wide as the widest in it asks to be. */
#define WIDTH "cb-width"

/* Of all labels in @widget, or of itself. */
static void
set_width (GtkWidget *widget)
{
  int width = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), WIDTH));

  if (width > 0)
    gtk_widget_set_size_request (widget, cb_text_scale (widget, width), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    set_width (child);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, CbServerPanel *self)
{
  const CbServerColumn *column = &self->columns[get_column (factory)];
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column->numeric ? 1 : 0);
  /* A number is there whole, or says another one. */
  if (column->width > 0 && !column->numeric)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  g_object_set_data (G_OBJECT (label), WIDTH, GINT_TO_POINTER (column->width));
  set_width (label);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
show_cell (GtkListItem *item, guint column)
{
  CbServerRow *row = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *text = row != NULL ? cb_server_row_get_text (row, column) : "";

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, strlen (text) > 24 ? text : NULL);
}

static void
row_changed_cb (GtkListItem *item)
{
  show_cell (item, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), "column")));
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, CbServerPanel *self)
{
  g_object_set_data (G_OBJECT (item), "column", GUINT_TO_POINTER (get_column (factory)));
  g_signal_connect_swapped (gtk_list_item_get_item (item), "changed", G_CALLBACK (row_changed_cb), item);
  show_cell (item, get_column (factory));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, CbServerPanel *self)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), row_changed_cb, item);
}

static void
add_column (CbServerPanel *self, guint index)
{
  const CbServerColumn *info = &self->columns[index];
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = NULL;
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare_column,
                                                                    GUINT_TO_POINTER (index << 1 | (info->numeric ? 1 : 0)), NULL));

  g_object_set_data (G_OBJECT (factory), "column", GUINT_TO_POINTER (index));
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, 0);
  column = gtk_column_view_column_new (_ (info->title), factory);
  gtk_column_view_column_set_sorter (column, sorter);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_expand (column, info->expand);
  gtk_column_view_append_column (self->view, column);
}

/* --- object --- */

static void
cb_server_panel_dispose (GObject *object)
{
  CbServerPanel *self = CB_SERVER_PANEL (object);

  g_clear_object (&self->store);

  G_OBJECT_CLASS (cb_server_panel_parent_class)->dispose (object);
}

static void
cb_server_panel_finalize (GObject *object)
{
  CbServerPanel *self = CB_SERVER_PANEL (object);

  g_hash_table_unref (self->by_key);
  g_free (self->words);
  g_free (self->empty_text);

  G_OBJECT_CLASS (cb_server_panel_parent_class)->finalize (object);
}

static void
cb_server_panel_class_init (CbServerPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_server_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_server_panel_finalize;

  selected_signal = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  activated_signal = g_signal_new ("row-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   CB_TYPE_SERVER_ROW);
}

static GtkLabel *
create_text (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static void
cb_server_panel_init (CbServerPanel *self)
{
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->store = g_list_store_new (CB_TYPE_SERVER_ROW);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->note = create_text ("dim-label");
  self->problem = create_text ("cb-problem");
  self->stack = GTK_STACK (gtk_stack_new ());
  self->empty = create_text ("dim-label");
}

/* What the table shows: the rows that have the words, in the order of the column that was clicked. */
static void
create_model (CbServerPanel *self)
{
  GtkCustomFilter *filter = gtk_custom_filter_new (matches, self, NULL);
  GtkMultiSorter *sorter = gtk_multi_sorter_new ();
  GtkFilterListModel *filtered = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->store)), GTK_FILTER (filter));
  GtkSortListModel *sorted;

  gtk_multi_sorter_append (sorter, g_object_ref (gtk_column_view_get_sorter (self->view)));
  gtk_multi_sorter_append (sorter, GTK_SORTER (gtk_custom_sorter_new (compare_orders, NULL, NULL)));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), GTK_SORTER (sorter));
  self->filter = GTK_FILTER (filter);
  self->sorter = GTK_SORTER (sorter);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (self->selection);
}

static void
create_view (CbServerPanel *self, const char *name)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "data-table");
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "cb-jobs");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  for (guint i = 0; i < self->n_columns; i++)
    add_column (self, i);
  cb_text_scale_watch (GTK_WIDGET (self->view), G_CALLBACK (set_width), self->view);
  create_model (self);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activated_cb), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_stack_add_named (self->stack, scroller, "list");
}

CbServerPanel *
cb_server_panel_new (const CbServerColumn *columns, guint n_columns, const char *name, const char *empty)
{
  CbServerPanel *self = g_object_new (CB_TYPE_SERVER_PANEL, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *search = gtk_search_entry_new ();

  g_return_val_if_fail (n_columns <= CB_SERVER_MOST_COLUMNS, NULL);

  self->columns = columns;
  self->n_columns = n_columns;
  self->empty_text = g_strdup (empty);
  create_view (self, name);
  gtk_widget_set_halign (GTK_WIDGET (self->empty), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->empty), GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (GTK_WIDGET (self->empty), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self->empty), 18);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->empty), "empty");

  gtk_widget_set_hexpand (search, TRUE);
  g_object_set (search, "placeholder-text", _ ("Filter"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filter"), -1);
  g_signal_connect_object (search, "search-changed", G_CALLBACK (searched_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->bar), search);
  gtk_widget_set_margin_top (head, 9);
  gtk_widget_set_margin_bottom (head, 9);
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 12);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->note), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_box_append (GTK_BOX (head), self->bar);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->note));
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), self->box);
  gtk_label_set_text (self->empty, _ ("Asking the server…"));
  gtk_stack_set_visible_child_name (self->stack, "empty");
  return self;
}

GtkWidget *
cb_server_panel_add_button (CbServerPanel *self, const char *label, GCallback callback, gpointer data)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  /* By name, so that a screen reader says it also where it is insensitive. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (button, "clicked", callback, data, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->bar), button);
  return button;
}

void
cb_server_panel_add_below (CbServerPanel *self, GtkWidget *widget)
{
  gtk_box_append (GTK_BOX (self->box), widget);
}

void
cb_server_panel_set_note (CbServerPanel *self, const char *note)
{
  gtk_label_set_text (self->note, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note), *note != '\0');
}

void
cb_server_panel_set_problem (CbServerPanel *self, const char *problem)
{
  cb_announce_problem (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (problem != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->store)) == 0)
    {
      gtk_label_set_text (self->empty, _ ("It is not known."));
      gtk_stack_set_visible_child_name (self->stack, "empty");
    }
}

static gboolean
is_missing (CbServerPanel *self, GHashTable *there, guint position)
{
  g_autoptr (CbServerRow) row = g_list_model_get_item (G_LIST_MODEL (self->store), position);

  if (g_hash_table_contains (there, row->key))
    return FALSE;
  g_hash_table_remove (self->by_key, row->key);
  return TRUE;
}

/* Those that stand together go together. */
static void
remove_missing (CbServerPanel *self, GHashTable *there)
{
  guint n_gone = 0;

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->store)); i > 0; i--)
    {
      if (is_missing (self, there, i - 1))
        {
          n_gone++;
          continue;
        }
      if (n_gone > 0)
        g_list_store_splice (self->store, i, n_gone, NULL, 0);
      n_gone = 0;
    }
  if (n_gone > 0)
    g_list_store_splice (self->store, 0, n_gone, NULL, 0);
}

void
cb_server_panel_take_rows (CbServerPanel *self, GPtrArray *rows)
{
  g_autoptr (GPtrArray) owned = rows;
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) added = g_ptr_array_new ();
  gboolean moved = FALSE;

  g_return_if_fail (CB_IS_SERVER_PANEL (self));

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (there, ((CbServerRow *) g_ptr_array_index (rows, i))->key);
  remove_missing (self, there);

  for (guint i = 0; i < rows->len; i++)
    {
      CbServerRow *row = g_ptr_array_index (rows, i);
      CbServerRow *known = g_hash_table_lookup (self->by_key, row->key);

      row->order = i;
      if (known == NULL)
        {
          g_hash_table_insert (self->by_key, row->key, row);
          g_ptr_array_add (added, row);
          continue;
        }
      if (known == row)
        continue;
      moved = moved || known->order != i;
      if (adopt (known, row))
        {
          g_signal_emit (known, changed_signal, 0);
          moved = TRUE;
        }
    }
  g_list_store_splice (self->store, g_list_model_get_n_items (G_LIST_MODEL (self->store)), 0, added->pdata, added->len);
  /* What is sorted by is among what has changed, or may be. */
  if (moved)
    {
      gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
      if (self->words != NULL)
        gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
    }
  update_stack (self);
}

CbServerRow *
cb_server_panel_get_selected (CbServerPanel *self)
{
  g_return_val_if_fail (CB_IS_SERVER_PANEL (self), NULL);
  return self->selection != NULL ? gtk_single_selection_get_selected_item (self->selection) : NULL;
}

void
cb_server_set_refusal (GtkWidget *widget, const char *refusal, const char *tooltip)
{
  gtk_widget_set_sensitive (widget, refusal == NULL);
  gtk_widget_set_tooltip_text (widget, refusal != NULL ? refusal : tooltip);
}
