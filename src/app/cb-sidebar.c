/* cb-sidebar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-sidebar.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-queue-row.h"
#include "cb-saved-servers.h"
#include "cb-scroll-on.h"
#include "cb-server-list.h"
#include "cb-text-scale.h"

#define WIDTH 286
#define MOST_WIDTH 344
/* Beside queues that can be shown. */
#define MOST_OTHERS_HEIGHT 190

struct _CbSidebar
{
  GtkWidget parent_instance;

  CbSession *session;                 /* (owned) (nullable) */
  gboolean placing;                   /* a selection is being set, not made */

  GtkWidget *box;
  GtkScrolledWindow *scroller;
  GtkMenuButton *menu_button;
  GtkWidget *color;                   /* of the server, where it is a saved one */
  GtkWidget *dot;
  CbServerList *servers;
  GtkLabel *server_title;
  GtkLabel *server_subtitle;
  GtkMenuButton *server_button;
  GtkWidget *queues_heading;
  GtkWidget *queues_scroller;
  GtkSingleSelection *selection;
  GtkWidget *others_heading;
  GtkScrolledWindow *others_scroller;
  GtkWidget *others_cut;              /* that there may be more */
  GtkListBox *others;                 /* queues of libraries whose jobs can't be shown */
  GtkListBox *first_pages;            /* above the queues */
  GtkListBox *pages;                  /* below them */
  GtkLabel *load;
};

G_DEFINE_FINAL_TYPE (CbSidebar, cb_sidebar, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SESSION,
  N_PROPS
};

enum
{
  QUEUE_CHOSEN,
  OTHER_CHOSEN,
  PAGE_CHOSEN,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
update_server (CbSidebar *self)
{
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *name = NULL;
  g_autofree char *uri = cb_session_dup_uri (self->session);
  CbSavedServers *servers = cb_saved_servers_get_default ();
  const CbSavedServer *saved = uri != NULL ? cb_saved_servers_find_uri (servers, uri, cb_session_get_prefix (self->session)) : NULL;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  CbSessionState state;

  g_object_get (self->session, "title", &title, "subtitle", &subtitle, "state", &state, NULL);
  if (saved != NULL)
    {
      g_free (title);
      title = g_strdup (saved->name);
    }
  cb_server_color_apply (self->color, saved != NULL ? saved->color : "");
  gtk_widget_set_visible (self->color, saved != NULL && *saved->color != '\0');
  gtk_label_set_label (self->server_title, title);
  gtk_label_set_label (self->server_subtitle, subtitle);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->server_button), title);
  if (GTK_IS_WINDOW (root))
    {
      /* Translators: the name of a server; it is the title of its window */
      g_autofree char *window_title = g_strdup_printf (_ ("%s – Callboard"), title);

      /* What tells several windows apart where their sidebar is not seen. */
      gtk_window_set_title (GTK_WINDOW (root), window_title);
      cb_server_color_apply (GTK_WIDGET (root), saved != NULL ? saved->color : "");
    }

  gtk_widget_remove_css_class (self->dot, "ready");
  gtk_widget_remove_css_class (self->dot, "starting");
  gtk_widget_remove_css_class (self->dot, "broken");
  gtk_widget_add_css_class (self->dot, state == CB_SESSION_READY      ? "ready"
                                       : state == CB_SESSION_STARTING ? "starting"
                                                                      : "broken");

  /* Translators: the name of a server and how it is */
  name = g_strdup_printf (_ ("Server %s, %s"), title, subtitle);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->server_button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* What the program itself sends, so that nobody has to guess. */
static void
update_load (CbSidebar *self)
{
  g_autofree char *text = NULL;
  int load;

  g_object_get (self->session, "load", &load, NULL);
  if (load >= 0)
    text = g_strdup_printf (ngettext ("%d command a second", "%d commands a second", (gulong) load), load);
  gtk_label_set_label (self->load, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->load), text != NULL);
}

/* What there is none of takes no room from what there is. */
static void
update_heading (CbSidebar *self)
{
  CbBoard *board = self->session != NULL ? cb_session_get_board (self->session) : NULL;
  gboolean queues = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0;
  gboolean others = board != NULL && g_list_model_get_n_items (cb_board_get_others (board)) > 0;

  gtk_widget_set_visible (self->queues_heading, queues);
  gtk_widget_set_visible (self->queues_scroller, queues || !others);
  gtk_widget_set_visible (self->others_heading, others);
  gtk_widget_set_visible (GTK_WIDGET (self->others_scroller), others);
  gtk_widget_set_visible (self->others_cut, others && cb_board_get_others_cut (board));
  gtk_widget_set_vexpand (GTK_WIDGET (self->others_scroller), !queues);
  gtk_scrolled_window_set_max_content_height (self->others_scroller, queues ? MOST_OTHERS_HEIGHT : -1);
}

static GtkWidget *
create_other_row (gpointer item, gpointer data)
{
  CbOtherQueue *queue = item;
  const CbLibrary *library = cb_other_queue_get_library (queue);
  g_autofree char *name = cb_other_queue_dup_label (queue);
  g_autofree char *prefix = cb_other_queue_dup_prefix_label (queue);
  g_autofree char *of = NULL;
  g_autofree char *tip = NULL;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *image = gtk_image_new_from_icon_name ("callboard-queue-symbolic");
  GtkWidget *title = gtk_label_new (name);
  GtkWidget *caption;

  /* The prefix where it says something. */
  of = *prefix == '\0' || strcmp (prefix, cb_library_get_prefix (library)) == 0
         ? g_strdup (cb_library_get_title (library))
         : g_strdup_printf ("%s · %s", cb_library_get_title (library), prefix);
  /* Translators: the name of a queue, and the one of its library */
  tip = g_strdup_printf (_ ("%s, a queue of %s"), name, of);

  caption = gtk_label_new (of);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_ellipsize (GTK_LABEL (caption), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (caption), 18);
  gtk_label_set_xalign (GTK_LABEL (caption), 1);
  gtk_widget_add_css_class (caption, "dim-label");
  gtk_widget_add_css_class (caption, "caption");
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  g_object_set_data_full (G_OBJECT (row), "other-queue", g_object_ref (queue), g_object_unref);
  return row;
}

static void
board_cb (CbSidebar *self)
{
  CbBoard *board = cb_session_get_board (self->session);

  if (board == NULL || gtk_single_selection_get_model (self->selection) == G_LIST_MODEL (board))
    return;

  self->placing = TRUE;
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (board));
  self->placing = FALSE;
  gtk_list_box_bind_model (self->others, cb_board_get_others (board), create_other_row, NULL, NULL);
  g_signal_connect_object (cb_board_get_others (board), "items-changed", G_CALLBACK (update_heading), self, G_CONNECT_SWAPPED);
  update_heading (self);
}

static void
queue_selected_cb (CbSidebar *self)
{
  CbQueue *queue = gtk_single_selection_get_selected_item (self->selection);

  if (!self->placing && queue != NULL)
    g_signal_emit (self, signals[QUEUE_CHOSEN], 0, queue);
}

/* A click on the row that is selected already: the sidebar may be drawn over the page and has to go. */
static void
queue_activated_cb (CbSidebar *self, guint position)
{
  g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (queue != NULL)
    g_signal_emit (self, signals[QUEUE_CHOSEN], 0, queue);
}

static void
other_activated_cb (CbSidebar *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[OTHER_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "other-queue"));
}

static void
page_activated_cb (CbSidebar *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[PAGE_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "page-name"));
}

static gboolean
has_text (gpointer row, const char *text)
{
  return text != NULL && *text != '\0';
}

static void
cb_sidebar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, CB_SIDEBAR (object)->session);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_sidebar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbSidebar *self = CB_SIDEBAR (object);

  switch (id)
    {
    case PROP_SESSION:
      if (g_set_object (&self->session, g_value_get_object (value)) && self->session != NULL)
        {
          g_signal_connect_object (self->session, "notify::state", G_CALLBACK (update_server), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (self->session, "notify::subtitle", G_CALLBACK (update_server), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (self->session, "notify::load", G_CALLBACK (update_load), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (self->session, "notify::board", G_CALLBACK (board_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (cb_saved_servers_get_default (), "changed", G_CALLBACK (update_server), self,
                                   G_CONNECT_SWAPPED);
          cb_server_list_set_session (self->servers, self->session);
          update_server (self);
          update_load (self);
          board_cb (self);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_sidebar_dispose (GObject *object)
{
  CbSidebar *self = CB_SIDEBAR (object);

  self->placing = TRUE;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (cb_sidebar_parent_class)->dispose (object);
}

static void
cb_sidebar_class_init (CbSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_sidebar_get_property;
  object_class->set_property = cb_sidebar_set_property;
  object_class->dispose = cb_sidebar_dispose;

  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, CB_TYPE_SESSION,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[QUEUE_CHOSEN] = g_signal_new ("queue-chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, CB_TYPE_QUEUE);
  signals[OTHER_CHOSEN] = g_signal_new ("other-chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, CB_TYPE_OTHER_QUEUE);
  signals[PAGE_CHOSEN] = g_signal_new ("page-chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (CB_TYPE_QUEUE_ROW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, box);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, menu_button);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, color);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, dot);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, server_title);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, server_subtitle);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, server_button);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, queues_heading);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, queues_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, selection);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, others_heading);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, others_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, others_cut);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, others);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, first_pages);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, pages);
  gtk_widget_class_bind_template_child (widget_class, CbSidebar, load);
  gtk_widget_class_bind_template_callback (widget_class, queue_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_heading);
}

/* With larger text wider, as far as the narrowest window has room for it. */
static void
update_width (CbSidebar *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), MIN (cb_text_scale (GTK_WIDGET (self), WIDTH), MOST_WIDTH), -1);
}

static void
cb_sidebar_init (CbSidebar *self)
{
  GtkPopover *popover;

  gtk_widget_init_template (GTK_WIDGET (self));
  cb_scroll_on (self->scroller);
  update_width (self);
  cb_text_scale_watch (GTK_WIDGET (self), G_CALLBACK (update_width), self);
  self->servers = CB_SERVER_LIST (cb_server_list_new ());
  popover = gtk_menu_button_get_popover (self->server_button);
  gtk_popover_menu_add_child (GTK_POPOVER_MENU (popover), GTK_WIDGET (self->servers), "servers");
}

static GtkWidget *
create_page_row (CbPlace *place)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *image = gtk_image_new ();
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *status = gtk_label_new (NULL);
  GtkExpression *expression = NULL;

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (status, "dim-label");
  gtk_widget_add_css_class (status, "caption");
  gtk_widget_add_css_class (status, "numeric");
  g_object_bind_property (place, "icon-name", image, "icon-name", G_BINDING_SYNC_CREATE);
  g_object_bind_property (place, "title", title, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (place, "status", status, "label", G_BINDING_SYNC_CREATE);
  expression = gtk_property_expression_new (CB_TYPE_PLACE, NULL, "status");
  expression = gtk_cclosure_expression_new (G_TYPE_BOOLEAN, NULL, 1, &expression, G_CALLBACK (has_text), NULL, NULL);
  gtk_expression_bind (expression, status, "visible", place);

  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), status);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  return row;
}

/**
 * cb_sidebar_add_page:
 * @first: above the queues
 * @name: what `page-chosen` is to tell
 * @place: gives title, icon and status of the row
 */
void
cb_sidebar_add_page (CbSidebar *self, gboolean first, const char *name, CbPlace *place)
{
  GtkListBox *list = first ? self->first_pages : self->pages;
  GtkWidget *row;

  g_return_if_fail (CB_IS_SIDEBAR (self));
  g_return_if_fail (CB_IS_PLACE (place));

  row = create_page_row (place);
  g_object_set_data_full (G_OBJECT (row), "page-name", g_strdup (name), g_free);
  gtk_list_box_append (list, row);
  gtk_widget_set_visible (GTK_WIDGET (list), TRUE);
}

static void
select_page (GtkListBox *list, const char *page)
{
  GtkListBoxRow *row;

  gtk_list_box_unselect_all (list);
  for (int i = 0; page != NULL && (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "page-name"), page) == 0)
        gtk_list_box_select_row (list, row);
    }
}

void
cb_sidebar_set_place (CbSidebar *self, CbQueue *queue, const char *page)
{
  guint position = GTK_INVALID_LIST_POSITION;

  g_return_if_fail (CB_IS_SIDEBAR (self));

  self->placing = TRUE;

  if (queue != NULL)
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

      for (guint i = 0; i < n && position == GTK_INVALID_LIST_POSITION; i++)
        {
          g_autoptr (CbQueue) item = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

          if (item == queue)
            position = i;
        }
    }
  gtk_single_selection_set_selected (self->selection, position);

  gtk_list_box_unselect_all (self->others);
  select_page (self->first_pages, page);
  select_page (self->pages, page);

  self->placing = FALSE;
}

void
cb_sidebar_set_other (CbSidebar *self, CbOtherQueue *queue)
{
  GtkListBoxRow *row;

  g_return_if_fail (CB_IS_SIDEBAR (self));

  cb_sidebar_set_place (self, NULL, NULL);
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->others, i)) != NULL; i++)
    {
      if (g_object_get_data (G_OBJECT (row), "other-queue") == queue)
        gtk_list_box_select_row (self->others, row);
    }
}

void
cb_sidebar_open_menu (CbSidebar *self)
{
  g_return_if_fail (CB_IS_SIDEBAR (self));

  gtk_menu_button_popup (self->menu_button);
}
