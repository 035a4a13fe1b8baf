/* cb-keys-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

#include "cb-format.h"

/* ---- rows ---- */

static void
setup_cb (CbKeysPage *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, cb_key_cell_new (self->clock));
}

static void
look_up (CbKeysPage *self, CbKeyItem *item)
{
  if (!cb_key_item_is_folder (item) && cb_key_item_get_facts (item) == NULL)
    cb_key_lookup_add (self->lookup, item);
}

/* A folder shows as the only key that is left in it. */
static void
folder_cb (CbKeyItem *item, GParamSpec *pspec, CbKeysPage *self)
{
  look_up (self, item);
}

static void
bind_cb (CbKeysPage *self, GtkListItem *list_item)
{
  CbKeyItem *item = gtk_list_item_get_item (list_item);

  cb_key_cell_set_item (CB_KEY_CELL (gtk_list_item_get_child (list_item)), item);
  g_signal_connect_object (item, "notify::folder", G_CALLBACK (folder_cb), self, 0);
  look_up (self, item);
}

static void
unbind_cb (CbKeysPage *self, GtkListItem *list_item)
{
  cb_key_cell_set_item (CB_KEY_CELL (gtk_list_item_get_child (list_item)), NULL);
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), folder_cb, self);
  cb_key_lookup_remove (self->lookup, gtk_list_item_get_item (list_item));
}

/* ---- keys that go and come ---- */

void
cb_keys_page_set_gone_many (CbKeysPage *self, GPtrArray *names, gboolean gone)
{
  CbKeyStore *store = self->finder != NULL ? cb_key_finder_get_store (self->finder) : NULL;
  gboolean changed = FALSE;
  gboolean added = FALSE;

  if (store == NULL)
    return;

  for (guint i = 0; i < names->len; i++)
    {
      gsize length;
      const char *bytes = g_bytes_get_data (g_ptr_array_index (names, i), &length);
      CbKeyId id = cb_key_store_find (store, bytes != NULL ? bytes : "", length);

      if (id == CB_KEY_NONE && !gone)
        {
          cb_key_finder_add (self->finder, g_ptr_array_index (names, i));
          added = TRUE;
        }
      else if (id != CB_KEY_NONE && cb_key_store_get_gone (store, id) != gone)
        {
          cb_key_store_set_gone (store, id, gone);
          changed = TRUE;
        }
    }
  if (changed)
    cb_key_tree_update_gone (self->tree);
  if (changed || added)
    cb_keys_page_update_search (self);
}

void
cb_keys_page_set_gone (CbKeysPage *self, GBytes *name, gboolean gone)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  g_ptr_array_add (names, name);
  cb_keys_page_set_gone_many (self, names, gone);
}

void
cb_keys_page_look_again (CbKeysPage *self)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list_view)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *cell = gtk_widget_get_first_child (row);
      CbKeyItem *item = CB_IS_KEY_CELL (cell) ? cb_key_cell_get_item (CB_KEY_CELL (cell)) : NULL;

      if (item != NULL && !cb_key_item_is_folder (item))
        cb_key_lookup_add (self->lookup, item);
    }
}

static void
gone_cb (CbKeysPage *self, CbKeyItem *item)
{
  g_autoptr (GBytes) name = cb_key_item_dup_name (item);
  GBytes *shown = self->view != NULL ? cb_key_view_get_key (self->view) : NULL;

  /* Of the one that is shown it is told beside the list, too. */
  if (shown != NULL && g_bytes_equal (shown, name))
    cb_key_view_refresh (self->view);
  else
    cb_keys_page_set_gone (self, name, TRUE);
}

/* ---- selection ---- */

guint
cb_keys_page_count_selected (CbKeysPage *self, guint *n_folders)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));

  if (n_folders != NULL)
    *n_folders = cb_key_tree_count_folders (self->tree, selected);
  return (guint) gtk_bitset_get_size (selected);
}

CbKeyItem *
cb_keys_page_dup_selected_item (CbKeysPage *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));

  if (gtk_bitset_get_size (selected) != 1)
    return NULL;
  return g_list_model_get_item (G_LIST_MODEL (self->tree), gtk_bitset_get_minimum (selected));
}

GPtrArray *
cb_keys_page_dup_selected (CbKeysPage *self, guint most)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GtkBitsetIter iter;
  guint position;

  if (gtk_bitset_get_size (selected) > most)
    return NULL;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

      if (item == NULL || cb_key_item_is_folder (item))
        return NULL;
      g_ptr_array_add (names, cb_key_item_dup_name (item));
    }
  return g_steal_pointer (&names);
}

static void
show_folder (CbKeysPage *self, CbKeyItem *item)
{
  CbKeyRow *row = cb_key_item_get_row (item);
  guint n = cb_key_row_count_keys (row);
  g_autofree char *name = cb_key_item_dup_whole_label (item, 200);
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *text =
    g_strdup_printf (cb_key_item_get_partial (item) ? ngettext ("%s key begins with this so far.", "%s keys begin with this so far.", n)
                                                    : ngettext ("%s key begins with this.", "%s keys begin with this.", n),
                     count);

  /* A title is no markup, unlike a description. */
  adw_status_page_set_title (self->folder_page, name);
  adw_status_page_set_description (self->folder_page, text);
  gtk_stack_set_visible_child_name (self->detail_stack, "folder");
}

/* It has more keys as they come. */
void
cb_keys_page_update_folder (CbKeysPage *self)
{
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);

  if (item != NULL && cb_key_item_is_folder (item))
    show_folder (self, item);
}

static void
show_many (CbKeysPage *self, guint n, guint n_folders)
{
  g_autofree char *count = cb_format_exact_count (n - n_folders);
  g_autofree char *title = g_strdup_printf (ngettext ("%s Key Selected", "%s Keys Selected", n - n_folders), count);
  g_autofree char *folders = NULL;

  if (n_folders > 0)
    {
      g_autofree char *folder_count = cb_format_exact_count (n_folders);

      folders = g_strdup_printf (ngettext ("and %s folder", "and %s folders", n_folders), folder_count);
    }
  adw_status_page_set_title (self->many_page, title);
  adw_status_page_set_description (self->many_page, folders);
  gtk_stack_set_visible_child_name (self->detail_stack, "many");
}

void
cb_keys_page_update_selection (CbKeysPage *self)
{
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  guint n_folders = 0;
  guint n;

  /* What is written and not stored stays where it is until somebody says what to do with it. */
  if ((item == NULL || cb_key_item_is_folder (item)) && self->view != NULL && self->wanted == NULL &&
      !cb_key_view_get_modified (self->view))
    cb_key_view_set_key (self->view, NULL);
  if (item != NULL && cb_key_item_is_folder (item))
    {
      show_folder (self, item);
    }
  else if (item != NULL)
    {
      g_autoptr (GBytes) name = cb_key_item_dup_name (item);
      GBytes *shown = self->view != NULL ? cb_key_view_get_key (self->view) : NULL;

      if (self->view != NULL && (shown == NULL || !g_bytes_equal (shown, name)))
        cb_key_view_set_key (self->view, name);
      gtk_stack_set_visible_child_name (self->detail_stack, "key");
    }
  else
    {
      n = cb_keys_page_count_selected (self, &n_folders);
      if (n > 1)
        show_many (self, n, n_folders);
      else
        gtk_stack_set_visible_child_name (self->detail_stack, "key");
    }
  cb_keys_page_update_actions (self);
}

static void
selection_cb (CbKeysPage *self)
{
  if (self->selecting)
    return;

  g_clear_pointer (&self->wanted, g_bytes_unref);
  cb_keys_page_update_selection (self);
}

/* The key that is shown was deleted, or its time is over. Its row goes; that it is gone, what was last seen of it and what is written in
 * it is shown until something else is chosen. */
static void
view_gone_cb (CbKeysPage *self, GBytes *name)
{
  gboolean selecting = self->selecting;

  self->selecting = TRUE;
  cb_keys_page_set_gone (self, name, TRUE);
  self->selecting = selecting;
  cb_keys_page_update_actions (self);
}

static void
view_changed_cb (CbKeysPage *self, GBytes *name)
{
  cb_keys_page_set_gone (self, name, FALSE);
  cb_keys_page_look_again (self);
}

void
cb_keys_page_set_view (CbKeysPage *self, CbKeyView *view)
{
  self->view = view;
  adw_bin_set_child (self->view_bin, GTK_WIDGET (view));
  g_signal_connect_object (view, "key-gone", G_CALLBACK (view_gone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "key-changed", G_CALLBACK (view_changed_cb), self, G_CONNECT_SWAPPED);
  cb_keys_page_update_selection (self);
}

/* What is to be selected may not have come yet. */
void
cb_keys_page_select_wanted (CbKeysPage *self)
{
  guint position;

  if (self->wanted == NULL || self->selecting)
    return;

  /* Expanding the folders it is in makes rows come, too. */
  self->selecting = TRUE;
  position = cb_key_tree_find (self->tree, self->wanted, TRUE);
  self->selecting = FALSE;
  if (position == GTK_INVALID_LIST_POSITION)
    return;

  g_clear_pointer (&self->wanted, g_bytes_unref);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->tree), position, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u", position);
}

/* ---- mouse and keyboard ---- */

static void
open_detail (CbKeysPage *self)
{
  cb_list_detail_set_show_detail (self->panes, TRUE);
  if (cb_list_detail_get_folded (self->panes))
    gtk_widget_child_focus (GTK_WIDGET (self->detail_stack), GTK_DIR_TAB_FORWARD);
}

static gboolean
get_only_selected (CbKeysPage *self, guint *position)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));

  *position = gtk_bitset_is_empty (selected) ? GTK_INVALID_LIST_POSITION : gtk_bitset_get_minimum (selected);
  return gtk_bitset_get_size (selected) == 1;
}

static void
toggle (CbKeysPage *self, guint position)
{
  g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

  if (item != NULL && cb_key_item_is_folder (item))
    cb_key_tree_set_expanded (self->tree, position, !cb_key_item_get_expanded (item));
}

/* Enter on a row, or a double click. */
static void
activated_cb (CbKeysPage *self, guint position)
{
  g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

  if (item == NULL)
    return;
  /* A click has opened or closed the folder already. */
  if (cb_key_item_is_folder (item))
    {
      if (!self->clicked)
        toggle (self, position);
      return;
    }
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->tree), position, TRUE);
  open_detail (self);
}

static gboolean
clicked_cb (gpointer data)
{
  CbKeysPage *self = data;
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  guint position;

  self->click_id = 0;
  if (item == NULL || !get_only_selected (self, &position))
    return G_SOURCE_REMOVE;

  if (cb_key_item_is_folder (item))
    toggle (self, position);
  else if (cb_list_detail_get_folded (self->panes))
    open_detail (self);
  return G_SOURCE_REMOVE;
}

static void
pressed_cb (CbKeysPage *self, int n_press, double x, double y)
{
  self->clicked = TRUE;
}

/* One click opens a folder, and where the detail stands in the list's place a key; the row selects itself after this. */
static void
released_cb (CbKeysPage *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->list_view), x, y, GTK_PICK_DEFAULT);
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  if (n_press == 1 && (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0 && widget != NULL &&
      gtk_widget_get_ancestor (widget, CB_TYPE_KEY_CELL) != NULL && self->click_id == 0)
    self->click_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, clicked_cb, self, NULL);
}

/* GTK 4.8 tells nobody where a row is. */
static void
focus_row (CbKeysPage *self, guint position)
{
  g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list_view)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *cell = gtk_widget_get_first_child (row);

      if (CB_IS_KEY_CELL (cell) && cb_key_cell_get_item (CB_KEY_CELL (cell)) == item)
        {
          gtk_widget_grab_focus (row);
          return;
        }
    }
}

static void
select_row (CbKeysPage *self, guint position)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->tree), position, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u", position);
  focus_row (self, position);
}

/* As in every tree: right opens, and goes in; left closes, and goes out. */
static gboolean
key_cb (CbKeysPage *self, guint keyval, guint keycode, GdkModifierType state)
{
  gboolean right_to_left = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  g_autoptr (CbKeyItem) item = NULL;
  gboolean folder;
  guint position;

  self->clicked = FALSE;
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return keyval == GDK_KEY_ISO_Left_Tab && gtk_widget_grab_focus (GTK_WIDGET (self->view_button));
  /* Only here: beside the list it would be about something else. */
  if (keyval == GDK_KEY_Delete || keyval == GDK_KEY_KP_Delete)
    return gtk_widget_activate_action (GTK_WIDGET (self), "key.delete", NULL);
  if (keyval == GDK_KEY_Tab)
    return gtk_widget_get_child_visible (GTK_WIDGET (self->detail_stack)) &&
           gtk_widget_child_focus (GTK_WIDGET (self->detail_stack), GTK_DIR_TAB_FORWARD);
  if (keyval != GDK_KEY_Left && keyval != GDK_KEY_Right)
    return FALSE;

  item = cb_keys_page_dup_selected_item (self);
  if (item == NULL || !get_only_selected (self, &position))
    return FALSE;

  folder = cb_key_item_is_folder (item);
  if ((keyval == GDK_KEY_Right) != right_to_left)
    {
      if (folder && !cb_key_item_get_expanded (item))
        cb_key_tree_set_expanded (self->tree, position, TRUE);
      else if (folder && position + 1 < g_list_model_get_n_items (G_LIST_MODEL (self->tree)))
        select_row (self, position + 1);
    }
  else
    {
      guint parent = cb_key_tree_get_parent (self->tree, position);

      if (folder && cb_key_item_get_expanded (item))
        cb_key_tree_set_expanded (self->tree, position, FALSE);
      else if (parent != GTK_INVALID_LIST_POSITION)
        select_row (self, parent);
    }
  return TRUE;
}

/* ---- the menu of a row ---- */

static void
menu_closed_cb (CbKeysPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
popup (CbKeysPage *self, double x, double y)
{
  if (self->menu == NULL)
    {
      self->menu = GTK_POPOVER (gtk_popover_menu_new_from_model (self->row_menu));
      gtk_popover_set_has_arrow (self->menu, FALSE);
      gtk_widget_set_halign (GTK_WIDGET (self->menu), GTK_ALIGN_START);
      /* A parent with a layout manager, which looks after it. */
      gtk_widget_set_parent (GTK_WIDGET (self->menu), GTK_WIDGET (self));
      g_signal_connect_object (self->menu, "closed", G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
    }
  gtk_popover_set_pointing_to (self->menu, &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (self->menu);
}

/* A row that is not part of the selection becomes it: the menu is about what is under the pointer. */
static void
menu_pressed_cb (CbKeysPage *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->list_view), x, y, GTK_PICK_DEFAULT);
  GtkWidget *cell = widget != NULL ? gtk_widget_get_ancestor (widget, CB_TYPE_KEY_CELL) : NULL;
  CbKeyItem *item = cell != NULL ? cb_key_cell_get_item (CB_KEY_CELL (cell)) : NULL;
  guint position = item != NULL ? cb_key_tree_find_item (self->tree, item) : GTK_INVALID_LIST_POSITION;
  double page_x, page_y;

  if (position == GTK_INVALID_LIST_POSITION)
    return;

  if (!gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->tree), position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->tree), position, TRUE);
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_translate_coordinates (GTK_WIDGET (self->list_view), GTK_WIDGET (self), x, y, &page_x, &page_y);
  popup (self, page_x, page_y);
}

/* By keyboard it is about the selection, and appears at the row that has the focus. */
static void
menu_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  double x = 24, y = 48;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list_view)))
    return;

  gtk_widget_translate_coordinates (focus, GTK_WIDGET (self), 24, gtk_widget_get_height (focus) / 2.0, &x, &y);
  popup (self, x, y);
}

void
cb_keys_page_set_up_list (CbKeysPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *menu_click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list_view, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (self->tree));

  g_signal_connect_object (self->tree, "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lookup, "gone", G_CALLBACK (gone_cb), self, G_CONNECT_SWAPPED);

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (click, "released", G_CALLBACK (released_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list_view), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu_click), GDK_BUTTON_SECONDARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (menu_click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (menu_click, "pressed", G_CALLBACK (menu_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list_view), GTK_EVENT_CONTROLLER (menu_click));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->list_view), keys);
}

void
cb_keys_page_install_list (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_install_action (widget_class, "key.menu", NULL, menu_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "key.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "key.menu", NULL);
}
