/* cb-console-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-row.h"

#include <glib/gi18n.h>

#include "cb-console-entry.h"
#include "cb-format.h"

/* Characters of a command that are shown. */
#define MOST_SHOWN 400

typedef struct
{
  GtkTreeExpander *expander;
  GtkLabel *label;  /* the prompt, or what stands before a value */
  GtkLabel *text;
  GtkButton *more;
  GtkLabel *time;
  GtkWidget *copy_line;
  GtkWidget *copy_reply;
  GObject *item;    /* (owned) (nullable) */
  gulong changed_id;
} Row;

static void
copy (GtkWidget *widget, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
copy_line_cb (Row *row, GtkWidget *button)
{
  if (row->item != NULL && CB_IS_CONSOLE_ENTRY (row->item))
    copy (button, cb_console_entry_get_line (CB_CONSOLE_ENTRY (row->item)));
}

static void
copy_reply_cb (Row *row, GtkWidget *button)
{
  g_autofree char *text = NULL;

  if (row->item == NULL || !CB_IS_CONSOLE_ENTRY (row->item))
    return;
  text = cb_console_entry_dup_text (CB_CONSOLE_ENTRY (row->item));
  copy (button, text);
}

static void
more_cb (Row *row)
{
  if (row->item != NULL && CB_IS_CONSOLE_NODE (row->item))
    cb_console_node_show_more (CB_CONSOLE_NODE (row->item));
}

static GtkLabel *
new_label (GtkWidget *box, const char *first_class, const char *second_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_valign (label, GTK_ALIGN_BASELINE);
  if (first_class != NULL)
    gtk_widget_add_css_class (label, first_class);
  if (second_class != NULL)
    gtk_widget_add_css_class (label, second_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkWidget *
new_button (GtkWidget *box, const char *icon, const char *tip, GCallback callback, Row *row)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "cb-copy");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  gtk_box_append (GTK_BOX (box), button);
  g_signal_connect_swapped (button, "clicked", callback, row);
  return button;
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  row->expander = GTK_TREE_EXPANDER (gtk_tree_expander_new ());
  gtk_tree_expander_set_child (row->expander, box);
  row->label = new_label (box, "monospace", "dim-label");
  row->text = new_label (box, "monospace", NULL);
  gtk_widget_set_hexpand (GTK_WIDGET (row->text), TRUE);
  gtk_label_set_wrap (row->text, TRUE);
  gtk_label_set_wrap_mode (row->text, PANGO_WRAP_WORD_CHAR);
  row->more = GTK_BUTTON (gtk_button_new_with_label (""));
  gtk_widget_add_css_class (GTK_WIDGET (row->more), "cb-job-button");
  gtk_widget_set_halign (GTK_WIDGET (row->more), GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->more));
  g_signal_connect_swapped (row->more, "clicked", G_CALLBACK (more_cb), row);
  row->time = new_label (box, "dim-label", "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->time), "numeric");
  row->copy_line = new_button (box, "callboard-console-symbolic", _ ("Copy as a redis-cli line"), G_CALLBACK (copy_line_cb), row);
  row->copy_reply = new_button (box, "edit-copy-symbolic", _ ("Copy the reply"), G_CALLBACK (copy_reply_cb), row);

  gtk_list_item_set_activatable (item, TRUE);
  gtk_list_item_set_child (item, GTK_WIDGET (row->expander));
  g_object_set_data (G_OBJECT (item), "row", row);
}

static char *
dup_time (CbConsoleEntry *entry)
{
  gint64 duration = cb_console_entry_get_duration (entry);
  guint64 n = cb_console_entry_get_n_received (entry);
  g_autofree char *time = NULL;

  if (duration >= 0 && duration < 1000)
    /* Translators: microseconds */
    time = g_strdup_printf (_ ("%d µs"), (int) duration);
  else if (duration >= 0)
    time = cb_format_duration (duration);

  if (n > 0)
    {
      g_autofree char *received = cb_format_exact_count ((gint64) n);
      g_autofree char *discarded = cb_format_exact_count ((gint64) cb_console_entry_get_n_discarded (entry));
      g_autofree char *counts = cb_console_entry_get_n_discarded (entry) > 0
                                  /* Translators: two numbers of replies */
                                  ? g_strdup_printf (_ ("%s received, %s discarded"), received, discarded)
                                  : g_strdup_printf (_ ("%s received"), received);

      return time != NULL ? g_strdup_printf ("%s · %s", counts, time) : g_steal_pointer (&counts);
    }
  if (cb_console_entry_get_state (entry) == CB_CONSOLE_ENTRY_WAITING)
    return g_strdup (_ ("waiting…"));
  return time != NULL ? g_steal_pointer (&time) : g_strdup ("");
}

static void
set_class (GtkLabel *label, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (GTK_WIDGET (label), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), name);
}

static void
show_entry (Row *row)
{
  CbConsoleEntry *entry = CB_CONSOLE_ENTRY (row->item);
  g_autofree char *time = dup_time (entry);

  gtk_label_set_text (row->time, time);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");
  GtkTreeListRow *tree_row = gtk_list_item_get_item (item);
  GObject *object = gtk_tree_list_row_get_item (tree_row);
  gboolean is_entry = CB_IS_CONSOLE_ENTRY (object);
  gboolean note = is_entry && cb_console_entry_get_state (CB_CONSOLE_ENTRY (object)) == CB_CONSOLE_ENTRY_NOTE;
  gboolean more = !is_entry && cb_console_node_is_more (CB_CONSOLE_NODE (object));
  const char *label, *text;
  g_autofree char *cut = NULL;
  gboolean error = FALSE;

  gtk_tree_expander_set_list_row (row->expander, tree_row);
  row->item = object;
  if (is_entry)
    {
      label = cb_console_entry_get_prompt (CB_CONSOLE_ENTRY (object));
      text = cb_console_entry_get_line (CB_CONSOLE_ENTRY (object));
      show_entry (row);
      row->changed_id = g_signal_connect_swapped (object, "changed", G_CALLBACK (show_entry), row);
    }
  else
    {
      CbConsoleNode *node = CB_CONSOLE_NODE (object);
      GtkTreeListRow *above = gtk_tree_list_row_get_parent (tree_row);
      g_autoptr (GObject) parent = above != NULL ? gtk_tree_list_row_get_item (above) : NULL;

      label = cb_console_node_get_label (node);
      text = cb_console_node_get_text (node);
      /* What is no value says why there is none. */
      error = cb_console_node_is_error (node) ||
              (cb_console_node_get_value (node) == NULL && CB_IS_CONSOLE_ENTRY (parent) &&
               cb_console_entry_get_state (CB_CONSOLE_ENTRY (parent)) == CB_CONSOLE_ENTRY_FAILED);
      g_clear_pointer (&above, g_object_unref);
    }

  if (is_entry && g_utf8_strlen (text, -1) > MOST_SHOWN)
    {
      g_autofree char *beginning = g_utf8_substring (text, 0, MOST_SHOWN);

      text = cut = g_strconcat (beginning, "…", NULL);
    }
  gtk_label_set_text (row->label, label);
  gtk_widget_set_visible (GTK_WIDGET (row->label), *label != '\0');
  gtk_label_set_text (row->text, more ? "" : text);
  gtk_widget_set_visible (GTK_WIDGET (row->text), !more);
  gtk_button_set_label (row->more, more ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (row->more), more);
  gtk_widget_set_visible (GTK_WIDGET (row->time), is_entry);
  gtk_widget_set_visible (row->copy_line, is_entry && !note);
  gtk_widget_set_visible (row->copy_reply, is_entry && !note);
  set_class (row->text, "error", error);
  set_class (row->text, "cb-console-line", is_entry && !note);
  set_class (row->text, "dim-label", note);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  if (row->changed_id != 0)
    g_signal_handler_disconnect (row->item, row->changed_id);
  row->changed_id = 0;
  g_clear_object (&row->item);
  gtk_tree_expander_set_list_row (row->expander, NULL);
}

static void
teardown_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  Row *row = g_object_steal_data (G_OBJECT (item), "row");

  gtk_list_item_set_child (item, NULL);
  g_free (row);
}

GtkListItemFactory *
cb_console_row_factory_new (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  g_signal_connect (factory, "teardown", G_CALLBACK (teardown_cb), NULL);
  return factory;
}
