/* cb-list-anchor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-list-anchor.h"

#include <math.h>

/*
 * A list view of GTK holds on to a row of its own choice: one that lies as far down in the view as the view lies down in the list. At the
 * top of a list that is the first row, so that what comes in there scrolls away unseen, and near the end it is the last, so that all above it
 * moves. So the row that is to stay is remembered here, followed through the changes, and put back behind the layout in which the view
 * has learnt how high it is now; the frame clock lays out once more before it paints, so nobody sees the row elsewhere.
 */

struct _CbListAnchor
{
  GObject parent_instance;

  GListModel *rows;             /* (owned) */
  GtkAdjustment *adjustment;    /* (owned) */
  GtkWidget *view;              /* (nullable) */
  GdkFrameClock *clock;         /* (owned) (nullable) whose layout is waited for */

  double pointer;               /* below the top of the view; -1 */
  guint n_rows;
  guint n_new;

  gboolean pending;             /* the model has changed, and the view has not been put right since */
  gboolean settling;
  gboolean at_top;
  guint kept;                   /* the row that is to stay */
  guint first;                  /* the first that is seen */
  double offset;                /* how far below the top of the view the kept row begins, which may be above it */
  double row_height;            /* as it was before the change */
  double value;                 /* when it was looked at last */
  double upper;
};

G_DEFINE_FINAL_TYPE (CbListAnchor, cb_list_anchor, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_N_NEW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
set_n_new (CbListAnchor *self, guint n_new)
{
  if (self->n_new == n_new)
    return;

  self->n_new = n_new;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_NEW]);
}

static double
get_row_height (CbListAnchor *self)
{
  double length = gtk_adjustment_get_upper (self->adjustment) - gtk_adjustment_get_lower (self->adjustment);

  return self->n_rows > 0 ? length / self->n_rows : 0;
}

static gboolean
is_at_top (CbListAnchor *self)
{
  return gtk_adjustment_get_value (self->adjustment) - gtk_adjustment_get_lower (self->adjustment) < 1;
}

/* Remembers what is where, before the first change of several that are laid out together. */
static void
take_hold (CbListAnchor *self)
{
  double value = gtk_adjustment_get_value (self->adjustment) - gtk_adjustment_get_lower (self->adjustment);
  double pointer = CLAMP (self->pointer, 0, MAX (gtk_adjustment_get_page_size (self->adjustment) - 1, 0));

  self->pending = TRUE;
  self->row_height = get_row_height (self);
  self->at_top = is_at_top (self) || self->row_height <= 0;
  self->value = gtk_adjustment_get_value (self->adjustment);
  self->upper = gtk_adjustment_get_upper (self->adjustment);
  if (self->at_top)
    return;

  self->first = MIN ((guint) (value / self->row_height), self->n_rows - 1);
  self->kept = MIN ((guint) ((value + pointer) / self->row_height), self->n_rows - 1);
  self->offset = self->kept * self->row_height - value;
}

/* Where a row is after a change before it. In place of one that went stands what came for it, or what followed. */
static guint
follow (guint row, guint position, guint removed, guint added)
{
  if (row < position)
    return row;
  if (row - position >= removed)
    return row - removed + added;
  return position + MIN (row - position, MAX (added, 1) - 1);
}

static void
layout_cb (CbListAnchor *self)
{
  /* A view that is hidden, as another page stands in its place, is laid out when it is shown again; its new rows have no height until then. */
  if (self->view == NULL || gtk_widget_get_mapped (self->view))
    cb_list_anchor_settle (self);
}

static void
forget_clock (CbListAnchor *self)
{
  /* By what is called, as a clock whose window was closed has already forgotten whom it called. */
  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_func (self->clock, layout_cb, self);
  g_clear_object (&self->clock);
}

static void
wait_for_layout (CbListAnchor *self)
{
  GdkFrameClock *clock = self->view != NULL ? gtk_widget_get_frame_clock (self->view) : NULL;

  /* A view that was never shown stands at its top, and has not laid out anything. */
  if (self->view != NULL && clock == NULL)
    self->pending = FALSE;
  if (clock == NULL || clock == self->clock)
    return;

  forget_clock (self);
  self->clock = g_object_ref (clock);
  g_signal_connect_data (clock, "layout", G_CALLBACK (layout_cb), self, NULL, G_CONNECT_AFTER | G_CONNECT_SWAPPED);
  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_LAYOUT);
}

static void
items_changed_cb (CbListAnchor *self, guint position, guint removed, guint added)
{
  if (!self->pending)
    take_hold (self);
  wait_for_layout (self);

  /* Another set altogether has nothing that could stay. */
  if (removed == self->n_rows)
    self->at_top = TRUE;
  self->n_rows = g_list_model_get_n_items (self->rows);
  if (self->at_top || self->n_rows == 0)
    {
      self->at_top = TRUE;
      set_n_new (self, 0);
      return;
    }

  if (position <= self->first && added > removed && position + removed <= self->first + 1)
    set_n_new (self, self->n_new + added - removed);
  self->kept = follow (self->kept, position, removed, added);
  self->first = MIN (follow (self->first, position, removed, added), self->n_rows - 1);
  /* What was new may have gone again. */
  set_n_new (self, MIN (self->n_new, self->first));
}

static void
value_changed_cb (CbListAnchor *self)
{
  double value = gtk_adjustment_get_value (self->adjustment);
  double row_height = get_row_height (self);

  if (self->settling)
    return;

  if (self->pending)
    {
      /* Somebody scrolls before the change is laid out; the layout itself changes the length along with it. */
      if (!self->at_top && gtk_adjustment_get_upper (self->adjustment) == self->upper)
        self->offset -= value - self->value;
      self->value = value;
      return;
    }

  if (is_at_top (self))
    set_n_new (self, 0);
  else if (row_height > 0)
    set_n_new (self, MIN (self->n_new, (guint) ceil (value / row_height)));
}

static void
cb_list_anchor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_N_NEW:
      g_value_set_uint (value, CB_LIST_ANCHOR (object)->n_new);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_list_anchor_dispose (GObject *object)
{
  CbListAnchor *self = CB_LIST_ANCHOR (object);

  forget_clock (self);
  g_clear_weak_pointer (&self->view);
  g_clear_object (&self->rows);
  g_clear_object (&self->adjustment);

  G_OBJECT_CLASS (cb_list_anchor_parent_class)->dispose (object);
}

static void
cb_list_anchor_class_init (CbListAnchorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_list_anchor_get_property;
  object_class->dispose = cb_list_anchor_dispose;

  properties[PROP_N_NEW] = g_param_spec_uint ("n-new", NULL, NULL, 0, G_MAXUINT, 0,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_list_anchor_init (CbListAnchor *self)
{
  self->pointer = -1;
}

/**
 * cb_list_anchor_new:
 * @rows: what the view shows
 * @adjustment: how far the view is scrolled
 *
 * Returns: (transfer full): holds both
 */
CbListAnchor *
cb_list_anchor_new (GListModel *rows, GtkAdjustment *adjustment)
{
  CbListAnchor *self;

  g_return_val_if_fail (G_IS_LIST_MODEL (rows), NULL);
  g_return_val_if_fail (GTK_IS_ADJUSTMENT (adjustment), NULL);

  self = g_object_new (CB_TYPE_LIST_ANCHOR, NULL);
  self->rows = g_object_ref (rows);
  self->adjustment = g_object_ref (adjustment);
  self->n_rows = g_list_model_get_n_items (rows);
  g_signal_connect_object (rows, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (value_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

static void
motion_cb (CbListAnchor *self, double x, double y)
{
  self->pointer = y;
}

static void
leave_cb (CbListAnchor *self)
{
  self->pointer = -1;
}

/**
 * cb_list_anchor_set_view:
 * @view: of the same height as what is scrolled: without a header
 */
void
cb_list_anchor_set_view (CbListAnchor *self, GtkWidget *view)
{
  GtkEventController *motion;

  g_return_if_fail (CB_IS_LIST_ANCHOR (self));
  g_return_if_fail (GTK_IS_WIDGET (view));
  g_return_if_fail (self->view == NULL);

  g_set_weak_pointer (&self->view, view);
  motion = gtk_event_controller_motion_new ();
  g_signal_connect_object (motion, "enter", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (view, motion);
}

void
cb_list_anchor_set_pointer (CbListAnchor *self, double y)
{
  g_return_if_fail (CB_IS_LIST_ANCHOR (self));

  self->pointer = y;
}

void
cb_list_anchor_settle (CbListAnchor *self)
{
  double value = 0;

  g_return_if_fail (CB_IS_LIST_ANCHOR (self));

  forget_clock (self);
  if (!self->pending)
    return;

  self->pending = FALSE;
  if (!self->at_top)
    value = self->kept * get_row_height (self) - self->offset;

  self->settling = TRUE;
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_lower (self->adjustment) + MAX (value, 0));
  self->settling = FALSE;
  value_changed_cb (self);
}

void
cb_list_anchor_go_to_top (CbListAnchor *self)
{
  g_return_if_fail (CB_IS_LIST_ANCHOR (self));

  self->at_top = TRUE;
  set_n_new (self, 0);
  /* GTK can't scroll among rows that it has not laid out yet; it is done behind that. */
  if (!self->pending)
    gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_lower (self->adjustment));
}

void
cb_list_anchor_reset (CbListAnchor *self)
{
  cb_list_anchor_go_to_top (self);
}

guint
cb_list_anchor_get_n_new (CbListAnchor *self)
{
  g_return_val_if_fail (CB_IS_LIST_ANCHOR (self), 0);

  return self->n_new;
}
