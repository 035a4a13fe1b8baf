/* cb-subscribe-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-subscribe-bar.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-channel-completion.h"
#include "cb-drop-down-name.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-wrap-box.h"

/* The entries of the drop-down in the template. */
enum
{
  CHOICE_AUTOMATIC,
  CHOICE_CHANNEL,
  CHOICE_PATTERN,
  CHOICE_SHARD,
};

struct _CbSubscribeBar
{
  GtkWidget parent_instance;

  CbPubsub *pubsub;           /* (owned) (nullable) */
  GtkWidget *completion;

  GtkWidget *box;             /* (owned): the only child */
  GtkDropDown *kind;
  GtkWidget *entry;
  GtkWidget *button;
  GtkWidget *chips_scroller;
  GtkBox *chips;
};

G_DEFINE_FINAL_TYPE (CbSubscribeBar, cb_subscribe_bar, GTK_TYPE_WIDGET)

/* --- a chip --- */

static char *
dup_rate (CbSubscription *subscription)
{
  double rate = cb_subscription_get_rate (subscription);
  g_autofree char *count = NULL;

  /* Less than can be said is none. */
  if (rate >= 0.05 && rate < 10)
    /* Translators: messages a second */
    return g_strdup_printf (_ ("%.1f/s"), rate);
  count = cb_format_count ((gint64) (rate + 0.5));
  /* Translators: messages a second */
  return g_strdup_printf (_ ("%s/s"), count);
}

static char *
dup_name (CbSubscription *subscription)
{
  gsize size;
  const char *data = g_bytes_get_data (cb_subscription_get_name (subscription), &size);

  return size == 0 ? g_strdup (_ ("(empty)")) : cb_text_display (data, (gssize) MIN (size, 120), TRUE);
}

static void
update_chip (CbSubscription *subscription, GParamSpec *pspec, GtkWidget *chip)
{
  GtkLabel *note = g_object_get_data (G_OBJECT (chip), "note");
  g_autofree char *name = dup_name (subscription);
  g_autofree char *rate = dup_rate (subscription);
  g_autofree char *count = cb_format_exact_count ((gint64) cb_subscription_get_count (subscription));
  g_autofree char *counted = g_strdup_printf (ngettext ("%s message", "%s messages",
                                                        (gulong) cb_subscription_get_count (subscription)), count);
  g_autofree char *tip = NULL;
  const char *kind = cb_subscription_get_kind (subscription) == CB_TOPIC_PATTERN ? _ ("Pattern")
                     : cb_subscription_get_kind (subscription) == CB_TOPIC_SHARD ? _ ("Sharded channel")
                                                                                 : _ ("Channel");

  gtk_widget_remove_css_class (chip, "active");
  gtk_widget_remove_css_class (chip, "failed");
  switch (cb_subscription_get_state (subscription))
    {
    case CB_TOPIC_REFUSED:
      gtk_widget_add_css_class (chip, "failed");
      gtk_label_set_text (note, _ ("refused"));
      tip = g_strdup_printf ("%s %s\n%s", kind, name, cb_subscription_get_refusal (subscription));
      break;
    case CB_TOPIC_HEARD:
      gtk_widget_add_css_class (chip, "active");
      gtk_label_set_text (note, rate);
      tip = g_strdup_printf ("%s %s\n%s", kind, name, counted);
      break;
    case CB_TOPIC_AWAITED:
    case CB_TOPIC_UNKNOWN:
    default:
      gtk_label_set_text (note, _ ("waiting"));
      tip = g_strdup_printf ("%s %s\n%s", kind, name, _ ("The server has not confirmed it yet."));
      break;
    }
  gtk_widget_set_tooltip_text (chip, tip);
}

static void
close_clicked_cb (GtkWidget *button)
{
  CbSubscribeBar *self = CB_SUBSCRIBE_BAR (gtk_widget_get_ancestor (button, CB_TYPE_SUBSCRIBE_BAR));
  CbSubscription *subscription = g_object_get_data (G_OBJECT (button), "subscription");
  g_autoptr (GBytes) name = g_bytes_ref (cb_subscription_get_name (subscription));

  cb_pubsub_unsubscribe (self->pubsub, cb_subscription_get_kind (subscription), name);
  gtk_widget_grab_focus (self->entry);
}

static GtkWidget *
create_chip (CbSubscription *subscription)
{
  g_autofree char *name = dup_name (subscription);
  g_autofree char *label = NULL;
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (name);
  GtkWidget *note = gtk_label_new (NULL);
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 36);
  gtk_widget_add_css_class (title, "monospace");
  gtk_widget_add_css_class (note, "numeric");
  gtk_widget_add_css_class (note, "dim-label");
  /* As wide as any rate, so that no button moves away from under the pointer when messages begin or end. */
  gtk_label_set_width_chars (GTK_LABEL (note), 6);
  gtk_label_set_xalign (GTK_LABEL (note), 1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  /* Translators: %s is a channel or a pattern */
  label = g_strdup_printf (_ ("Unsubscribe from %s"), name);
  gtk_widget_set_tooltip_text (button, _ ("Unsubscribe"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (button), "subscription", g_object_ref (subscription), g_object_unref);
  g_signal_connect (button, "clicked", G_CALLBACK (close_clicked_cb), NULL);

  gtk_widget_add_css_class (chip, "cb-chip");
  gtk_box_append (GTK_BOX (chip), title);
  gtk_box_append (GTK_BOX (chip), note);
  gtk_box_append (GTK_BOX (chip), button);
  g_object_set_data (G_OBJECT (chip), "note", note);
  g_signal_connect_object (subscription, "notify", G_CALLBACK (update_chip), chip, 0);
  update_chip (subscription, NULL, chip);

  return chip;
}

/* --- the field --- */

static CbTopicKind
get_kind (CbSubscribeBar *self, const char *text)
{
  switch (gtk_drop_down_get_selected (self->kind))
    {
    case CHOICE_CHANNEL:
      return CB_TOPIC_CHANNEL;
    case CHOICE_PATTERN:
      return CB_TOPIC_PATTERN;
    case CHOICE_SHARD:
      return CB_TOPIC_SHARD;
    case CHOICE_AUTOMATIC:
    default:
      return strpbrk (text, "*?[") != NULL ? CB_TOPIC_PATTERN : CB_TOPIC_CHANNEL;
    }
}

static void
subscribe_cb (CbSubscribeBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (GBytes) name = NULL;

  if (self->pubsub == NULL || *text == '\0')
    return;

  name = g_bytes_new (text, strlen (text));
  cb_pubsub_subscribe (self->pubsub, get_kind (self, text), name);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_drop_down_set_selected (self->kind, CHOICE_AUTOMATIC);
  gtk_widget_grab_focus (self->entry);
}

static void
changed_cb (CbSubscribeBar *self)
{
  gtk_widget_set_sensitive (self->button, *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0');
}

static void
chosen_cb (CbSubscribeBar *self, int kind)
{
  gtk_drop_down_set_selected (self->kind, kind == CB_TOPIC_SHARD ? CHOICE_SHARD : CHOICE_CHANNEL);
}

static GtkWidget *
get_nth_chip (CbSubscribeBar *self, guint position)
{
  GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips));

  while (chip != NULL && position-- > 0)
    chip = gtk_widget_get_next_sibling (chip);
  return chip;
}

static void
subscriptions_changed_cb (CbSubscribeBar *self, guint position, guint removed, guint added, GListModel *subscriptions)
{
  for (guint i = 0; i < removed; i++)
    gtk_box_remove (self->chips, get_nth_chip (self, position));
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (CbSubscription) subscription = g_list_model_get_item (subscriptions, position + i);
      GtkWidget *sibling = position + i > 0 ? get_nth_chip (self, position + i - 1) : NULL;

      gtk_box_insert_child_after (self->chips, create_chip (subscription), sibling);
    }
  gtk_widget_set_visible (self->chips_scroller, g_list_model_get_n_items (subscriptions) > 0);
}

/* Once. */
void
cb_subscribe_bar_set_pubsub (CbSubscribeBar *self, CbPubsub *pubsub)
{
  GListModel *subscriptions = cb_pubsub_get_subscriptions (pubsub);

  g_return_if_fail (CB_IS_SUBSCRIBE_BAR (self));
  g_return_if_fail (self->pubsub == NULL);

  self->pubsub = g_object_ref (pubsub);
  cb_channel_completion_set_connection (CB_CHANNEL_COMPLETION (self->completion), cb_pubsub_get_connection (pubsub));
  g_signal_connect_object (subscriptions, "items-changed", G_CALLBACK (subscriptions_changed_cb), self, G_CONNECT_SWAPPED);
  subscriptions_changed_cb (self, 0, 0, g_list_model_get_n_items (subscriptions), subscriptions);
}

static gboolean
cb_subscribe_bar_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (CB_SUBSCRIBE_BAR (widget)->entry);
}

static void
cb_subscribe_bar_dispose (GObject *object)
{
  CbSubscribeBar *self = CB_SUBSCRIBE_BAR (object);

  g_clear_pointer (&self->completion, gtk_widget_unparent);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->pubsub);

  G_OBJECT_CLASS (cb_subscribe_bar_parent_class)->dispose (object);
}

static void
cb_subscribe_bar_class_init (CbSubscribeBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_subscribe_bar_dispose;
  widget_class->grab_focus = cb_subscribe_bar_grab_focus;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (CB_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-subscribe-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, box);
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, kind);
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, entry);
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, button);
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, chips_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbSubscribeBar, chips);
  gtk_widget_class_bind_template_callback (widget_class, subscribe_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
cb_subscribe_bar_init (CbSubscribeBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (self->kind);
  self->completion = cb_channel_completion_new (GTK_EDITABLE (self->entry));
  g_signal_connect_object (self->completion, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
}
