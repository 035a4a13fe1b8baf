/* cb-doctor-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-doctor-page.h"

#include <glib/gi18n.h>

#include "cb-acting.h"
#include "cb-ask.h"
#include "cb-banner.h"
#include "cb-bulk.h"
#include "cb-checkup.h"
#include "cb-finding-row.h"
#include "cb-format.h"
#include "cb-refusal.h"
#include "cb-undoing.h"

struct _CbDoctorPage
{
  CbPage parent_instance;

  CbCheckup *checkup;         /* (owned) (nullable) until there is a board */
  gint64 checked_at;
  guint pulse_id;

  CbBanner *banner;
  GtkStack *stack;
  AdwStatusPage *running_page;
  GtkProgressBar *progress_bar;
  AdwStatusPage *healthy_page;
  AdwStatusPage *failed_page;
  GtkListView *list;
  GtkWidget *all_check;
  GtkLabel *summary_label;
  GtkWidget *spinner;
  GtkWidget *cancel_button;
  GtkWidget *check_button;
  GtkButton *repair_button;
  gboolean choosing;
  guint n_problems;
  gboolean repairing;
};

G_DEFINE_FINAL_TYPE (CbDoctorPage, cb_doctor_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_N_PROBLEMS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text != NULL ? text : "", -1);

  adw_status_page_set_description (page, markup);
}

/* --- what is under way --- */

static void
show_progress (CbDoctorPage *self)
{
  guint64 n_jobs = 0;
  gint64 n_known;
  gboolean again = FALSE;
  g_autofree char *jobs = NULL;
  g_autofree char *known = NULL;
  g_autofree char *text = NULL;

  if (cb_checkup_get_state (self->checkup) != CB_CHECKUP_EXAMINING)
    return;

  g_object_get (self->checkup, "n-jobs", &n_jobs, "looking-again", &again, NULL);
  n_known = cb_checkup_get_n_known (self->checkup);
  jobs = cb_format_exact_count ((gint64) n_jobs);
  known = cb_format_exact_count (n_known);
  if (again)
    text = g_strdup (_("Something may be wrong. Jobs that are just on their way look like that, so it is looked at again after a "
                       "few seconds."));
  else if (n_known > 0)
    /* Translators: two numbers of jobs */
    text = g_strdup_printf (_("%s of about %s jobs looked at. Nothing is changed."), jobs, known);
  else
    text = g_strdup_printf (_("%s jobs looked at. Nothing is changed."), jobs);
  set_description (self->running_page, text);

  if (!again && n_known > 0 && n_jobs > 0)
    gtk_progress_bar_set_fraction (self->progress_bar, MIN ((double) n_jobs / (double) n_known, 1));
  else
    gtk_progress_bar_pulse (self->progress_bar);
}

static gboolean
pulse_cb (gpointer user_data)
{
  show_progress (user_data);

  return G_SOURCE_CONTINUE;
}

/* --- what was found --- */

static char *
describe_findings (CbDoctorPage *self)
{
  guint n_remarks = cb_checkup_count_remarks (self->checkup, FALSE);
  guint n = g_list_model_get_n_items (cb_checkup_get_findings (self->checkup)) - n_remarks;
  guint n_repaired = cb_checkup_count (self->checkup, CB_FINDING_REPAIRED);
  guint n_healed = cb_checkup_count (self->checkup, CB_FINDING_HEALED);
  guint n_failed = cb_checkup_count (self->checkup, CB_FINDING_NOT_REPAIRED);
  GString *text = g_string_new (NULL);
  g_autofree char *count = cb_format_exact_count (n);

  g_string_append_printf (text, ngettext ("%s problem found", "%s problems found", n), count);
  if (n_remarks > 0)
    g_string_append_printf (text, ngettext (", %u remark", ", %u remarks", n_remarks), n_remarks);
  if (n_repaired > 0)
    g_string_append_printf (text, ngettext (", %u repaired", ", %u repaired", n_repaired), n_repaired);
  if (n_healed > 0)
    g_string_append_printf (text, ngettext (", %u gone by itself", ", %u gone by themselves", n_healed), n_healed);
  if (n_failed > 0)
    g_string_append_printf (text, ngettext (", %u not repaired", ", %u not repaired", n_failed), n_failed);

  return g_string_free (text, FALSE);
}

/* Why what is chosen, or else what could be, can't be repaired: it may be of several prefixes, and a user may do more in one than in another. */
static const char *
get_refusal (CbDoctorPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  GListModel *findings = cb_checkup_get_findings (self->checkup);
  gboolean chosen = cb_checkup_get_n_chosen (self->checkup) > 0;
  const char *refusal = NULL;
  CbEngine *asked = NULL;

  for (guint i = 0; refusal == NULL && i < g_list_model_get_n_items (findings); i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (findings, i);
      CbEngine *engine = cb_finding_item_get_engine (item);

      if (engine == asked || !(chosen ? cb_finding_item_get_chosen (item) : cb_finding_item_get_repairable (item)))
        continue;
      refusal = cb_session_get_refusal (session, CB_RIGHT_CHANGE_JOBS, cb_engine_get_prefix (engine));
      asked = engine;
    }

  return refusal;
}

static void
update_choice (CbDoctorPage *self)
{
  const char *refusal = get_refusal (self);
  guint n_chosen = cb_checkup_get_n_chosen (self->checkup);
  guint n_repairable = cb_checkup_get_n_repairable (self->checkup);
  gboolean found = cb_checkup_get_state (self->checkup) == CB_CHECKUP_FOUND;
  gboolean read_only;
  g_autofree char *label = NULL;
  g_autofree char *summary = NULL;

  g_object_get (self->checkup, "read-only", &read_only, NULL);
  self->choosing = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->all_check), n_chosen > 0 && n_chosen == n_repairable);
  gtk_check_button_set_inconsistent (GTK_CHECK_BUTTON (self->all_check), n_chosen > 0 && n_chosen < n_repairable);
  self->choosing = FALSE;
  gtk_widget_set_sensitive (self->all_check, found && n_repairable > 0 && !read_only);

  label = n_chosen > 0 ? g_strdup_printf (ngettext ("Repair %u", "Repair %u", n_chosen), n_chosen) : g_strdup (_("Repair"));
  gtk_button_set_label (self->repair_button, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->repair_button), found && n_chosen > 0 && !read_only && refusal == NULL);
  cb_refusal_explain_one (GTK_WIDGET (self->repair_button), refusal);
  gtk_widget_set_visible (GTK_WIDGET (self->repair_button), n_repairable > 0);
  summary = describe_findings (self);
  gtk_label_set_label (self->summary_label, summary);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->summary_label), summary);
}

static char *
describe_unread (CbDoctorPage *self)
{
  guint64 n = cb_checkup_get_n_unread (self->checkup);
  g_autofree char *count = cb_format_exact_count ((gint64) n);

  return n > 0 ? g_strdup_printf (_("Fields that are too long to be looked at, whether they are JSON: %s"), count) : NULL;
}

static void
update_banner (CbDoctorPage *self)
{
  CbCheckupState state = cb_checkup_get_state (self->checkup);
  const char *problem = cb_checkup_get_problem (self->checkup);
  const char *refusal = get_refusal (self);
  gboolean read_only, cut;
  g_autofree char *text = NULL;

  g_object_get (self->checkup, "read-only", &read_only, "cut", &cut, NULL);
  if (problem != NULL && read_only)
    /* Translators: %s is a sentence that says why */
    text = g_strdup_printf (_("You may look here, but not repair: %s"), problem);
  else if (refusal != NULL)
    text = g_strdup_printf (_("You may look here, but not repair: %s"), refusal);
  else if (problem != NULL)
    text = g_strdup_printf (_("The repair ended early: %s"), problem);
  else if (cut)
    text = g_strdup (_("There is more than fits into one round. Repair this, and check again."));
  else
    text = describe_unread (self);
  cb_banner_set_title (self->banner, text != NULL ? text : "");
  cb_banner_set_revealed (self->banner, text != NULL && (state == CB_CHECKUP_FOUND || state == CB_CHECKUP_REPAIRING));
}

static void
update_status (CbDoctorPage *self)
{
  CbCheckupState state = cb_checkup_get_state (self->checkup);
  guint n = g_list_model_get_n_items (cb_checkup_get_findings (self->checkup))
            - cb_checkup_count (self->checkup, CB_FINDING_REPAIRED) - cb_checkup_count (self->checkup, CB_FINDING_HEALED)
            - cb_checkup_count_remarks (self->checkup, TRUE);
  g_autofree char *status = NULL;

  if (state == CB_CHECKUP_EXAMINING)
    status = g_strdup (_("checking…"));
  else if (state == CB_CHECKUP_HEALTHY || (state == CB_CHECKUP_FOUND && n == 0 && cb_checkup_count_remarks (self->checkup, TRUE) > 0))
    status = g_strdup (_("healthy"));
  else if (state == CB_CHECKUP_FOUND && n > 0)
    status = g_strdup_printf (ngettext ("%u problem", "%u problems", n), n);
  g_object_set (self, "status", status != NULL ? status : "", NULL);

  /* While it looks again nothing new is known. */
  if (state == CB_CHECKUP_EXAMINING || self->n_problems == n)
    return;
  self->n_problems = n;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_PROBLEMS]);
}

static void
show_healthy (CbDoctorPage *self)
{
  guint64 n_jobs = 0;
  g_autofree char *jobs = NULL;
  g_autofree char *clock = cb_format_clock (self->checked_at, self->checked_at);
  g_autofree char *unread = describe_unread (self);
  g_autofree char *text = NULL;

  g_object_get (self->checkup, "n-jobs", &n_jobs, NULL);
  jobs = cb_format_exact_count ((gint64) n_jobs);
  /* Translators: how many jobs, and the time of day */
  text = g_strdup_printf (ngettext ("%s job was looked at, at %s. Everything fits together.",
                                    "%s jobs were looked at, at %s. Everything fits together.", n_jobs),
                          jobs, clock);
  if (unread != NULL)
    {
      g_autofree char *all = text;

      text = g_strdup_printf ("%s\n%s", all, unread);
    }
  set_description (self->healthy_page, text);
}

static void
repair (CbDoctorPage *self, gboolean undoable)
{
  g_autoptr (CbFindingItem) first = g_list_model_get_item (cb_checkup_get_findings (self->checkup), 0);

  if (first == NULL || !cb_acting_can_begin (GTK_WIDGET (self), cb_finding_item_get_engine (first)))
    return;
  self->repairing = undoable;
  cb_checkup_repair (self->checkup, undoable);
}

static void
without_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CbDoctorPage *self = CB_DOCTOR_PAGE (source);

  /* What was not repaired is still chosen. */
  if (cb_ask_finish (GTK_WIDGET (self), result) && self->checkup != NULL)
    repair (self, FALSE);
}

static void
offer_undo (CbDoctorPage *self)
{
  GPtrArray *bulks = cb_checkup_get_bulks (self->checkup);
  guint n = 0;
  g_autofree char *text = NULL;

  for (guint i = 0; i < bulks->len; i++)
    {
      CbBulk *bulk = g_ptr_array_index (bulks, i);

      n += cb_bulk_get_n (bulk, CB_BULK_DONE);
      if (cb_bulk_get_n_not_kept (bulk) > 0)
        cb_undoing_ask_without (GTK_WIDGET (self), bulk, NULL, without_answered_cb, NULL);
    }
  if (n == 0)
    return;

  text = g_strdup_printf (ngettext ("%u problem repaired", "%u problems repaired", n), n);
  cb_undoing_offer (GTK_WIDGET (self), cb_page_get_session (CB_PAGE (self)), text, bulks, FALSE);
}

static void
state_cb (CbDoctorPage *self)
{
  static const char * const pages[] = {
    [CB_CHECKUP_IDLE] = "idle",
    [CB_CHECKUP_EXAMINING] = "running",
    [CB_CHECKUP_HEALTHY] = "healthy",
    [CB_CHECKUP_FOUND] = "found",
    [CB_CHECKUP_REPAIRING] = "found",
    [CB_CHECKUP_FAILED] = "failed",
  };
  CbCheckupState state = cb_checkup_get_state (self->checkup);
  gboolean repairing = state == CB_CHECKUP_REPAIRING;

  g_clear_handle_id (&self->pulse_id, g_source_remove);
  if (state == CB_CHECKUP_EXAMINING)
    {
      gtk_progress_bar_set_fraction (self->progress_bar, 0);
      self->pulse_id = g_timeout_add (250, pulse_cb, self);
      show_progress (self);
    }
  else if (state == CB_CHECKUP_HEALTHY)
    {
      self->checked_at = g_get_real_time ();
      show_healthy (self);
    }
  else if (state == CB_CHECKUP_FAILED)
    {
      set_description (self->failed_page, cb_checkup_get_problem (self->checkup));
    }

  gtk_widget_set_visible (self->spinner, repairing);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), repairing);
  gtk_widget_set_visible (self->cancel_button, repairing);
  gtk_widget_set_visible (self->check_button, !repairing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), !repairing);
  update_choice (self);
  update_banner (self);
  update_status (self);
  gtk_stack_set_visible_child_name (self->stack, pages[state]);

  if (self->repairing && !repairing)
    {
      self->repairing = FALSE;
      offer_undo (self);
    }
}

static void
choice_cb (CbDoctorPage *self)
{
  if (self->checkup == NULL)
    return;
  update_choice (self);
  update_banner (self);
}

/* Nothing is asked before, since it can be undone. */
static void
repair_cb (CbDoctorPage *self)
{
  repair (self, TRUE);
}

/* What was found is not what there is any more. */
static void
undone_cb (CbDoctorPage *self, int kind)
{
  CbCheckupState state = self->checkup != NULL ? cb_checkup_get_state (self->checkup) : CB_CHECKUP_IDLE;

  if (kind == CB_DEED_REPAIR && (state == CB_CHECKUP_FOUND || state == CB_CHECKUP_HEALTHY))
    cb_checkup_start (self->checkup);
}

static void
all_toggled_cb (CbDoctorPage *self)
{
  if (!self->choosing && self->checkup != NULL)
    cb_checkup_choose_all (self->checkup, gtk_check_button_get_active (GTK_CHECK_BUTTON (self->all_check)));
}

static void
check_cb (CbDoctorPage *self)
{
  cb_doctor_page_check (self);
}

static void
cancel_cb (CbDoctorPage *self)
{
  cb_checkup_cancel (self->checkup);
}

/* --- the list --- */

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_activatable (list_item, FALSE);
  gtk_list_item_set_child (list_item, cb_finding_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  cb_finding_row_set_item (CB_FINDING_ROW (gtk_list_item_get_child (list_item)), gtk_list_item_get_item (list_item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  cb_finding_row_set_item (CB_FINDING_ROW (gtk_list_item_get_child (list_item)), NULL);
}

/* --- object --- */

static void
board_cb (CbDoctorPage *self)
{
  CbBoard *board = cb_session_get_board (cb_page_get_session (CB_PAGE (self)));
  g_autoptr (GtkNoSelection) selection = NULL;

  if (board == NULL || self->checkup != NULL)
    return;

  self->checkup = cb_checkup_new (board, cb_session_get_journal (cb_page_get_session (CB_PAGE (self))));
  selection = gtk_no_selection_new (g_object_ref (cb_checkup_get_findings (self->checkup)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (self->checkup, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->checkup, "notify::n-chosen", G_CALLBACK (choice_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->checkup, "notify::n-done", G_CALLBACK (update_choice), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->checkup, "notify::problem", G_CALLBACK (update_banner), self, G_CONNECT_SWAPPED);
  state_cb (self);
}

static void
cb_doctor_page_set_up (CbPage *page, CbSession *session)
{
  g_signal_connect_object (session, "notify::board", G_CALLBACK (board_cb), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "undone", G_CALLBACK (undone_cb), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "rights-changed", G_CALLBACK (choice_cb), page, G_CONNECT_SWAPPED);
  board_cb (CB_DOCTOR_PAGE (page));
}

static void
cb_doctor_page_refresh (CbPage *page)
{
  CbDoctorPage *self = CB_DOCTOR_PAGE (page);

  if (self->checkup != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    cb_checkup_start (self->checkup);
}

static void
cb_doctor_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_N_PROBLEMS:
      g_value_set_uint (value, CB_DOCTOR_PAGE (object)->n_problems);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_doctor_page_dispose (GObject *object)
{
  CbDoctorPage *self = CB_DOCTOR_PAGE (object);

  g_clear_handle_id (&self->pulse_id, g_source_remove);
  if (self->checkup != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->checkup, self);
      cb_checkup_cancel (self->checkup);
    }
  g_clear_object (&self->checkup);

  G_OBJECT_CLASS (cb_doctor_page_parent_class)->dispose (object);
}

static void
cb_doctor_page_class_init (CbDoctorPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_doctor_page_dispose;
  G_OBJECT_CLASS (klass)->get_property = cb_doctor_page_get_property;
  CB_PAGE_CLASS (klass)->set_up = cb_doctor_page_set_up;
  CB_PAGE_CLASS (klass)->refresh = cb_doctor_page_refresh;

  properties[PROP_N_PROBLEMS] = g_param_spec_uint ("n-problems", NULL, NULL, 0, G_MAXUINT, 0,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

  g_type_ensure (CB_TYPE_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-doctor-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, banner);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, running_page);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, healthy_page);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, list);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, all_check);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, check_button);
  gtk_widget_class_bind_template_child (widget_class, CbDoctorPage, repair_button);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cb);
  gtk_widget_class_bind_template_callback (widget_class, all_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, repair_cb);
}

static void
cb_doctor_page_init (CbDoctorPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * cb_doctor_page_check:
 *
 * Looks now; nothing is changed by that.
 */
void
cb_doctor_page_check (CbDoctorPage *self)
{
  g_return_if_fail (CB_IS_DOCTOR_PAGE (self));

  if (self->checkup != NULL)
    cb_checkup_start (self->checkup);
}
