/* cb-served-card.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-served-card.h"

#include <glib/gi18n.h>

#include "cb-duration-row.h"
#include "cb-format.h"
#include "cb-handlers.h"
#include "cb-json.h"
#include "cb-program-row.h"
#include "cb-rate-row.h"
#include "cb-refusal.h"
#include "cb-remark-row.h"
#include "cb-slot-row.h"
#include "cb-web-service-row.h"

struct _CbServedCard
{
  AdwBin parent_instance;

  CbServing *serving;     /* (owned) */
  CbServedQueue *served;  /* (owned) */
  GSignalGroup *worker_signals;
  GPtrArray *block_rows;  /* (element-type GtkWidget) not owned: children of block_row */
  gboolean setting;
  char *refusal;          /* (owned) (nullable) */

  GtkWidget *title_label;
  GtkWidget *summary_label;
  GtkWidget *serve_switch;
  GtkWidget *problem_box;
  GtkWidget *problem_label;
  GtkWidget *handler_row;
  CbRemarkRow *handler_remark;
  GtkWidget *program_row;
  CbWebServiceRow *web_service_row;
  GtkWidget *concurrency_spin;
  CbRateRow *rate_row;
  CbRemarkRow *rate_remark;
  GtkWidget *timeout_row;
  CbRemarkRow *timeout_remark;
  GtkWidget *block_row;
  GtkWidget *block_entry;
  GtkWidget *slots_scroller;
  GtkWidget *slots;
};

G_DEFINE_FINAL_TYPE (CbServedCard, cb_served_card, ADW_TYPE_BIN)

static void
update_summary (CbServedCard *self)
{
  CbWorker *worker = cb_served_queue_get_worker (self->served);
  gboolean enabled = cb_served_queue_get_enabled (self->served);
  const char *problem = enabled ? cb_served_queue_get_problem (self->served) : self->refusal;
  CbWorkerState state = cb_served_queue_get_state (self->served);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_active = 0;
  guint64 n_complete = 0, n_failed = 0;

  if (worker != NULL)
    g_object_get (worker, "n-active", &n_active, "n-complete", &n_complete, "n-failed", &n_failed, NULL);

  if (state == CB_WORKER_STOPPING)
    g_string_append_printf (text, ngettext ("Finishing %u job…", "Finishing %u jobs…", n_active), n_active);
  else if (state == CB_WORKER_RUNNING)
    /* Translators: so many of so many slots have a job */
    g_string_append_printf (text, _("On · %u of %u busy"), n_active,
                            cb_served_queue_get_concurrency (self->served));
  else
    g_string_append (text, _("Off"));

  if (n_complete > 0 || n_failed > 0)
    {
      g_autofree char *done = cb_format_exact_count ((gint64) n_complete);
      g_autofree char *failed = cb_format_exact_count ((gint64) n_failed);

      g_string_append (text, " · ");
      /* Translators: how many jobs the worker has done, and how many failed */
      g_string_append_printf (text, _("%s done, %s failed"), done, failed);
    }

  gtk_label_set_text (GTK_LABEL (self->summary_label), text->str);
  gtk_label_set_text (GTK_LABEL (self->problem_label), problem != NULL ? problem : "");
  gtk_widget_set_visible (self->problem_box, problem != NULL);
  /* What is on can be switched off. */
  gtk_widget_set_sensitive (self->serve_switch, self->refusal == NULL || enabled);
  cb_refusal_explain_one (self->serve_switch, enabled ? NULL : self->refusal);
  gtk_widget_set_visible (self->slots_scroller, worker != NULL && state != CB_WORKER_STOPPED);
}

static GtkWidget *
create_slot_row (gpointer item, gpointer user_data)
{
  g_autoptr (CbEngine) engine = NULL;

  g_object_get (user_data, "engine", &engine, NULL);

  return cb_slot_row_new (item, engine);
}

static void
worker_cb (CbServedCard *self)
{
  CbWorker *worker = cb_served_queue_get_worker (self->served);

  g_signal_group_set_target (self->worker_signals, worker);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->slots), worker != NULL ? cb_worker_get_slots (worker) : NULL,
                           create_slot_row, worker != NULL ? g_object_ref (worker) : NULL,
                           worker != NULL ? g_object_unref : NULL);
  update_summary (self);
}

/* --- settings --- */

/* A desktop notification is what a newcomer has a use for, so it is offered first. */
static const CbHandlerType *
get_nth_offered (guint position)
{
  static const char * const order[] = { "notify", "log", "command", "webhook" };
  guint n_types;
  const CbHandlerType *types = cb_handlers_get_all_types (&n_types);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint k = 0; k < n_types; k++)
      if (g_str_equal (types[k].name, order[i]) && position-- == 0)
        return &types[k];

  return NULL;
}

static void
handler_selected_cb (CbServedCard *self)
{
  const CbHandlerType *type = get_nth_offered (adw_combo_row_get_selected (ADW_COMBO_ROW (self->handler_row)));

  if (type == NULL)
    return;

  cb_remark_row_set (self->handler_remark, NULL, _(type->description));
  gtk_widget_set_visible (self->program_row, g_str_equal (type->name, "command"));
  gtk_widget_set_visible (GTK_WIDGET (self->web_service_row), g_str_equal (type->name, "webhook"));
  if (self->setting)
    return;

  cb_served_queue_set_handler_name (self->served, type->name);
  /* What it has to be told comes next. */
  if (type->needs_settings && cb_served_queue_needs_settings (self->served))
    {
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->program_row), TRUE);
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->web_service_row), TRUE);
    }
}

/* Only which one is chosen: a new list under the one that is being chosen from would take it away. */
static void
show_handler (CbServedCard *self)
{
  guint selected = GTK_INVALID_LIST_POSITION;
  const CbHandlerType *type;

  for (guint i = 0; (type = get_nth_offered (i)) != NULL; i++)
    if (g_str_equal (type->name, cb_served_queue_get_handler_name (self->served)))
      selected = i;

  self->setting = TRUE;
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->handler_row), selected);
  handler_selected_cb (self);
  self->setting = FALSE;
}

static void
add_handlers (CbServedCard *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  const CbHandlerType *type;

  for (guint i = 0; (type = get_nth_offered (i)) != NULL; i++)
    gtk_string_list_append (titles, _(type->title));

  self->setting = TRUE;
  adw_combo_row_set_model (ADW_COMBO_ROW (self->handler_row), G_LIST_MODEL (titles));
  self->setting = FALSE;
  show_handler (self);
}

/* The last usable rate stays in force while something else is typed. A change has two halves; the one that allows less comes
 * first, so that no burst gets through between them. */
static void
rate_changed_cb (CbServedCard *self)
{
  g_autoptr (GError) error = NULL;
  guint limit, interval, old_interval;

  if (self->setting)
    return;

  if (!cb_rate_row_get_rate (self->rate_row, &limit, &interval, &error))
    {
      cb_remark_row_set (self->rate_remark, error->message, NULL);
      return;
    }

  cb_remark_row_set (self->rate_remark, NULL, NULL);
  g_object_get (self->served, "rate-interval", &old_interval, NULL);
  if (interval > old_interval)
    g_object_set (self->served, "rate-interval", interval, "rate-limit", limit, NULL);
  else
    g_object_set (self->served, "rate-limit", limit, "rate-interval", interval, NULL);
}

/* The last usable time-out stays in force while something else is typed. */
static void
timeout_changed_cb (CbServedCard *self)
{
  const char *text = cb_duration_row_get_text (CB_DURATION_ROW (self->timeout_row));
  g_autoptr (GError) error = NULL;
  gint64 msec = 0;

  if (self->setting)
    return;

  if (*text != '\0'
      && !cb_duration_parse (text, cb_duration_row_get_unit (CB_DURATION_ROW (self->timeout_row)), &msec, &error))
    {
      cb_remark_row_set (self->timeout_remark, error->message, NULL);
      return;
    }

  if (msec > G_MAXUINT)
    {
      cb_remark_row_set (self->timeout_remark, _("More than 49 days is too long."), NULL);
      return;
    }

  cb_remark_row_set (self->timeout_remark, NULL, NULL);
  g_object_set (self->served, "timeout", (guint) msec, NULL);
}

static void
unblock_cb (GtkButton *button, CbServedCard *self)
{
  cb_served_queue_unblock (self->served, g_object_get_data (G_OBJECT (button), "recipient"));
}

static GtkWidget *
create_block_row (CbServedCard *self, const char *recipient)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-delete-symbolic");
  g_autofree char *display = cb_text_display (recipient, -1, TRUE);
  g_autofree char *label = g_strdup_printf (_("Take %s off the Block-List"), display);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), display);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (button), "recipient", g_strdup (recipient), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (unblock_cb), self, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);

  return row;
}

static void
show_block_list (CbServedCard *self)
{
  const char * const *block_list = cb_served_queue_get_block_list (self->served);
  guint n = g_strv_length ((char **) block_list);
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->block_rows->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self->block_row), g_ptr_array_index (self->block_rows, i));
  g_ptr_array_set_size (self->block_rows, 0);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *row = create_block_row (self, block_list[i]);

      adw_expander_row_add_row (ADW_EXPANDER_ROW (self->block_row), row);
      g_ptr_array_add (self->block_rows, row);
    }

  if (n == 0)
    text = g_strdup (_("Nobody. Jobs for a number on it fail without being sent."));
  else
    text = g_strdup_printf (ngettext ("%u number: jobs for it fail without being sent",
                                      "%u numbers: jobs for them fail without being sent", n),
                            n);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->block_row), text);
}

static void
block_cb (CbServedCard *self)
{
  if (!cb_served_queue_block (self->served, gtk_editable_get_text (GTK_EDITABLE (self->block_entry))))
    return;

  /* Emptying it is no edit to be applied. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->block_entry), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->block_entry), "");
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->block_entry), TRUE);
}

static void
remove_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  CbServedCard *self = CB_SERVED_CARD (widget);

  cb_serving_remove (self->serving, self->served);
}

static void
cb_served_card_dispose (GObject *object)
{
  CbServedCard *self = CB_SERVED_CARD (object);

  g_clear_object (&self->worker_signals);

  G_OBJECT_CLASS (cb_served_card_parent_class)->dispose (object);
}

static void
cb_served_card_finalize (GObject *object)
{
  CbServedCard *self = CB_SERVED_CARD (object);

  g_clear_object (&self->served);
  g_clear_object (&self->serving);
  g_ptr_array_unref (self->block_rows);
  g_free (self->refusal);

  G_OBJECT_CLASS (cb_served_card_parent_class)->finalize (object);
}

static void
cb_served_card_class_init (CbServedCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_served_card_dispose;
  object_class->finalize = cb_served_card_finalize;

  g_type_ensure (CB_TYPE_DURATION_ROW);
  g_type_ensure (CB_TYPE_PROGRAM_ROW);
  g_type_ensure (CB_TYPE_RATE_ROW);
  g_type_ensure (CB_TYPE_REMARK_ROW);
  g_type_ensure (CB_TYPE_WEB_SERVICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-served-card.ui");
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, title_label);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, summary_label);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, serve_switch);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, problem_box);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, problem_label);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, handler_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, handler_remark);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, program_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, web_service_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, concurrency_spin);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, rate_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, rate_remark);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, timeout_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, timeout_remark);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, block_row);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, block_entry);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, slots_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbServedCard, slots);
  gtk_widget_class_bind_template_callback (widget_class, handler_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, rate_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, timeout_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, block_cb);

  gtk_widget_class_install_action (widget_class, "served.remove", NULL, remove_action);
}

static void
cb_served_card_init (CbServedCard *self)
{
  self->block_rows = g_ptr_array_new ();
  self->worker_signals = g_signal_group_new (CB_TYPE_WORKER);
  g_signal_group_connect_swapped (self->worker_signals, "notify::n-active", G_CALLBACK (update_summary), self);
  g_signal_group_connect_swapped (self->worker_signals, "notify::n-complete", G_CALLBACK (update_summary), self);
  g_signal_group_connect_swapped (self->worker_signals, "notify::n-failed", G_CALLBACK (update_summary), self);

  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
cb_served_card_new (CbServing *serving, CbServedQueue *served)
{
  CbServedCard *self = g_object_new (CB_TYPE_SERVED_CARD, NULL);
  g_autofree char *title = NULL;
  g_autofree char *label = NULL;
  guint timeout = 0, rate_limit = 0, rate_interval = 1000;

  self->serving = g_object_ref (serving);
  self->served = g_object_ref (served);

  g_object_get (served, "title", &title, "timeout", &timeout, "rate-limit", &rate_limit, "rate-interval", &rate_interval,
                NULL);
  gtk_label_set_text (GTK_LABEL (self->title_label), title);
  label = g_strdup_printf (_("Serve %s"), title);
  gtk_widget_set_tooltip_text (self->serve_switch, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->serve_switch), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);

  add_handlers (self);
  show_block_list (self);
  cb_web_service_row_set_served (self->web_service_row, served);
  g_object_bind_property (served, "program", self->program_row, "program",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  self->setting = TRUE;
  cb_rate_row_set_rate (self->rate_row, rate_limit, rate_interval);
  cb_duration_row_set_duration (CB_DURATION_ROW (self->timeout_row), timeout);
  self->setting = FALSE;
  g_object_bind_property (served, "concurrency", self->concurrency_spin, "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (served, "enabled", self->serve_switch, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);

  g_signal_connect_object (served, "notify::block-list", G_CALLBACK (show_block_list), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::handler-name", G_CALLBACK (show_handler), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::concurrency", G_CALLBACK (update_summary), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::enabled", G_CALLBACK (update_summary), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::problem", G_CALLBACK (update_summary), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::state", G_CALLBACK (update_summary), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (served, "notify::worker", G_CALLBACK (worker_cb), self, G_CONNECT_SWAPPED);
  worker_cb (self);

  return GTK_WIDGET (self);
}

void
cb_served_card_set_refusal (CbServedCard *self, const char *refusal)
{
  g_return_if_fail (CB_IS_SERVED_CARD (self));

  if (g_strcmp0 (self->refusal, refusal) == 0)
    return;

  g_free (self->refusal);
  self->refusal = g_strdup (refusal);
  update_summary (self);
}

CbServedQueue *
cb_served_card_get_served (CbServedCard *self)
{
  return self->served;
}
