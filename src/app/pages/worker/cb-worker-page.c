/* cb-worker-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-worker-page.h"

#include <glib/gi18n.h>

#include "cb-delivery-row.h"
#include "cb-queue-completion.h"
#include "cb-served-card.h"
#include "cb-tab-rows.h"

/* Of what the worker remembers. Each is a row with widgets of its own, and a busy worker renews them all. */
#define MAX_DELIVERY_ROWS 50

struct _CbWorkerPage
{
  CbPage parent_instance;

  CbServing *serving; /* (owned) (nullable) until there is a connection */
  GtkWidget *completion;

  GtkWidget *stack;
  GtkWidget *shared_box;
  GtkWidget *cards;
  GtkWidget *queue_entry;
  GtkWidget *deliveries;
  GtkWidget *deliveries_stack;
};

G_DEFINE_FINAL_TYPE (CbWorkerPage, cb_worker_page, CB_TYPE_PAGE)

static GtkWidget *
get_nth_card (CbWorkerPage *self, guint position)
{
  GtkWidget *card = gtk_widget_get_first_child (self->cards);

  while (card != NULL && position-- > 0)
    card = gtk_widget_get_next_sibling (card);

  return card;
}

static void
update_refusal (CbWorkerPage *self, GtkWidget *card)
{
  CbServedQueue *served = cb_served_card_get_served (CB_SERVED_CARD (card));

  cb_served_card_set_refusal (CB_SERVED_CARD (card), cb_session_get_refusal (cb_page_get_session (CB_PAGE (self)), CB_RIGHT_CHANGE_JOBS,
                                                                             cb_served_queue_get_prefix (served)));
}

static void
rights_cb (CbWorkerPage *self)
{
  for (GtkWidget *card = gtk_widget_get_first_child (self->cards); card != NULL; card = gtk_widget_get_next_sibling (card))
    update_refusal (self, card);
}

/* A card keeps what is being typed into it, so only those that came and went are touched. */
static void
queues_changed_cb (CbWorkerPage *self, guint position, guint removed, guint added)
{
  for (guint i = 0; i < removed; i++)
    gtk_box_remove (GTK_BOX (self->cards), get_nth_card (self, position));

  for (guint i = 0; i < added; i++)
    {
      g_autoptr (CbServedQueue) served = g_list_model_get_item (G_LIST_MODEL (self->serving), position + i);
      GtkWidget *sibling = position + i > 0 ? get_nth_card (self, position + i - 1) : NULL;

      GtkWidget *card = cb_served_card_new (self->serving, served);

      gtk_box_insert_child_after (GTK_BOX (self->cards), card, sibling);
      update_refusal (self, card);
    }
}

static void
deliveries_changed_cb (CbWorkerPage *self)
{
  GListModel *deliveries = cb_serving_get_deliveries (self->serving);

  gtk_stack_set_visible_child_name (GTK_STACK (self->deliveries_stack),
                                    g_list_model_get_n_items (deliveries) > 0 ? "list" : "empty");
}

static GtkWidget *
create_delivery_row (gpointer item, gpointer user_data)
{
  return cb_delivery_row_new (item);
}

static void
set_serving (CbWorkerPage *self, CbServing *serving)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  GListModel *slice;
  GListModel *board = G_LIST_MODEL (cb_serving_get_board (serving));

  self->serving = g_object_ref (serving);

  gtk_widget_set_visible (self->shared_box, cb_serving_get_shared (serving)
                                              && cb_session_get_connection (session) != NULL);
  g_object_bind_property (serving, "summary", self, "status", G_BINDING_SYNC_CREATE);

  self->completion = cb_queue_completion_new (GTK_EDITABLE (self->queue_entry), board);

  g_signal_connect_object (serving, "items-changed", G_CALLBACK (queues_changed_cb), self, G_CONNECT_SWAPPED);
  queues_changed_cb (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (serving)));

  slice = G_LIST_MODEL (gtk_slice_list_model_new (g_object_ref (cb_serving_get_deliveries (serving)), 0,
                                                  MAX_DELIVERY_ROWS));
  gtk_list_box_bind_model (GTK_LIST_BOX (self->deliveries), slice, create_delivery_row, NULL, NULL);
  g_signal_connect_object (slice, "items-changed", G_CALLBACK (deliveries_changed_cb), self, G_CONNECT_SWAPPED);
  deliveries_changed_cb (self);
  g_object_unref (slice);

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "worker");
}

static void
serving_cb (CbWorkerPage *self)
{
  CbServing *serving = cb_session_get_serving (cb_page_get_session (CB_PAGE (self)));

  if (self->serving == NULL && serving != NULL)
    set_serving (self, serving);
}

/* A queue is served by the engine that it is known to. One that is not known yet goes where a new job of it would go. */
static void
add_queue_cb (CbWorkerPage *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->queue_entry));
  CbBoard *board;
  CbQueue *queue;
  CbEngine *engine;
  CbServedQueue *served;

  if (*name == '\0' || self->serving == NULL)
    return;

  board = cb_serving_get_board (self->serving);
  queue = cb_board_find (board, name, NULL);
  engine = queue != NULL ? cb_queue_get_engine (queue) : cb_board_get_default_engine (board);
  served = cb_serving_add (self->serving, name, engine != NULL ? cb_engine_get_prefix (engine) : NULL,
                           engine != NULL ? cb_engine_get_name (engine) : NULL);

  /* Emptying it is no edit to be applied. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->queue_entry), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->queue_entry), "");
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->queue_entry), TRUE);

  /* Wherever its card is now, go there: the switch is what comes next. */
  for (GtkWidget *card = gtk_widget_get_first_child (self->cards); card != NULL;
       card = gtk_widget_get_next_sibling (card))
    if (cb_served_card_get_served (CB_SERVED_CARD (card)) == served)
      gtk_widget_child_focus (card, GTK_DIR_TAB_FORWARD);
}

static void
cb_worker_page_set_up (CbPage *page, CbSession *session)
{
  CbWorkerPage *self = CB_WORKER_PAGE (page);

  g_signal_connect_object (session, "notify::serving", G_CALLBACK (serving_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "rights-changed", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
  serving_cb (self);
}

static void
cb_worker_page_dispose (GObject *object)
{
  CbWorkerPage *self = CB_WORKER_PAGE (object);

  g_clear_pointer (&self->completion, gtk_widget_unparent);
  g_clear_object (&self->serving);

  G_OBJECT_CLASS (cb_worker_page_parent_class)->dispose (object);
}

static void
cb_worker_page_class_init (CbWorkerPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_worker_page_dispose;
  CB_PAGE_CLASS (klass)->set_up = cb_worker_page_set_up;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-worker-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, shared_box);
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, cards);
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, queue_entry);
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, deliveries);
  gtk_widget_class_bind_template_child (widget_class, CbWorkerPage, deliveries_stack);
  gtk_widget_class_bind_template_callback (widget_class, add_queue_cb);
}

static void
cb_worker_page_init (CbWorkerPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_tab_through_rows (GTK_WIDGET (self));
}
