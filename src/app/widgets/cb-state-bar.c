/* cb-state-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-state-bar.h"

#include <glib/gi18n.h>

#include "cb-format.h"

struct _CbStateBar
{
  GtkWidget parent_instance;

  CbQueue *queue;                     /* (owned) (nullable) */
  CbEngine *engine;                   /* (owned) (nullable): whose states the toggles are */
  GSignalGroup *signals;              /* (owned) */
  char *state;                        /* (owned) (nullable) */
  gboolean updating;

  GtkWidget *box;                     /* (owned): all states side by side */
  GtkMenuButton *button;              /* (owned): the same in a menu, where the box does not fit */
  gboolean narrow;
  guint n_toggles;
  GtkToggleButton *toggles[CB_MAX_STATES + 1];
  GtkLabel *counts[CB_MAX_STATES + 1];
  guint order[CB_MAX_STATES];         /* the states by what they mean: the same order whatever the engine */
};

G_DEFINE_FINAL_TYPE (CbStateBar, cb_state_bar, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_QUEUE,
  PROP_STATE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* The state of a toggle; NULL for the first one, which is all of them. */
static const CbStateInfo *
get_toggle_info (CbStateBar *self, guint index)
{
  return index == 0 ? NULL : &cb_engine_get_states (self->engine, NULL)[self->order[index - 1]];
}

static const char *
get_toggle_state (CbStateBar *self, guint index)
{
  const CbStateInfo *info = get_toggle_info (self, index);

  return info != NULL ? info->name : NULL;
}

static char *
describe_toggle (CbStateBar *self, guint index)
{
  const CbStateInfo *info = get_toggle_info (self, index);
  g_autofree char *count = self->queue != NULL ? cb_format_count (cb_queue_get_count (self->queue, info != NULL ? info->name : NULL))
                                               : g_strdup ("");

  return g_strdup_printf ("%s  %s", info != NULL ? _ (info->label) : _ ("All"), count);
}

static void
update_button (CbStateBar *self)
{
  for (guint i = 0; i < self->n_toggles; i++)
    {
      g_autofree char *label = NULL;

      if (g_strcmp0 (get_toggle_state (self, i), self->state) != 0)
        continue;

      label = describe_toggle (self, i);
      if (g_strcmp0 (gtk_menu_button_get_label (self->button), label) != 0)
        gtk_menu_button_set_label (self->button, label);
    }
}

/* Made when it is opened, so that the counts are those of that moment. */
static void
create_popup_cb (GtkMenuButton *button, gpointer user_data)
{
  CbStateBar *self = user_data;
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; i < self->n_toggles; i++)
    {
      g_autofree char *label = describe_toggle (self, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "queue.show-state", "i", (int) i);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

static void
update_counts (CbStateBar *self)
{
  update_button (self);
  for (guint i = 0; i < self->n_toggles; i++)
    {
      const char *state = get_toggle_state (self, i);
      gint64 count = cb_queue_get_count (self->queue, state);
      g_autofree char *text = cb_format_count (count);
      g_autofree char *exact = cb_format_exact_count (MAX (count, 0));
      const char *label = state == NULL ? _ ("All") : _ (get_toggle_info (self, i)->label);
      g_autofree char *name = NULL;

      if (g_strcmp0 (gtk_label_get_label (self->counts[i]), text) == 0)
        continue;

      gtk_label_set_label (self->counts[i], text);
      /* Translators: a state and how many jobs are in it */
      name = g_strdup_printf (ngettext ("%s, %s job", "%s, %s jobs", (gulong) MAX (count, 0)), label, exact);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggles[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->toggles[i]), count >= 1000000 ? exact : NULL);
    }
}

static void
update_toggles (CbStateBar *self)
{
  self->updating = TRUE;
  for (guint i = 0; i < self->n_toggles; i++)
    {
      if (g_strcmp0 (get_toggle_state (self, i), self->state) == 0)
        gtk_toggle_button_set_active (self->toggles[i], TRUE);
    }
  self->updating = FALSE;
  update_button (self);
}

static void
toggled_cb (CbStateBar *self, GtkToggleButton *toggle)
{
  if (self->updating || !gtk_toggle_button_get_active (toggle))
    return;

  for (guint i = 0; i < self->n_toggles; i++)
    {
      if (self->toggles[i] == toggle)
        cb_state_bar_set_state (self, get_toggle_state (self, i));
    }
}

static void
add_toggle (CbStateBar *self, const char *label)
{
  GtkWidget *toggle = gtk_toggle_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *count = gtk_label_new (NULL);

  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_add_css_class (count, "cb-count");
  gtk_box_append (GTK_BOX (content), gtk_label_new (label));
  gtk_box_append (GTK_BOX (content), count);
  gtk_button_set_child (GTK_BUTTON (toggle), content);
  if (self->n_toggles > 0)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (toggle), self->toggles[0]);
  g_signal_connect_object (toggle, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);

  gtk_box_append (GTK_BOX (self->box), toggle);
  self->toggles[self->n_toggles] = GTK_TOGGLE_BUTTON (toggle);
  self->counts[self->n_toggles] = GTK_LABEL (count);
  self->n_toggles++;
}

static void
create_toggles (CbStateBar *self)
{
  const CbStateInfo *states;
  guint n_states;

  self->updating = TRUE;
  for (guint i = 0; i < self->n_toggles; i++)
    gtk_box_remove (GTK_BOX (self->box), GTK_WIDGET (self->toggles[i]));
  self->n_toggles = 0;

  states = cb_engine_get_states (self->engine, &n_states);
  n_states = MIN (n_states, CB_MAX_STATES);
  /* Each is put before the first one whose meaning comes later; what has no meaning known to us comes last. */
  for (guint i = 0; i < n_states; i++)
    {
      guint at = i;

      while (at > 0 && (guint) states[self->order[at - 1]].meaning - 1 > (guint) states[i].meaning - 1)
        {
          self->order[at] = self->order[at - 1];
          at--;
        }
      self->order[at] = i;
    }

  add_toggle (self, _ ("All"));
  for (guint i = 0; i < n_states; i++)
    add_toggle (self, _ (states[self->order[i]].label));
  self->updating = FALSE;
}

static void
cb_state_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbStateBar *self = CB_STATE_BAR (object);

  switch (id)
    {
    case PROP_QUEUE:
      g_value_set_object (value, self->queue);
      break;
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_state_bar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbStateBar *self = CB_STATE_BAR (object);

  switch (id)
    {
    case PROP_QUEUE:
      cb_state_bar_set_queue (self, g_value_get_object (value));
      break;
    case PROP_STATE:
      cb_state_bar_set_state (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_state_bar_dispose (GObject *object)
{
  CbStateBar *self = CB_STATE_BAR (object);

  self->n_toggles = 0;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  if (self->button != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->button));
  self->button = NULL;
  g_clear_object (&self->signals);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_state_bar_parent_class)->dispose (object);
}

static void
cb_state_bar_finalize (GObject *object)
{
  g_free (CB_STATE_BAR (object)->state);

  G_OBJECT_CLASS (cb_state_bar_parent_class)->finalize (object);
}

/* As little as the menu takes, and as much as all of them side by side. */
static void
cb_state_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  CbStateBar *self = CB_STATE_BAR (widget);
  int box_min, box_nat, button_min, button_nat;

  gtk_widget_measure (self->box, orientation, -1, &box_min, &box_nat, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self->button), orientation, -1, &button_min, &button_nat, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN (box_min, button_min);
      *natural = MAX (box_nat, *minimum);
    }
  else
    {
      *minimum = MAX (box_min, button_min);
      *natural = MAX (box_nat, button_nat);
    }
}

static void
cb_state_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CbStateBar *self = CB_STATE_BAR (widget);
  GtkWidget *shown;
  int box_min, box_nat, natural;

  gtk_widget_measure (self->box, GTK_ORIENTATION_HORIZONTAL, -1, &box_min, &box_nat, NULL, NULL);
  self->narrow = width < box_min;
  gtk_widget_set_child_visible (self->box, !self->narrow);
  gtk_widget_set_child_visible (GTK_WIDGET (self->button), self->narrow);

  shown = self->narrow ? GTK_WIDGET (self->button) : self->box;
  gtk_widget_measure (shown, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  natural = MIN (natural, width);
  gtk_widget_size_allocate (shown,
                            &(GtkAllocation) { gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL ? width - natural : 0, 0,
                                               natural, height },
                            -1);
}

static void
cb_state_bar_class_init (CbStateBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_state_bar_get_property;
  object_class->set_property = cb_state_bar_set_property;
  object_class->dispose = cb_state_bar_dispose;
  object_class->finalize = cb_state_bar_finalize;

  properties[PROP_QUEUE] =
    g_param_spec_object ("queue", NULL, NULL, CB_TYPE_QUEUE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] =
    g_param_spec_string ("state", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  GTK_WIDGET_CLASS (klass)->measure = cb_state_bar_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = cb_state_bar_size_allocate;
}

static void
cb_state_bar_init (CbStateBar *self)
{
  self->signals = g_signal_group_new (CB_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (update_counts), self);

  self->box = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, "halign", GTK_ALIGN_START, NULL);
  gtk_widget_add_css_class (self->box, "linked");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->box), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("State"), -1);

  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  /* Six words and their counts do not fit a narrow window, and one that ends in the middle of a word hides the rest. */
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("State"), -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), _ ("State"));
  gtk_menu_button_set_create_popup_func (self->button, create_popup_cb, self, NULL);
  gtk_widget_set_parent (GTK_WIDGET (self->button), GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "cb-state-bar");
}

const char *
cb_state_bar_get_state (CbStateBar *self)
{
  g_return_val_if_fail (CB_IS_STATE_BAR (self), NULL);

  return self->state;
}

void
cb_state_bar_set_state (CbStateBar *self, const char *state)
{
  g_return_if_fail (CB_IS_STATE_BAR (self));

  if (g_strcmp0 (self->state, state) == 0)
    return;

  g_free (self->state);
  self->state = g_strdup (state);
  if (self->engine != NULL)
    update_toggles (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/**
 * cb_state_bar_set_queue:
 * @queue: (nullable): whose states and counts are shown
 *
 * The state stays, unless the engine of the other queue does not have it.
 */
void
cb_state_bar_set_queue (CbStateBar *self, CbQueue *queue)
{
  g_return_if_fail (CB_IS_STATE_BAR (self));

  if (!g_set_object (&self->queue, queue))
    return;

  if (queue != NULL && cb_queue_get_engine (queue) != self->engine)
    {
      g_set_object (&self->engine, cb_queue_get_engine (queue));
      create_toggles (self);
      if (self->state != NULL && cb_engine_find_state (self->engine, self->state) < 0)
        cb_state_bar_set_state (self, NULL);
      update_toggles (self);
    }
  g_signal_group_set_target (self->signals, queue);
  if (queue != NULL)
    update_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE]);
}

gboolean
cb_state_bar_choose (CbStateBar *self, guint index)
{
  g_return_val_if_fail (CB_IS_STATE_BAR (self), FALSE);

  if (index >= self->n_toggles)
    return FALSE;

  cb_state_bar_set_state (self, get_toggle_state (self, index));
  return TRUE;
}
