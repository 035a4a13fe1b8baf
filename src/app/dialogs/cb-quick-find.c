/* cb-quick-find.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-quick-find.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"

/* More are found by another letter. */
#define MOST_ROWS 12
#define ID_DELAY_MSEC 150
#define MOST_ID 20

static const struct
{
  const char *title;
  const char *action;
} actions[] = {
  { N_ ("New Job"), "win.new-job" },
  { N_ ("Check Queue Health"), "win.check-health" },
  { N_ ("Notifications"), "win.notifications" },
  { N_ ("Undo Last Change"), "win.undo" },
  { N_ ("Refresh"), "win.refresh" },
};

/* A place or an action. */
typedef struct
{
  char *title;                /* (owned) */
  char *folded;               /* (owned) */
  char *kind;                 /* (owned) */
  char *page;                 /* (owned) (nullable) */
  CbQueue *queue;             /* (owned) (nullable) */
  CbOtherQueue *other;        /* (owned) (nullable) */
  const char *action;         /* (nullable) */
  char *job;                  /* (owned) (nullable) id, of the queue @page */
  char *prefix;               /* (owned) (nullable) of the job's engine */
} Place;

struct _CbQuickFind
{
  GtkWindow parent_instance;

  CbWindow *window;           /* (unowned): it is transient for it */
  GPtrArray *places;          /* (owned) (element-type Place) */
  Place *found;               /* (owned) (nullable) the job of the number that was typed */
  GCancellable *cancellable;  /* (owned) (nullable) of looking for it */
  guint id_timeout;

  GtkWidget *entry;
  GtkWidget *list;
  GtkWidget *empty;
};

G_DEFINE_FINAL_TYPE (CbQuickFind, cb_quick_find, GTK_TYPE_WINDOW)

static void
place_free (Place *place)
{
  g_free (place->title);
  g_free (place->folded);
  g_free (place->kind);
  g_free (place->page);
  g_clear_object (&place->queue);
  g_clear_object (&place->other);
  g_free (place->job);
  g_free (place->prefix);
  g_free (place);
}

static Place *
place_new (const char *title, const char *kind)
{
  Place *place = g_new0 (Place, 1);

  place->title = g_strdup (title);
  place->folded = g_utf8_casefold (title, -1);
  place->kind = g_strdup (kind);
  return place;
}

/* ---- what matches ---- */

static void
add_row (CbQuickFind *self, Place *place)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (place->title);
  GtkWidget *kind = gtk_label_new (place->kind);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (kind, "dim-label");
  gtk_widget_add_css_class (kind, "caption");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), kind);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "place", place);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

static void
update (CbQuickFind *self)
{
  g_autofree char *text = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->entry)), -1);
  GtkListBoxRow *first;
  guint n = 0;

  g_strstrip (text);
  while ((first = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (first));
  if (self->found != NULL)
    {
      add_row (self, self->found);
      n++;
    }
  /* What begins with it first, then what has it somewhere. */
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->places->len && n < MOST_ROWS; i++)
      {
        Place *place = g_ptr_array_index (self->places, i);
        gboolean begins = g_str_has_prefix (place->folded, text);

        if (pass == 0 ? !begins : begins || strstr (place->folded, text) == NULL)
          continue;
        add_row (self, place);
        n++;
      }

  first = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0);
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), first);
  gtk_widget_set_visible (self->empty, first == NULL);
}

/* ---- a job by its id ---- */

static void
got_job_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbQuickFind) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (source), result, &error);
  CbJobRecord *record = records != NULL && records->len > 0 ? g_ptr_array_index (records, 0) : NULL;
  g_autofree char *title = NULL;
  g_autofree char *queue = NULL;

  if (record == NULL || record->missing || record->queue == NULL || self->found != NULL || self->places == NULL)
    return;

  queue = cb_text_display (record->queue, -1, TRUE);
  title = g_strdup_printf (_ ("Job %s"), record->id);
  self->found = place_new (title, queue);
  self->found->page = g_strdup (record->queue);
  self->found->job = g_strdup (record->id);
  self->found->prefix = g_strdup (cb_engine_get_prefix (CB_ENGINE (source)));
  update (self);
}

static gboolean
look_for_id_cb (gpointer data)
{
  CbQuickFind *self = data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  CbBoard *board = cb_session_get_board (cb_window_get_session (self->window));
  const char *ids[] = { text, NULL };
  guint n = board != NULL ? g_list_model_get_n_items (cb_board_get_engines (board)) : 0;

  self->id_timeout = 0;
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (cb_board_get_engines (board), i);

      cb_engine_get_many_async (engine, ids, self->cancellable, got_job_cb, g_object_ref (self));
    }
  return G_SOURCE_REMOVE;
}

static void
stop_looking (CbQuickFind *self)
{
  g_clear_handle_id (&self->id_timeout, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
changed_cb (CbQuickFind *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gsize length = strlen (text);
  Place *before = g_steal_pointer (&self->found);

  stop_looking (self);
  update (self);
  if (before != NULL)
    place_free (before);
  if (length > 0 && length <= MOST_ID && strspn (text, "0123456789") == length)
    self->id_timeout = g_timeout_add (ID_DELAY_MSEC, look_for_id_cb, self);
}

/* ---- going there ---- */

static void
go (CbQuickFind *self, GtkListBoxRow *row)
{
  Place *place = row != NULL ? g_object_get_data (G_OBJECT (row), "place") : NULL;

  if (place == NULL)
    return;

  if (place->job != NULL)
    cb_window_show_job (self->window, place->prefix, place->page, place->job);
  else if (place->queue != NULL)
    cb_window_show_queue (self->window, place->queue);
  else if (place->other != NULL)
    cb_window_show_other_queue (self->window, place->other);
  else if (place->page != NULL)
    cb_window_show_page (self->window, place->page);
  else
    gtk_widget_activate_action (GTK_WIDGET (self->window), place->action, NULL);
  gtk_window_close (GTK_WINDOW (self));
}

static void
activate_cb (CbQuickFind *self)
{
  go (self, gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list)));
}

/* The entry keeps the focus; up and down go through the list. */
static gboolean
key_cb (CbQuickFind *self, guint key)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  int index = row != NULL ? gtk_list_box_row_get_index (row) : 0;

  if (key == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (self));
      return GDK_EVENT_STOP;
    }
  if (key != GDK_KEY_Down && key != GDK_KEY_Up)
    return GDK_EVENT_PROPAGATE;

  row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), MAX (index + (key == GDK_KEY_Down ? 1 : -1), 0));
  if (row != NULL)
    gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
  return GDK_EVENT_STOP;
}

static void
cb_quick_find_dispose (GObject *object)
{
  CbQuickFind *self = CB_QUICK_FIND (object);

  stop_looking (self);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  g_clear_pointer (&self->found, place_free);

  G_OBJECT_CLASS (cb_quick_find_parent_class)->dispose (object);
}

static void
cb_quick_find_class_init (CbQuickFindClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_quick_find_dispose;
}

static void
cb_quick_find_init (CbQuickFind *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->places = g_ptr_array_new_with_free_func ((GDestroyNotify) place_free);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Go To"));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), 460, 420);
  self->entry = gtk_search_entry_new ();
  g_object_set (self->entry, "placeholder-text", _ ("Queue, page, action or the id of a job"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Go To"), -1);
  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Places"), -1);
  self->empty = gtk_label_new (_ ("Nothing Matches"));
  gtk_widget_add_css_class (self->empty, "dim-label");
  gtk_widget_set_visible (self->empty, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_margin_top (self->entry, 12);
  gtk_widget_set_margin_start (self->entry, 12);
  gtk_widget_set_margin_end (self->entry, 12);
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->empty);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_window_set_child (GTK_WINDOW (self), box);
  gtk_window_set_titlebar (GTK_WINDOW (self), adw_header_bar_new ());

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (activate_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (go), self, G_CONNECT_SWAPPED);
}

void
cb_quick_find_add_page (CbQuickFind *self, const char *name, const char *title)
{
  Place *place;

  g_return_if_fail (CB_IS_QUICK_FIND (self));

  place = place_new (title, _ ("Page"));
  place->page = g_strdup (name);
  g_ptr_array_add (self->places, place);
  update (self);
}

CbQuickFind *
cb_quick_find_new (CbWindow *window)
{
  CbQuickFind *self = g_object_new (CB_TYPE_QUICK_FIND, "transient-for", window, NULL);
  CbBoard *board = cb_session_get_board (cb_window_get_session (window));
  guint n = board != NULL ? g_list_model_get_n_items (G_LIST_MODEL (board)) : 0;

  self->window = window;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (board), i);
      g_autofree char *title = NULL;
      Place *place;

      g_object_get (queue, "label", &title, NULL);
      place = place_new (title, _ ("Queue"));
      place->queue = g_steal_pointer (&queue);
      g_ptr_array_add (self->places, place);
    }
  n = board != NULL ? g_list_model_get_n_items (cb_board_get_others (board)) : 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbOtherQueue) other = g_list_model_get_item (cb_board_get_others (board), i);
      g_autofree char *title = cb_other_queue_dup_label (other);
      Place *place = place_new (title, cb_library_get_title (cb_other_queue_get_library (other)));

      place->other = g_steal_pointer (&other);
      g_ptr_array_add (self->places, place);
    }
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      Place *place = place_new (_ (actions[i].title), _ ("Action"));

      place->action = actions[i].action;
      g_ptr_array_add (self->places, place);
    }
  update (self);
  return self;
}
