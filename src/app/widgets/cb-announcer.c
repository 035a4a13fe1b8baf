/* cb-announcer.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-announcer.h"

#include <dlfcn.h>

#include "cb-announcements.h"

/* GtkAccessibleAnnouncementPriority */
#define MEDIUM 1

struct _CbAnnouncer
{
  GtkWidget parent_instance;

  CbAnnouncements *announcements; /* (owned) */
  char *said;                     /* (owned) (nullable): the last */
  guint timeout_id;
};

G_DEFINE_FINAL_TYPE (CbAnnouncer, cb_announcer, GTK_TYPE_WIDGET)

/* As the one we build with need not be the one we run with. */
typedef void (*Announce) (GtkAccessible *, const char *, int);

static void
tell (CbAnnouncer *self, const char *text)
{
  Announce announce = (Announce) dlsym (RTLD_DEFAULT, "gtk_accessible_announce");

  if (announce != NULL)
    {
      announce (GTK_ACCESSIBLE (self), text, MEDIUM);
      return;
    }
  /* The same once more would be no change. */
  if (g_strcmp0 (text, self->said) == 0)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, "", -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_free (self->said);
  self->said = g_strdup (text);
}

static gboolean
say_cb (gpointer data)
{
  CbAnnouncer *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *text = cb_announcements_take (self->announcements, now);
  gint64 due;

  self->timeout_id = 0;
  if (text != NULL)
    tell (self, text);
  due = cb_announcements_get_due (self->announcements, now);
  if (due >= 0)
    self->timeout_id = g_timeout_add ((guint) ((due - now) / 1000 + 1), say_cb, self);
  return G_SOURCE_REMOVE;
}

/* So that it is found from any widget in there. */
#define ANNOUNCER "cb-announcer"

static void
cb_announcer_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_announcer_parent_class)->root (widget);

  g_object_set_data (G_OBJECT (gtk_widget_get_root (widget)), ANNOUNCER, widget);
}

static void
cb_announcer_unroot (GtkWidget *widget)
{
  g_object_set_data (G_OBJECT (gtk_widget_get_root (widget)), ANNOUNCER, NULL);

  GTK_WIDGET_CLASS (cb_announcer_parent_class)->unroot (widget);
}

static void
cb_announcer_dispose (GObject *object)
{
  g_clear_handle_id (&CB_ANNOUNCER (object)->timeout_id, g_source_remove);

  G_OBJECT_CLASS (cb_announcer_parent_class)->dispose (object);
}

static void
cb_announcer_finalize (GObject *object)
{
  CbAnnouncer *self = CB_ANNOUNCER (object);

  cb_announcements_free (self->announcements);
  g_free (self->said);

  G_OBJECT_CLASS (cb_announcer_parent_class)->finalize (object);
}

static void
cb_announcer_class_init (CbAnnouncerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = cb_announcer_dispose;
  object_class->finalize = cb_announcer_finalize;

  GTK_WIDGET_CLASS (klass)->root = cb_announcer_root;
  GTK_WIDGET_CLASS (klass)->unroot = cb_announcer_unroot;

  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_STATUS);
}

static void
cb_announcer_init (CbAnnouncer *self)
{
  self->announcements = cb_announcements_new ();
}

void
cb_announcer_say (CbAnnouncer *self, const char *text, gboolean urgent)
{
  g_return_if_fail (CB_IS_ANNOUNCER (self));
  g_return_if_fail (text != NULL);

  cb_announcements_add (self->announcements, text, urgent);
  /* Soon and not at once: of several that come together the last is the one that holds. */
  if (self->timeout_id == 0)
    self->timeout_id = g_idle_add (say_cb, self);
}

void
cb_announce (GtkWidget *widget, const char *text, gboolean urgent)
{
  GtkRoot *root;
  CbAnnouncer *announcer = NULL;

  g_return_if_fail (GTK_IS_WIDGET (widget));

  for (root = gtk_widget_get_root (widget); root != NULL && announcer == NULL; root = GTK_ROOT (gtk_window_get_transient_for (GTK_WINDOW (root))))
    announcer = g_object_get_data (G_OBJECT (root), ANNOUNCER);
  /* Whoever closed the window hears of it no more. */
  if (announcer != NULL)
    cb_announcer_say (announcer, text, urgent);
}

void
cb_announce_problem (GtkLabel *label, const char *problem)
{
  g_return_if_fail (GTK_IS_LABEL (label));

  if (problem == NULL)
    problem = "";
  if (g_str_equal (gtk_label_get_label (label), problem))
    return;
  if (*problem != '\0')
    cb_announce (GTK_WIDGET (label), problem, FALSE);
  gtk_label_set_label (label, problem);
}
