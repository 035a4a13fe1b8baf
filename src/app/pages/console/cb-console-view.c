/* cb-console-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-console-ask.h"
#include "cb-console-guard.h"
#include "cb-console-input.h"
#include "cb-console-row.h"
#include "cb-console.h"
#include "cb-format.h"

/* Arrays up to this length are opened by themselves. */
#define MOST_OPENED 20
/* What a line of GTK holds, in bytes. */
#define LONGEST_LINE 65000

struct _CbConsoleView
{
  AdwBin parent_instance;

  CbSession *session;        /* (owned) */
  CbConsole *console;        /* (owned) (nullable) */
  CbConsoleHistory *history; /* (owned) (nullable) */
  CbConsoleInput *keys;      /* (owned) (nullable) */
  GtkTreeListModel *tree;    /* (owned) (nullable) */
  double upper;
  gboolean following;
  guint tick_id;             /* going to the end */
  guint n_frames;            /* for so many more */
  gboolean setting;          /* the program types */
  gboolean checking;         /* a command is about to be sent */
  gboolean closed;
  gboolean problem;          /* it is said what is wrong with the line */

  GtkStack *stack;
  GtkStack *list_stack;
  GtkScrolledWindow *scroller;
  GtkListView *view;
  GtkLabel *prompt_label;
  GtkEntry *input;
  GtkWidget *stop_button;
  GtkLabel *hint_label;
  GtkLabel *status_label;
};

G_DEFINE_FINAL_TYPE (CbConsoleView, cb_console_view, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_BUSY,
  PROP_IN_MULTI,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* ---- the line ---- */

static char *
dup_line_to_cursor (CbConsoleView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->input));
  int position = gtk_editable_get_position (GTK_EDITABLE (self->input));

  return g_strndup (text, (gsize) (g_utf8_offset_to_pointer (text, position) - text));
}

static void
show_hint (CbConsoleView *self)
{
  g_autofree char *line = dup_line_to_cursor (self);
  g_autofree char *hint = NULL;

  if (self->keys == NULL || self->problem)
    return;
  hint = cb_console_input_dup_hint (self->keys, line);
  gtk_label_set_text (self->hint_label, hint);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->hint_label), *hint != '\0' ? hint : NULL);
}

static void
show_problem (CbConsoleView *self, const char *problem)
{
  self->problem = problem != NULL;
  if (problem != NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->hint_label), "error");
      gtk_label_set_text (self->hint_label, problem);
    }
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->hint_label), "error");
    }
}

static void
set_line (CbConsoleView *self, const char *line)
{
  self->setting = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->input), line != NULL ? line : "");
  gtk_editable_set_position (GTK_EDITABLE (self->input), -1);
  self->setting = FALSE;
  show_problem (self, NULL);
  show_hint (self);
}

static void
show_prompt (CbConsoleView *self)
{
  if (self->keys != NULL && cb_console_input_get_searching (self->keys))
    gtk_label_set_text (self->prompt_label, _ ("Search:"));
  else
    gtk_label_set_text (self->prompt_label, self->console != NULL ? cb_console_get_prompt (self->console) : ">");
}

static void
input_changed_cb (CbConsoleView *self)
{
  if (self->setting || self->keys == NULL)
    return;
  show_problem (self, NULL);
  if (cb_console_input_get_searching (self->keys))
    cb_console_input_search (self->keys, gtk_editable_get_text (GTK_EDITABLE (self->input)), FALSE);
  else
    cb_console_input_typed (self->keys);
  show_hint (self);
}

/* GTK would cut it off without a word, and the half of a command is another command. */
static void
insert_text_cb (GtkEditable *text, const char *inserted, int length, int *position, CbConsoleView *self)
{
  gsize n = length >= 0 ? (gsize) length : strlen (inserted);
  g_autofree char *size = NULL;
  g_autofree char *problem = NULL;

  if (strlen (gtk_editable_get_text (text)) + n <= LONGEST_LINE)
    return;
  g_signal_stop_emission_by_name (text, "insert-text");
  size = cb_format_exact_count ((gint64) n);
  /* Translators: a number */
  problem = g_strdup_printf (_ ("Nothing was inserted: a command can’t be so long here (%s bytes). The page Keys takes values of any length."), size);
  show_problem (self, problem);
}

static void
cursor_cb (CbConsoleView *self)
{
  if (!self->setting)
    show_hint (self);
}

static void
end_search (CbConsoleView *self, gboolean take)
{
  g_autofree char *line = cb_console_input_end_search (self->keys, take);

  set_line (self, line);
  show_prompt (self);
}

static gboolean
complete (CbConsoleView *self, gboolean backwards)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->input));
  g_autofree char *before = dup_line_to_cursor (self);
  g_autofree char *line = NULL;
  g_autofree char *whole = NULL;
  glong length;

  line = cb_console_input_complete (self->keys, before, backwards);
  if (line == NULL)
    return FALSE;
  length = g_utf8_strlen (line, -1);
  whole = g_strconcat (line, text + strlen (before), NULL);
  set_line (self, whole);
  self->setting = TRUE;
  gtk_editable_set_position (GTK_EDITABLE (self->input), (int) length);
  self->setting = FALSE;
  show_hint (self);
  return TRUE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (gtk_widget_get_ancestor (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller)),
                                                                   CB_TYPE_CONSOLE_VIEW));
  GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();
  gboolean searching;
  g_autofree char *line = NULL;

  if (self->keys == NULL)
    return FALSE;
  searching = cb_console_input_get_searching (self->keys);

  if (key == GDK_KEY_r && modifiers == GDK_CONTROL_MASK)
    {
      if (searching)
        {
          cb_console_input_search (self->keys, gtk_editable_get_text (GTK_EDITABLE (self->input)), TRUE);
          show_hint (self);
          return TRUE;
        }
      cb_console_input_start_search (self->keys, gtk_editable_get_text (GTK_EDITABLE (self->input)));
      cb_console_input_search (self->keys, "", FALSE);
      set_line (self, "");
      show_prompt (self);
      return TRUE;
    }
  if (key == GDK_KEY_Escape && searching)
    {
      end_search (self, FALSE);
      return TRUE;
    }
  if (key == GDK_KEY_c && modifiers == GDK_CONTROL_MASK && cb_console_get_busy (self->console) &&
      !gtk_editable_get_selection_bounds (GTK_EDITABLE (self->input), NULL, NULL))
    {
      cb_console_stop (self->console);
      return TRUE;
    }
  if (searching)
    return FALSE;
  if ((key == GDK_KEY_Tab || key == GDK_KEY_ISO_Left_Tab) && (modifiers & ~GDK_SHIFT_MASK) == 0)
    return complete (self, key == GDK_KEY_ISO_Left_Tab || modifiers == GDK_SHIFT_MASK);
  if (modifiers != 0 || (key != GDK_KEY_Up && key != GDK_KEY_Down))
    return FALSE;

  line = key == GDK_KEY_Up ? cb_console_input_older (self->keys, gtk_editable_get_text (GTK_EDITABLE (self->input)))
                           : cb_console_input_newer (self->keys);
  if (line != NULL)
    set_line (self, line);
  return TRUE;
}

/* ---- running ---- */

typedef struct
{
  CbConsoleView *page; /* (owned) */
  GPtrArray *words;    /* (owned) */
  char *what;          /* (owned) (nullable) */
  guint db;            /* for which it was typed */
  gboolean in_multi;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->page);
  g_ptr_array_unref (request->words);
  g_free (request->what);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static void
run (Request *request)
{
  CbConsoleView *self = request->page;
  g_autofree char *line = NULL;

  self->checking = FALSE;
  if (self->console == NULL)
    return;
  /* A transaction goes with its connection, while it was asked whether this is meant. */
  if (cb_console_get_db (self->console) != request->db || cb_console_get_in_multi (self->console) != request->in_multi)
    {
      show_problem (self, _ ("The connection was lost meanwhile, and it is another one now: nothing was sent."));
      return;
    }
  if (!cb_console_input_get_searching (self->keys))
    {
      set_line (self, "");
      /* What was sent, passwords among it, does not come back by undoing. */
      gtk_editable_set_enable_undo (GTK_EDITABLE (self->input), FALSE);
      gtk_editable_set_enable_undo (GTK_EDITABLE (self->input), TRUE);
    }
  self->following = TRUE;
  if (!cb_console_line_has_secret (request->words))
    {
      line = cb_console_line_join (request->words);
      cb_console_history_add (self->history, line);
    }
  cb_console_run (self->console, request->words);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Request) request = data;

  if (cb_console_ask_finish (GTK_WIDGET (source), result))
    run (request);
  else
    request->page->checking = FALSE;
  if (request->page->console != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (request->page->input));
}

static void
ask (Request *request) /* transfer full */
{
  CbConsoleView *self = request->page;
  CbSession *session = self->session;
  g_autofree char *line = cb_console_line_join_masked (request->words);
  const char *name = cb_session_get_production (session) ? cb_session_get_title (session) : NULL;

  /* It may have been closed meanwhile. */
  if (self->console == NULL || gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    {
      self->checking = FALSE;
      request_free (request);
      return;
    }
  cb_console_ask_async (GTK_WIDGET (self), line, request->what, name, asked_cb, request);
}

/* "db0:keys=5,expires=0,avg_ttl=0" */
static gint64
count_keys (const char *info, gboolean all, guint db)
{
  g_auto (GStrv) lines = g_strsplit (info, "\n", -1);
  gint64 sum = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      guint number;
      gint64 n;

      if (sscanf (lines[i], "db%u:keys=%" G_GINT64_FORMAT, &number, &n) == 2 && (all || number == db))
        sum += n;
    }
  return sum;
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Request) request = data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  const char *info = reply != NULL ? cb_value_get_string (cb_reply_get_value (reply), NULL) : NULL;

  if (info != NULL && request->page->console != NULL)
    {
      guint db = cb_console_get_db (request->page->console);
      gboolean all;
      gint64 n;
      g_autofree char *number = NULL;
      g_autofree char *count = NULL;
      g_autofree char *what = g_steal_pointer (&request->what);

      cb_console_guard_counts_keys (request->words, &all);
      n = count_keys (info, all, db);
      number = cb_format_exact_count (n);
      if (all)
        /* Translators: a number of keys */
        count = g_strdup_printf (ngettext ("There is %s key.", "There are %s keys.", (gulong) n), number);
      else
        /* Translators: a number of keys, the number of a database */
        count = g_strdup_printf (ngettext ("There is %s key in database %u.", "There are %s keys in database %u.", (gulong) n), number, db);
      request->what = g_strdup_printf ("%s %s", what, count);
    }
  ask (g_steal_pointer (&request));
}

static void
known_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Request) request = data;
  CbConsoleView *self = request->page;
  g_autofree char *refusal = NULL;
  gboolean all;

  cb_console_commands_load_finish (CB_CONSOLE_COMMANDS (source), result, NULL);
  if (self->console == NULL)
    return;
  refusal = cb_console_dup_refusal (self->console, request->words);
  if (refusal == NULL)
    request->what = cb_console_guard_describe (CB_CONSOLE_COMMANDS (source), request->words);
  if (request->what == NULL)
    {
      run (request);
    }
  else if (cb_console_guard_counts_keys (request->words, &all))
    {
      CbCommand *command = cb_command_new ("INFO", "keyspace", NULL);

      cb_command_set_timeout (command, 2000);
      cb_connection_call_async (cb_console_get_connection (self->console), command, NULL, counted_cb, g_steal_pointer (&request));
    }
  else
    {
      ask (g_steal_pointer (&request));
    }
}

static void
activate_cb (CbConsoleView *self)
{
  const char *line = gtk_editable_get_text (GTK_EDITABLE (self->input));
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GError) error = NULL;
  Request *request;
  gsize at = 0;

  if (self->console == NULL)
    return;
  if (cb_console_input_get_searching (self->keys))
    {
      end_search (self, TRUE);
      return;
    }
  words = cb_console_line_split (line, &at, &error);
  if (words == NULL)
    {
      gtk_editable_set_position (GTK_EDITABLE (self->input), (int) g_utf8_strlen (line, (gssize) at));
      show_problem (self, error->message);
      return;
    }
  if (words->len == 0)
    return;
  if (cb_console_get_busy (self->console))
    {
      show_problem (self, _ ("The command before is not over: Stop ends it (Escape)."));
      return;
    }
  if (self->checking)
    return;

  cb_console_input_typed (self->keys);
  self->checking = TRUE;
  request = g_new0 (Request, 1);
  request->page = g_object_ref (self);
  request->words = g_steal_pointer (&words);
  request->db = cb_console_get_db (self->console);
  request->in_multi = cb_console_get_in_multi (self->console);
  cb_console_commands_load_async (cb_console_get_commands (self->console), known_cb, request);
}

/* ---- the transcript ---- */

static void
open_nodes (CbConsoleView *self, GtkTreeListRow *row, guint from, guint n)
{
  for (guint i = from; i < from + n; i++)
    {
      g_autoptr (GtkTreeListRow) child = gtk_tree_list_row_get_child_row (row, i);
      g_autoptr (GObject) item = child != NULL ? gtk_tree_list_row_get_item (child) : NULL;
      guint inside = CB_IS_CONSOLE_NODE (item) ? cb_console_node_get_n_inside (CB_CONSOLE_NODE (item)) : 0;

      if (inside == 0 || inside > MOST_OPENED || gtk_tree_list_row_get_depth (child) > 3)
        continue;
      gtk_tree_list_row_set_expanded (child, TRUE);
      open_nodes (self, child, 0, inside);
    }
}

static GtkTreeListRow *
find_row (CbConsoleView *self, CbConsoleEntry *entry)
{
  guint position;

  if (self->tree == NULL || !g_list_store_find (G_LIST_STORE (cb_console_get_entries (self->console)), entry, &position))
    return NULL;
  return gtk_tree_list_model_get_child_row (self->tree, position);
}

/* The entry is set as data of its list. */
static void
nodes_cb (GListModel *nodes, guint position, guint removed, guint added, CbConsoleView *self)
{
  CbConsoleEntry *entry = g_object_get_data (G_OBJECT (nodes), "entry");
  g_autoptr (GtkTreeListRow) row = NULL;

  if (added == 0 || added > 200 || self->console == NULL || cb_console_entry_get_n_received (entry) > 0)
    return;
  row = find_row (self, entry);
  if (row != NULL && gtk_tree_list_row_get_expanded (row))
    open_nodes (self, row, position, added);
}

static void
show_status (CbConsoleView *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = g_list_model_get_n_items (cb_console_get_entries (self->console));

  g_string_append (text, cb_console_get_connected (self->console) ? _ ("A connection of its own") : _ ("Not connected; the next command connects"));
  /* Translators: the number of a database */
  g_string_append_printf (text, _ (", database %u"), cb_console_get_db (self->console));
  if (cb_console_get_protocol (self->console) == 3)
    g_string_append (text, _ (", protocol 3"));
  if (cb_console_get_in_multi (self->console))
    g_string_append (text, _ (", in a transaction: EXEC does it, DISCARD drops it"));
  if (cb_connection_get_read_only (cb_console_get_connection (self->console)))
    g_string_append (text, _ (", for reading only"));
  if (!cb_console_commands_get_has_docs (cb_console_get_commands (self->console)))
    g_string_append (text, _ (", help is built in"));
  gtk_label_set_text (self->status_label, text->str);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "console.clear", n > 0);
  gtk_stack_set_visible_child_name (self->list_stack, n > 0 ? "list" : "empty");
}

static void
changed_cb (CbConsoleView *self)
{
  gboolean busy = cb_console_get_busy (self->console);

  show_prompt (self);
  show_status (self);
  gtk_widget_set_visible (self->stop_button, busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "console.stop", busy);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IN_MULTI]);
  if (self->problem && !busy)
    {
      show_problem (self, NULL);
      show_hint (self);
    }
}

static void
entries_cb (GListModel *entries, guint position, guint removed, guint added, CbConsoleView *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (CbConsoleEntry) entry = g_list_model_get_item (entries, i);
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_child_row (self->tree, i);
      GListModel *nodes = cb_console_entry_get_children (entry);

      if (row != NULL)
        gtk_tree_list_row_set_expanded (row, TRUE);
      /* The list lives as long as its entry, which may be added again. */
      g_object_set_data (G_OBJECT (nodes), "entry", entry);
      g_signal_handlers_disconnect_by_func (nodes, nodes_cb, self);
      g_signal_connect_object (nodes, "items-changed", G_CALLBACK (nodes_cb), self, 0);
      nodes_cb (nodes, 0, 0, g_list_model_get_n_items (nodes), self);
    }
  show_status (self);
}

static GListModel *
create_children (gpointer item, gpointer data)
{
  if (CB_IS_CONSOLE_ENTRY (item))
    {
      CbConsoleEntry *entry = item;

      /* A note has nothing below, but what the server sends unasked. */
      if (cb_console_entry_get_state (entry) == CB_CONSOLE_ENTRY_NOTE && cb_console_entry_get_n_received (entry) == 0)
        return NULL;
      return g_object_ref (cb_console_entry_get_children (entry));
    }
  return cb_console_node_dup_children (CB_CONSOLE_NODE (item));
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) - gtk_adjustment_get_value (adjustment) < 8;
}

/* Only where nothing came at the same time is it the reader who scrolled. */
static void
scrolled_cb (CbConsoleView *self, GtkAdjustment *adjustment)
{
  if (self->tick_id == 0 && gtk_adjustment_get_upper (adjustment) == self->upper)
    self->following = is_at_end (adjustment);
}

/* The heights of rows are known when they are laid out, and only of those in sight. */
static gboolean
to_end_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  guint n = self->tree != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->tree)) : 0;

  if (n > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", n - 1);
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));
  if (--self->n_frames > 0 && n > 0)
    return G_SOURCE_CONTINUE;
  self->upper = gtk_adjustment_get_upper (adjustment);
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

static void
go_to_end (CbConsoleView *self)
{
  if (!self->following)
    return;
  self->n_frames = 4;
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), to_end_cb, NULL, NULL);
}

static void
tree_changed_cb (GListModel *tree, guint position, guint removed, guint added, CbConsoleView *self)
{
  /* Not where somebody opens a row further up. */
  if (added > 0 && position + added == g_list_model_get_n_items (tree))
    go_to_end (self);
}

static void
grown_cb (CbConsoleView *self, GtkAdjustment *adjustment)
{
  self->upper = gtk_adjustment_get_upper (adjustment);
  if (self->following && self->tick_id == 0 && !is_at_end (adjustment))
    gtk_adjustment_set_value (adjustment, self->upper - gtk_adjustment_get_page_size (adjustment));
}

/* A row that is activated is opened or closed, or shows more. */
static void
row_activated_cb (CbConsoleView *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), position);
  g_autoptr (GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  if (CB_IS_CONSOLE_NODE (item) && cb_console_node_is_more (CB_CONSOLE_NODE (item)))
    cb_console_node_show_more (CB_CONSOLE_NODE (item));
  else if (row != NULL)
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* ---- actions ---- */

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (widget);

  if (self->console != NULL)
    cb_console_stop (self->console);
}

static void
clear_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (widget);

  if (self->console != NULL)
    cb_console_clear (self->console);
}

/* The row that is chosen: a value as it is, where it is text. */
static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (widget);
  GtkSelectionModel *model = gtk_list_view_get_model (self->view);
  GtkTreeListRow *row = model != NULL ? gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (model)) : NULL;
  g_autoptr (GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  g_autofree char *text = NULL;

  if (CB_IS_CONSOLE_ENTRY (item))
    {
      text = g_strdup (cb_console_entry_get_line (CB_CONSOLE_ENTRY (item)));
    }
  else if (CB_IS_CONSOLE_NODE (item))
    {
      CbResp *value = cb_console_node_get_value (CB_CONSOLE_NODE (item));
      gsize length;
      const char *bytes = cb_resp_get_bytes (value, &length);

      if (cb_resp_is_aggregate (value))
        text = cb_resp_to_text (value, 4 * 1024 * 1024);
      else if (length > 0 && memchr (bytes, '\0', length) == NULL && g_utf8_validate (bytes, (gssize) length, NULL))
        text = g_strndup (bytes, length);
      else
        text = g_strdup (cb_console_node_get_text (CB_CONSOLE_NODE (item)));
    }
  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

/* ---- setting up ---- */

static void connection_cb (CbConsoleView *self);

static void
set_connection (CbConsoleView *self, CbConnection *connection)
{
  GtkSingleSelection *selection;
  GListModel *entries;
  g_autoptr (GtkListItemFactory) factory = cb_console_row_factory_new ();

  self->console = cb_console_new (connection);
  self->history = cb_console_history_get_default ();
  self->keys = cb_console_input_new (cb_console_get_commands (self->console), self->history);
  entries = cb_console_get_entries (self->console);
  self->tree = gtk_tree_list_model_new (g_object_ref (entries), FALSE, FALSE, create_children, NULL, NULL);
  selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_model (selection, G_LIST_MODEL (self->tree));
  g_signal_connect_object (self->tree, "items-changed", G_CALLBACK (tree_changed_cb), self, 0);
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);

  /* Behind the tree, which has the rows by then. */
  g_signal_connect_object (entries, "items-changed", G_CALLBACK (entries_cb), self, 0);
  g_signal_connect_object (self->console, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cb_console_get_commands (self->console), "changed", G_CALLBACK (show_hint), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cb_console_get_commands (self->console), "changed", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
  /* What it knows of the commands it forgets with the connection. */
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  gtk_stack_set_visible_child_name (self->stack, "console");
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  cb_console_commands_load_finish (CB_CONSOLE_COMMANDS (source), result, NULL);
}

/* Nothing is asked, and no connection made, for a page that nobody looks at. */
static void
connection_cb (CbConsoleView *self)
{
  CbConnection *connection = cb_session_get_connection (self->session);

  if (connection == NULL || self->closed || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (self->console == NULL)
    set_connection (self, connection);
  if (cb_connection_get_state (connection) == CB_CONNECTION_READY)
    cb_console_commands_load_async (cb_console_get_commands (self->console), loaded_cb, NULL);
}

static void
cb_console_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_console_view_parent_class)->map (widget);
  connection_cb (CB_CONSOLE_VIEW (widget));
}

static void
cb_console_view_unmap (GtkWidget *widget)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (widget);

  if (self->console != NULL)
    cb_console_rest (self->console);
  GTK_WIDGET_CLASS (cb_console_view_parent_class)->unmap (widget);
}

void
cb_console_view_close (CbConsoleView *self)
{
  g_return_if_fail (CB_IS_CONSOLE_VIEW (self));

  self->closed = TRUE;
  if (self->console == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->console, self);
  g_signal_handlers_disconnect_by_data (cb_console_get_connection (self->console), self);
  g_signal_handlers_disconnect_by_data (cb_console_get_commands (self->console), self);
  g_signal_handlers_disconnect_by_data (cb_console_get_entries (self->console), self);
  cb_console_close (self->console);
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  g_clear_pointer (&self->keys, cb_console_input_free);
  g_clear_object (&self->console);
}

static void
cb_console_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (object);

  switch (id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, cb_console_view_get_busy (self));
      break;
    case PROP_IN_MULTI:
      g_value_set_boolean (value, cb_console_view_get_in_multi (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_console_view_dispose (GObject *object)
{
  CbConsoleView *self = CB_CONSOLE_VIEW (object);

  cb_console_view_close (self);
  g_clear_object (&self->tree);
  g_clear_object (&self->history);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (cb_console_view_parent_class)->dispose (object);
}

static void
cb_console_view_class_init (CbConsoleViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_console_view_dispose;
  widget_class->map = cb_console_view_map;
  widget_class->unmap = cb_console_view_unmap;
  G_OBJECT_CLASS (klass)->get_property = cb_console_view_get_property;

  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_IN_MULTI] =
    g_param_spec_boolean ("in-multi", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-console-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, stack);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, view);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, prompt_label);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, input);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, stop_button);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, hint_label);
  gtk_widget_class_bind_template_child (widget_class, CbConsoleView, status_label);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, input_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cursor_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_install_action (widget_class, "console.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "console.clear", NULL, clear_action);
  gtk_widget_class_install_action (widget_class, "console.copy", NULL, copy_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "console.copy", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "console.stop", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_l, GDK_CONTROL_MASK, "console.clear", NULL);
}

static void
cb_console_view_init (CbConsoleView *self)
{
  GtkAdjustment *adjustment;

  self->following = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_editable_get_delegate (GTK_EDITABLE (self->input)), "insert-text", G_CALLBACK (insert_text_cb), self, 0);
}

/**
 * cb_console_view_new:
 * @session: the server
 *
 * Returns: (transfer floating): a console, which does nothing before it is in sight
 */
GtkWidget *
cb_console_view_new (CbSession *session)
{
  CbConsoleView *self = g_object_new (CB_TYPE_CONSOLE_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::connection", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

gboolean
cb_console_view_get_busy (CbConsoleView *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_VIEW (self), FALSE);

  return self->console != NULL && cb_console_get_busy (self->console);
}

gboolean
cb_console_view_get_in_multi (CbConsoleView *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_VIEW (self), FALSE);

  return self->console != NULL && cb_console_get_in_multi (self->console);
}

void
cb_console_view_focus_input (CbConsoleView *self)
{
  g_return_if_fail (CB_IS_CONSOLE_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->input));
}
