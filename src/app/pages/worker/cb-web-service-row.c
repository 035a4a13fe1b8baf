/* cb-web-service-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-web-service-row.h"

#include <glib/gi18n.h>

#include "cb-handler-setup.h"
#include "cb-json.h"
#include "cb-remark-row.h"

struct _CbWebServiceRow
{
  AdwExpanderRow parent_instance;

  CbServedQueue *served;      /* (owned) */

  GtkWidget *url_entry;
  CbRemarkRow *url_remark;
  GtkWidget *secret_entry;
  GtkWidget *forget_button;
  CbRemarkRow *secret_remark;
};

G_DEFINE_FINAL_TYPE (CbWebServiceRow, cb_web_service_row, ADW_TYPE_EXPANDER_ROW)

static void
set_text (GtkWidget *entry, const char *text)
{
  /* To show what is in force is no edit to be applied. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (entry), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (entry), TRUE);
}

/* What may be a secret in it stays where it is typed. */
static char *
describe (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *text = NULL;

  if (uri == NULL)
    return g_strdup (_("None yet: type it below"));

  text = g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);

  return cb_text_display (text, -1, TRUE);
}

/* --- the address --- */

static void
url_changed_cb (CbWebServiceRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->url_entry));
  g_autoptr (GError) error = NULL;

  if (*text == '\0')
    cb_remark_row_set (self->url_remark, NULL, NULL);
  else if (!cb_handler_setup_check_url (text, &error))
    cb_remark_row_set (self->url_remark, error->message, NULL);
  else if (cb_handler_setup_is_open (text))
    cb_remark_row_set (self->url_remark, NULL,
                       _("Without https others can read the jobs on their way, and the secret header too."));
  else
    cb_remark_row_set (self->url_remark, NULL, NULL);
}

static void
url_apply_cb (CbWebServiceRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->url_entry));

  if (*text == '\0' || cb_handler_setup_check_url (text, NULL))
    g_object_set (self->served, "url", text, NULL);
}

static void
show_url (CbWebServiceRow *self)
{
  g_autofree char *url = NULL;
  g_autofree char *subtitle = NULL;

  g_object_get (self->served, "url", &url, NULL);
  subtitle = describe (url);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->url_entry)), url) != 0)
    set_text (self->url_entry, url);
}

/* --- the secret --- */

static void
show_secret (CbWebServiceRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->secret_entry));
  const char *path = cb_served_queue_get_secret_path (self->served);
  g_autofree char *problem = NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *shown_path = path != NULL ? g_filename_display_name (path) : NULL;
  gboolean has_secret;
  g_autoptr (GError) error = NULL;

  g_object_get (self->served, "has-secret", &has_secret, "secret-problem", &problem, NULL);
  gtk_widget_set_visible (self->forget_button, has_secret);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->secret_entry),
                                 has_secret ? _("Secret Header: set; type to replace it") : _("Secret Header"));

  if (*text != '\0' && !cb_handler_setup_check_secret (text, &error))
    {
      cb_remark_row_set (self->secret_remark, error->message, NULL);
      return;
    }

  if (problem != NULL)
    /* Translators: %s is a sentence that says why */
    sentence = g_strdup_printf (_("The secret can’t be kept: %s It holds until the program ends."), problem);
  else if (path == NULL)
    sentence = g_strdup (_("It is kept only as long as the program runs."));
  else
    /* Translators: %s is the path of a file */
    sentence = g_strdup_printf (_("“Name: value”, or a value alone for “Authorization: Bearer value”. It is not kept in the "
                                  "settings, but unencrypted in %s, which only you can read."), shown_path);
  cb_remark_row_set (self->secret_remark, problem != NULL ? sentence : NULL, sentence);
}

static void
secret_apply_cb (CbWebServiceRow *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->secret_entry))));

  if (*text == '\0' || !cb_handler_setup_check_secret (text, NULL))
    return;

  cb_served_queue_set_secret (self->served, text);
  set_text (self->secret_entry, "");
}

static void
forget_cb (CbWebServiceRow *self)
{
  set_text (self->secret_entry, "");
  cb_served_queue_set_secret (self->served, NULL);
  gtk_widget_grab_focus (self->secret_entry);
}

/* --- object --- */

static void
cb_web_service_row_finalize (GObject *object)
{
  g_clear_object (&CB_WEB_SERVICE_ROW (object)->served);

  G_OBJECT_CLASS (cb_web_service_row_parent_class)->finalize (object);
}

static void
cb_web_service_row_class_init (CbWebServiceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cb_web_service_row_finalize;

  g_type_ensure (CB_TYPE_REMARK_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-web-service-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbWebServiceRow, url_entry);
  gtk_widget_class_bind_template_child (widget_class, CbWebServiceRow, url_remark);
  gtk_widget_class_bind_template_child (widget_class, CbWebServiceRow, secret_entry);
  gtk_widget_class_bind_template_child (widget_class, CbWebServiceRow, forget_button);
  gtk_widget_class_bind_template_child (widget_class, CbWebServiceRow, secret_remark);
  gtk_widget_class_bind_template_callback (widget_class, url_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, url_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_secret);
  gtk_widget_class_bind_template_callback (widget_class, secret_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, forget_cb);
}

static void
cb_web_service_row_init (CbWebServiceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * cb_web_service_row_set_served:
 * @served: whose settings these are; set once
 */
void
cb_web_service_row_set_served (CbWebServiceRow *self, CbServedQueue *served)
{
  g_return_if_fail (CB_IS_WEB_SERVICE_ROW (self));
  g_return_if_fail (self->served == NULL);

  self->served = g_object_ref (served);
  g_signal_connect_object (served, "notify::url", G_CALLBACK (show_url), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::has-secret", G_CALLBACK (show_secret), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::secret-problem", G_CALLBACK (show_secret), self, G_CONNECT_SWAPPED);
  show_url (self);
  show_secret (self);
}
