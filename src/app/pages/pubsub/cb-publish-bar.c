/* cb-publish-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-publish-bar.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"
#include "cb-publication.h"
#include "cb-wrap-box.h"

struct _CbPublishBar
{
  GtkWidget parent_instance;

  CbConnection *connection;   /* (owned) (nullable) */
  CbPublication *publication; /* (owned) (nullable) the last one */
  gboolean again;             /* it is one of many */
  guint tick_id;              /* while something is to come */
  char *outcome;              /* (owned) (nullable) */
  char *refusal;              /* (owned) (nullable) */
  gboolean failed;

  GtkWidget *box;             /* (owned): the only child */
  GtkWidget *channel;
  GtkWidget *message;
  GtkMenuButton *when_button;
  GtkCheckButton *now_check;
  GtkCheckButton *after_check;
  GtkCheckButton *every_check;
  GtkSpinButton *delay;
  GtkSpinButton *interval;
  GtkSpinButton *times;
  GtkCheckButton *sharded_check;
  GtkWidget *button;
};

G_DEFINE_FINAL_TYPE (CbPublishBar, cb_publish_bar, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_OUTCOME,
  PROP_FAILED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
take_outcome (CbPublishBar *self, char *outcome, gboolean failed)
{
  self->failed = failed;
  if (g_strcmp0 (self->outcome, outcome) == 0)
    {
      g_free (outcome);
      return;
    }
  g_free (self->outcome);
  self->outcome = outcome;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTCOME]);
}

static gboolean
is_running (CbPublishBar *self)
{
  return self->publication != NULL && cb_publication_get_running (self->publication);
}

static void
update_buttons (CbPublishBar *self)
{
  gboolean read_only = self->connection != NULL && cb_connection_get_read_only (self->connection);
  gboolean refused = read_only || self->refusal != NULL;
  gboolean ready = self->connection != NULL && cb_connection_get_state (self->connection) == CB_CONNECTION_READY;
  gboolean running = is_running (self);

  gtk_button_set_label (GTK_BUTTON (self->button), running ? _ ("Stop") : _ ("Publish"));
  gtk_widget_set_sensitive (self->button,
                            running || (ready && !refused && *gtk_editable_get_text (GTK_EDITABLE (self->channel)) != '\0'));
  gtk_widget_set_tooltip_text (self->button, read_only ? _ ("This connection is read-only: publishing makes others act.")
                                             : !ready  ? _ ("There is no connection.")
                                                       : self->refusal);
  if (running)
    gtk_widget_remove_css_class (self->button, "suggested-action");
  else
    gtk_widget_add_css_class (self->button, "suggested-action");
}

/* What is chosen in the popover, in short. */
static void
update_when (CbPublishBar *self)
{
  g_autofree char *text = NULL;
  g_autofree char *duration = NULL;

  if (gtk_check_button_get_active (self->after_check))
    {
      duration = cb_format_duration ((gint64) (gtk_spin_button_get_value (self->delay) * G_USEC_PER_SEC));
      /* Translators: %s is a duration */
      text = g_strdup_printf (_ ("After %s"), duration);
    }
  else if (gtk_check_button_get_active (self->every_check))
    {
      duration = cb_format_duration ((gint64) (gtk_spin_button_get_value (self->interval) * G_USEC_PER_SEC));
      /* Translators: %s is a duration */
      text = g_strdup_printf (_ ("Every %s"), duration);
    }
  gtk_menu_button_set_label (self->when_button, text != NULL ? text : _ ("Now"));
}

static char *
dup_reached (CbPublishBar *self)
{
  gint64 receivers = cb_publication_get_receivers (self->publication);
  g_autofree char *count = cb_format_exact_count (receivers);

  if (receivers == 0)
    return g_strdup (_ ("Nobody received it"));
  return g_strdup_printf (ngettext ("%s subscriber received it", "%s subscribers received it", (gulong) receivers), count);
}

static void
update_outcome (CbPublishBar *self)
{
  guint64 n_sent = cb_publication_get_n_sent (self->publication);
  gint64 due = cb_publication_get_due (self->publication);
  g_autofree char *reached = n_sent > 0 ? dup_reached (self) : NULL;

  if (self->again && n_sent > 0)
    {
      g_autofree char *count = cb_format_exact_count ((gint64) n_sent);

      /* Translators: a number, and how many received the last one */
      take_outcome (self, g_strdup_printf (ngettext ("%s sent. %s", "%s sent. %s", (gulong) n_sent), count, reached), FALSE);
    }
  else if (n_sent > 0)
    {
      take_outcome (self, g_steal_pointer (&reached), FALSE);
    }
  else if (due > g_get_monotonic_time () + 50000)
    {
      gint64 rest = MAX (due - g_get_monotonic_time (), 0);
      g_autofree char *duration = cb_format_duration ((rest + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC * G_USEC_PER_SEC);

      /* Translators: %s is a duration */
      take_outcome (self, g_strdup_printf (_ ("To be published in %s"), duration), FALSE);
    }
  else
    {
      take_outcome (self, NULL, FALSE);
    }
}

static gboolean
tick_cb (gpointer data)
{
  update_outcome (data);
  return G_SOURCE_CONTINUE;
}

static void
set_ticking (CbPublishBar *self, gboolean ticking)
{
  if (ticking && self->tick_id == 0)
    self->tick_id = g_timeout_add (250, tick_cb, self);
  else if (!ticking)
    g_clear_handle_id (&self->tick_id, g_source_remove);
}

static void
ended_cb (CbPublishBar *self, const GError *error)
{
  set_ticking (self, FALSE);
  if (error != NULL)
    take_outcome (self, g_strdup (error->message), TRUE);
  else
    update_outcome (self);
  update_buttons (self);
}

static void
let_go (CbPublishBar *self)
{
  if (self->publication == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->publication, self);
  cb_publication_stop (self->publication);
  g_clear_object (&self->publication);
}

static void
publish_cb (CbPublishBar *self)
{
  const char *channel = gtk_editable_get_text (GTK_EDITABLE (self->channel));
  const char *message = gtk_editable_get_text (GTK_EDITABLE (self->message));
  CbPublicationPlan plan = { .n_times = 1 };

  if (is_running (self))
    {
      cb_publication_stop (self->publication);
      return;
    }
  if (!gtk_widget_get_sensitive (self->button))
    return;

  let_go (self);
  plan.channel = g_bytes_new (channel, strlen (channel));
  plan.payload = g_bytes_new (message, strlen (message));
  plan.sharded = gtk_check_button_get_active (self->sharded_check);
  self->again = gtk_check_button_get_active (self->every_check);
  if (gtk_check_button_get_active (self->after_check))
    plan.delay_msec = (gint64) (gtk_spin_button_get_value (self->delay) * 1000);
  if (self->again)
    {
      plan.interval_msec = (gint64) (gtk_spin_button_get_value (self->interval) * 1000);
      plan.n_times = (guint64) gtk_spin_button_get_value_as_int (self->times);
    }

  self->publication = cb_publication_new (self->connection, &plan);
  g_bytes_unref (plan.channel);
  g_bytes_unref (plan.payload);
  g_signal_connect_object (self->publication, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  cb_publication_start (self->publication);
  update_outcome (self);
  set_ticking (self, TRUE);
  update_buttons (self);
}

void
cb_publish_bar_set_connection (CbPublishBar *self, CbConnection *connection)
{
  g_return_if_fail (CB_IS_PUBLISH_BAR (self));
  g_return_if_fail (self->connection == NULL);

  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  update_buttons (self);
}

void
cb_publish_bar_set_refusal (CbPublishBar *self, const char *refusal)
{
  g_return_if_fail (CB_IS_PUBLISH_BAR (self));

  g_free (self->refusal);
  self->refusal = g_strdup (refusal);
  update_buttons (self);
}

void
cb_publish_bar_suggest (CbPublishBar *self, const char *channel)
{
  g_return_if_fail (CB_IS_PUBLISH_BAR (self));

  if (*gtk_editable_get_text (GTK_EDITABLE (self->channel)) == '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->channel), channel);
}

const char *
cb_publish_bar_get_outcome (CbPublishBar *self)
{
  g_return_val_if_fail (CB_IS_PUBLISH_BAR (self), NULL);

  return self->outcome;
}

gboolean
cb_publish_bar_get_failed (CbPublishBar *self)
{
  g_return_val_if_fail (CB_IS_PUBLISH_BAR (self), FALSE);

  return self->failed;
}

static void
cb_publish_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbPublishBar *self = CB_PUBLISH_BAR (object);

  switch (id)
    {
    case PROP_OUTCOME:
      g_value_set_string (value, self->outcome);
      break;
    case PROP_FAILED:
      g_value_set_boolean (value, self->failed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_publish_bar_dispose (GObject *object)
{
  CbPublishBar *self = CB_PUBLISH_BAR (object);

  set_ticking (self, FALSE);
  let_go (self);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->outcome, g_free);
  g_clear_pointer (&self->refusal, g_free);

  G_OBJECT_CLASS (cb_publish_bar_parent_class)->dispose (object);
}

static void
cb_publish_bar_class_init (CbPublishBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_publish_bar_get_property;
  object_class->dispose = cb_publish_bar_dispose;

  properties[PROP_OUTCOME] =
    g_param_spec_string ("outcome", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FAILED] =
    g_param_spec_boolean ("failed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (CB_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-publish-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, box);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, channel);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, message);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, when_button);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, now_check);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, after_check);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, every_check);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, delay);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, interval);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, times);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, sharded_check);
  gtk_widget_class_bind_template_child (widget_class, CbPublishBar, button);
  gtk_widget_class_bind_template_callback (widget_class, publish_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_buttons);
  gtk_widget_class_bind_template_callback (widget_class, update_when);
}

static void
cb_publish_bar_init (CbPublishBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update_when (self);
  update_buttons (self);
}
