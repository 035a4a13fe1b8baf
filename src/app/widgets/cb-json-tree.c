/* cb-json-tree.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json-tree.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"
#include "cb-json-node.h"
#include "cb-json.h"

#define MAX_NAME_BYTES 256
#define MAX_VALUE_BYTES 1024
#define MAX_PATH_BYTES 4096
#define MAX_HEIGHT 360

struct _CbJsonTree
{
  GtkWidget parent_instance;

  GtkWidget *box;                   /* (owned): the only child */
  GtkListView *view;
  GtkTreeListModel *model;          /* (owned) (nullable) */
  GtkSingleSelection *selection;    /* (owned) */
  GtkWidget *bar;
  GtkLabel *path;
};

G_DEFINE_FINAL_TYPE (CbJsonTree, cb_json_tree, GTK_TYPE_WIDGET)

static GListModel *
create_model (gpointer item, gpointer user_data)
{
  return cb_json_node_has_children (item) ? G_LIST_MODEL (g_object_ref (item)) : NULL;
}

/* (transfer full) (nullable) */
static CbJsonNode *
get_selected (CbJsonTree *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (CbJsonNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  return node != NULL && cb_json_node_get_n_left (node) == 0 ? g_steal_pointer (&node) : NULL;
}

/* ---- rows ---- */

static GtkWidget *
create_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "cb-code");
  gtk_widget_add_css_class (label, "cb-plain");
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = create_label ("cb-json-name");
  GtkWidget *value = create_label (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_ellipsize (GTK_LABEL (value), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (value, TRUE);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), value);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  gtk_list_item_set_child (item, expander);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  g_autoptr (CbJsonNode) node = gtk_tree_list_row_get_item (row);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  GtkWidget *name_label = gtk_widget_get_first_child (gtk_tree_expander_get_child (expander));
  GtkWidget *value_label = gtk_widget_get_next_sibling (name_label);
  gsize n_left = cb_json_node_get_n_left (node);
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  const char *kind = "dim-label";

  gtk_tree_expander_set_list_row (expander, row);
  if (n_left > 0)
    {
      g_autofree char *count = cb_format_exact_count ((gint64) n_left);

      name = g_strdup ("");
      /* Translators: %s is how many values of a list are not shown yet; choosing this row shows the next */
      value = g_strdup_printf (_ ("%s more…"), count);
    }
  else
    {
      name = cb_json_node_dup_name (node, MAX_NAME_BYTES);
      value = cb_json_node_dup_label (node, MAX_VALUE_BYTES);
      kind = g_str_equal (cb_json_node_get_kind (node), "string")   ? "cb-json-string"
             : cb_json_node_has_children (node)                     ? "dim-label"
                                                                    : "cb-json-number";
      if (cb_json_node_is_repeated (node))
        {
          /* Translators: stands behind a name that an object of JSON has twice */
          g_autofree char *marked = g_strdup_printf (_ ("%s (again)"), name);

          g_free (name);
          name = g_steal_pointer (&marked);
        }
    }
  gtk_label_set_label (GTK_LABEL (name_label), name);
  gtk_widget_set_visible (name_label, *name != '\0');
  gtk_label_set_label (GTK_LABEL (value_label), value);
  gtk_widget_set_css_classes (value_label, (const char *[]) { "monospace", "cb-code", "cb-plain", kind, NULL });
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static void
activate_cb (CbJsonTree *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  g_autoptr (CbJsonNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  if (node == NULL)
    return;

  if (cb_json_node_get_n_left (node) > 0)
    cb_json_node_load_more (node);
  else if (gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* ---- what is selected ---- */

static void
selected_cb (CbJsonTree *self)
{
  g_autoptr (CbJsonNode) node = get_selected (self);
  g_autofree char *path = node != NULL ? cb_json_node_dup_path (node) : NULL;

  if (path != NULL)
    {
      g_autofree char *shown = cb_text_display (path, (gssize) MIN (strlen (path), MAX_PATH_BYTES), TRUE);

      gtk_label_set_label (self->path, shown);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->path), shown);
    }
  gtk_widget_set_visible (self->bar, path != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "json.copy-value", path != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "json.copy-path", path != NULL);
}

static void
copy_value_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (CbJsonNode) node = get_selected (CB_JSON_TREE (widget));
  g_autofree char *text = node != NULL ? cb_json_node_dup_value (node) : NULL;

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
copy_path_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (CbJsonNode) node = get_selected (CB_JSON_TREE (widget));
  g_autofree char *text = node != NULL ? cb_json_node_dup_path (node) : NULL;

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
cb_json_tree_dispose (GObject *object)
{
  CbJsonTree *self = CB_JSON_TREE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);

  G_OBJECT_CLASS (cb_json_tree_parent_class)->dispose (object);
}

static void
cb_json_tree_class_init (CbJsonTreeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_json_tree_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "json.copy-value", NULL, copy_value_action);
  gtk_widget_class_install_action (widget_class, "json.copy-path", NULL, copy_path_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "json.copy-value", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "json.copy-path", NULL);
}

static GtkWidget *
create_button (const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

static void
cb_json_tree_init (CbJsonTree *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);

  self->view = GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "cb-json-tree");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Data as a Tree"), -1);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MAX_HEIGHT);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 60);

  self->path = GTK_LABEL (create_label ("dim-label"));
  gtk_label_set_ellipsize (self->path, PANGO_ELLIPSIZE_START);
  gtk_widget_set_hexpand (GTK_WIDGET (self->path), TRUE);
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (self->bar, "cb-json-bar");
  gtk_box_append (GTK_BOX (self->bar), GTK_WIDGET (self->path));
  gtk_box_append (GTK_BOX (self->bar), create_button (_ ("Copy Value"), "json.copy-value"));
  gtk_box_append (GTK_BOX (self->bar), create_button (_ ("Copy Path"), "json.copy-path"));

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_box_append (GTK_BOX (self->box), self->bar);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  selected_cb (self);
}

GtkWidget *
cb_json_tree_new (void)
{
  return g_object_new (CB_TYPE_JSON_TREE, NULL);
}

/**
 * cb_json_tree_set_bytes:
 * @bytes: (nullable): with %NULL nothing is shown
 */
gboolean
cb_json_tree_set_bytes (CbJsonTree *self, GBytes *bytes, GError **error)
{
  CbJsonNode *root;

  g_return_val_if_fail (CB_IS_JSON_TREE (self), FALSE);

  gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->model);
  if (bytes == NULL)
    return TRUE;

  root = cb_json_node_new (bytes, error);
  if (root == NULL)
    return FALSE;

  /* What is in the outermost value, without a line for that one; a value alone has a line. */
  if (cb_json_node_has_children (root))
    {
      self->model = gtk_tree_list_model_new (G_LIST_MODEL (root), FALSE, FALSE, create_model, NULL, NULL);
    }
  else
    {
      GListStore *store = g_list_store_new (CB_TYPE_JSON_NODE);

      g_list_store_append (store, root);
      g_object_unref (root);
      self->model = gtk_tree_list_model_new (G_LIST_MODEL (store), FALSE, FALSE, create_model, NULL, NULL);
    }
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->model));
  return TRUE;
}
