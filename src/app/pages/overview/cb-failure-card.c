/* cb-failure-card.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-failure-card.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "cb-button-name.h"
#include "cb-direction.h"
#include "cb-failure-groups.h"
#include "cb-failure-traits.h"
#include "cb-format.h"
#include "cb-group-deed.h"
#include "cb-json.h"
#include "cb-refusal.h"
#include "cb-window.h"
#include "cb-wrap-box.h"

/* What is looked at without being asked to: ten pages. */
#define FEW_JOBS 1000
/* And when it is. */
#define MANY_JOBS 200000
#define LEAST_INTERVAL (10 * G_USEC_PER_SEC)
#define FEW_ROWS 5
#define MOST_TRAITS 6

/* What was found of one engine. */
typedef struct
{
  CbEngine *engine;           /* (owned) */
  CbFailureGroups *groups;    /* (owned) */
} Found;

typedef struct
{
  CbEngine *engine;           /* (owned) */
  char *filter;               /* (owned) */
  char *cause;                /* (owned) as it is shown */
  guint count;
  gint64 first_at;
  gint64 last_at;
  char *queues;               /* (owned) */
  gboolean retrying;
  GtkWidget *subtitle;        /* (nullable): of the row, while it has one */
  GtkWidget *retry;           /* (nullable): the same */
  GtkWidget *remove;          /* (nullable): the same */
} Group;

struct _CbFailureCard
{
  GtkWidget parent_instance;

  CbSession *session;         /* (owned) (nullable) */
  GPtrArray *found;           /* (owned) (element-type Found) of the look under way */
  guint n_engines;            /* of it that were looked at */
  GCancellable *cancellable;  /* (owned) (nullable) of it */
  guint most;                 /* that it looks at */
  gint64 looked_at;           /* µs monotonic */
  gint64 failed;              /* how many there were then, by the board; -1 */
  gint64 seen;                /* and by the look before */
  gboolean stale;             /* what is on screen may not be so any more */
  gint64 now;
  gboolean all_rows;
  GtkWidget *menu;            /* (nullable): the popover that was opened last, weakly */
  gboolean removing;          /* from the search until the answer is carried out */
  guint64 n_jobs;
  guint64 n_total;
  GPtrArray *groups;          /* (owned) (element-type Group) on screen */

  GtkWidget *box;
  GtkLabel *note;
  GtkWidget *spinner;
  GtkWidget *look_button;
  GtkWidget *rows;
  GtkWidget *more_button;
  GtkLabel *empty;
};

G_DEFINE_FINAL_TYPE (CbFailureCard, cb_failure_card, GTK_TYPE_WIDGET)

static guint open_signal;

static void look_on (CbFailureCard *self);
static void show_rows (CbFailureCard *self);

static void
found_free (Found *found)
{
  g_object_unref (found->engine);
  g_object_unref (found->groups);
  g_free (found);
}

static void
group_free (Group *group)
{
  g_object_unref (group->engine);
  g_free (group->filter);
  g_free (group->cause);
  g_free (group->queues);
  g_free (group);
}

/* ---- what may be done with a group ---- */

static void
update_rights (CbFailureCard *self, Group *group)
{
  const char *refusal = cb_session_get_refusal (self->session, CB_RIGHT_CHANGE_JOBS, cb_engine_get_prefix (group->engine));

  if (group->retry != NULL)
    {
      gtk_widget_set_sensitive (group->retry, refusal == NULL && !group->retrying);
      cb_refusal_explain_one (group->retry, refusal);
    }
  if (group->remove != NULL)
    {
      gtk_widget_set_sensitive (group->remove, refusal == NULL);
      cb_refusal_explain_one (group->remove, refusal);
    }
}

static void
rights_cb (CbFailureCard *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    update_rights (self, g_ptr_array_index (self->groups, i));
}

/* ---- what is done with a group ---- */

static Group *
get_group (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "group");
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  cb_failure_card_refresh (CB_FAILURE_CARD (source));
}

static void
retry_cb (CbFailureCard *self, GtkWidget *button)
{
  Group *group = get_group (button);

  group->retrying = TRUE;
  update_rights (self, group);
  cb_group_deed_start (GTK_WIDGET (self), self->session, group->engine, group->filter, group->cause, CB_DEED_RETRY, acted_cb, NULL);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CB_FAILURE_CARD (source)->removing = FALSE;
  acted_cb (source, result, data);
}

static void
remove_cb (CbFailureCard *self, GtkWidget *button)
{
  Group *group = get_group (button);

  if (self->removing)
    {
      cb_toast (GTK_WIDGET (self), _ ("Jobs of a cause are being removed already"));
      return;
    }
  self->removing = TRUE;
  gtk_popover_popdown (GTK_POPOVER (gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER)));
  cb_group_deed_start (GTK_WIDGET (self), self->session, group->engine, group->filter, group->cause, CB_DEED_REMOVE, removed_cb, NULL);
}

static void
show_cb (CbFailureCard *self, GtkWidget *button)
{
  Group *group = get_group (button);
  CbQueue *all = cb_board_get_all (cb_session_get_board (self->session), group->engine);
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (group->engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == CB_JOB_MEANING_FAILED)
        {
          g_signal_emit (self, open_signal, 0, all, states[i].name, group->filter);
          return;
        }
    }
}

/* ---- what they have in common ---- */

typedef struct
{
  GWeakRef label;
} Asking;

static char *
describe_traits (CbFailureTraits *traits)
{
  g_autoptr (GPtrArray) ranked = cb_failure_traits_rank (traits, MOST_TRAITS);
  guint n_failed = cb_failure_traits_get_n_failed (traits);
  guint n_complete = cb_failure_traits_get_n_complete (traits);
  GString *text;

  if (n_complete == 0)
    return g_strdup (_ ("No job has completed that these could be compared with."));
  if (ranked->len == 0)
    return g_strdup_printf (_ ("Nothing stands out: %u failed jobs were compared with %u completed ones."), n_failed, n_complete);

  text = g_string_new (NULL);
  for (guint i = 0; i < ranked->len; i++)
    {
      CbFailureTrait *trait = g_ptr_array_index (ranked, i);
      g_autofree char *name = cb_text_display (trait->name, -1, TRUE);
      g_autofree char *value = trait->value != NULL ? cb_text_display (trait->value, -1, TRUE) : NULL;
      g_autofree char *what = value != NULL ? g_strdup_printf ("%s = %s", name, value)
                                            /* Translators: the name of a member of the data */
                                            : g_strdup_printf (_ ("%s is there"), name);

      /* Translators: what jobs have in common; how many per cent of the failed and of the completed ones have it */
      g_string_append_printf (text, _ ("%s: %.0f %% of the failed, %.0f %% of the completed"), what, 100 * trait->share_failed,
                              100 * trait->share_complete);
      g_string_append_c (text, '\n');
    }
  /* Translators: two numbers of jobs */
  g_string_append_printf (text, _ ("The last %u failed and %u completed jobs were compared."), n_failed, n_complete);
  return g_string_free (text, FALSE);
}

static void
got_traits_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GtkLabel) label = g_weak_ref_get (&asking->label);
  g_autoptr (GError) error = NULL;
  gboolean done = cb_failure_traits_run_finish (CB_FAILURE_TRAITS (source), result, &error);
  g_autofree char *text = done ? describe_traits (CB_FAILURE_TRAITS (source)) : g_strdup (error->message);

  if (label != NULL)
    gtk_label_set_label (label, text);
  g_weak_ref_clear (&asking->label);
  g_free (asking);
}

static void
menu_shown_cb (CbFailureCard *self, GtkWidget *popover)
{
  Group *group = get_group (popover);
  GtkLabel *label = g_object_get_data (G_OBJECT (popover), "traits");
  g_autoptr (CbFailureTraits) traits = cb_failure_traits_new ();
  CbJobFilter *filter = cb_job_filter_parse (group->filter, NULL, NULL, NULL);
  Asking *asking = g_new0 (Asking, 1);

  g_set_weak_pointer (&self->menu, popover);
  gtk_label_set_label (label, _ ("Looking…"));
  g_weak_ref_init (&asking->label, label);
  cb_failure_traits_run_async (traits, group->engine, NULL, filter, CB_FAILURE_TRAITS_JOBS, NULL, got_traits_cb, asking);
}

/* ---- rows ---- */

static GtkWidget *
create_button (CbFailureCard *self, Group *group, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  /* Translators: what a button does, and the error that it is about */
  g_autofree char *name = g_strdup_printf (_ ("%s: %s"), label, group->cause);

  g_object_set_data (G_OBJECT (button), "group", group);
  g_object_set_data_full (G_OBJECT (button), "name", g_strdup (name), g_free);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  cb_button_set_name (GTK_BUTTON (button), name);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
create_menu (CbFailureCard *self, Group *group)
{
  GtkWidget *menu = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *heading = gtk_label_new (_ ("What These Have in Common"));
  GtkWidget *traits = gtk_label_new (NULL);
  GtkWidget *remove = create_button (self, group, _ ("Remove All…"), G_CALLBACK (remove_cb));
  g_autofree char *name = g_strdup_printf (_ ("More about: %s"), group->cause);

  group->remove = remove;
  gtk_widget_add_css_class (heading, "heading");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_label_set_xalign (GTK_LABEL (traits), 0);
  gtk_label_set_wrap (GTK_LABEL (traits), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (traits), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (traits), 46);
  gtk_label_set_width_chars (GTK_LABEL (traits), 30);
  gtk_widget_set_halign (remove, GTK_ALIGN_END);
  for (int i = 0; i < 4; i++)
    {
      static const char * const margins[] = { "margin-top", "margin-bottom", "margin-start", "margin-end" };

      g_object_set (box, margins[i], 12, NULL);
    }
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), traits);
  gtk_box_append (GTK_BOX (box), remove);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_object_set_data (G_OBJECT (popover), "group", group);
  g_object_set_data (G_OBJECT (popover), "traits", traits);
  g_signal_connect_object (popover, "show", G_CALLBACK (menu_shown_cb), self, G_CONNECT_SWAPPED);

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "view-more-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (menu), popover);
  gtk_widget_set_valign (menu, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (menu, "flat");
  gtk_widget_set_tooltip_text (menu, _ ("What They Have in Common, Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (menu), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return menu;
}

static void
update_subtitle (CbFailureCard *self, Group *group)
{
  g_autofree char *first = group->first_at >= 0 ? cb_format_relative (group->first_at, self->now) : NULL;
  g_autofree char *last = group->last_at >= 0 ? cb_format_relative (group->last_at, self->now) : NULL;
  g_autofree char *text = NULL;

  if (first == NULL)
    text = g_strdup (group->queues);
  else if (group->count == 1)
    text = g_strdup_printf ("%s · %s", group->queues, last);
  else
    /* Translators: names of queues, and two times, as in "email · first 2 h ago, last 12 s ago" */
    text = g_strdup_printf (_ ("%s · first %s, last %s"), group->queues, first, last);
  if (strcmp (gtk_label_get_label (GTK_LABEL (group->subtitle)), text) != 0)
    gtk_label_set_label (GTK_LABEL (group->subtitle), text);
}

static GtkWidget *
create_row (CbFailureCard *self, Group *group)
{
  GtkWidget *row = cb_wrap_box_new (12);
  GtkWidget *what = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *cause = gtk_label_new (group->cause);
  g_autofree char *count = cb_format_count (group->count);
  GtkWidget *pill = gtk_label_new (count);
  CbEngineCapabilities can = cb_engine_get_capabilities (group->engine);
  GtkWidget *show = create_button (self, group, _ ("Show"), G_CALLBACK (show_cb));

  gtk_widget_add_css_class (pill, "cb-pill");
  gtk_widget_add_css_class (pill, "failed");
  gtk_widget_add_css_class (pill, "numeric");
  gtk_widget_set_valign (pill, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (pill, 46, -1);
  group->subtitle = gtk_label_new ("");
  gtk_widget_add_css_class (group->subtitle, "dim-label");
  gtk_widget_add_css_class (group->subtitle, "caption");
  for (int i = 0; i < 2; i++)
    {
      GtkLabel *label = GTK_LABEL (i == 0 ? cause : group->subtitle);

      gtk_label_set_xalign (label, 0);
      gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
      gtk_box_append (GTK_BOX (texts), GTK_WIDGET (label));
    }
  /* Beside the buttons little may be left. */
  gtk_label_set_wrap (GTK_LABEL (cause), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (cause), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (cause), 2);
  gtk_widget_set_tooltip_text (cause, group->cause);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);

  /* Where there is not this much room beside them, the buttons are below it. */
  gtk_widget_set_size_request (texts, 120, -1);
  gtk_box_append (GTK_BOX (what), pill);
  gtk_box_append (GTK_BOX (what), texts);
  cb_wrap_box_append (CB_WRAP_BOX (row), what);
  cb_wrap_box_append (CB_WRAP_BOX (row), buttons);
  if ((can & CB_ENGINE_CAN_RETRY) != 0 && (can & CB_ENGINE_CAN_UNDO) != 0)
    {
      group->retry = create_button (self, group, _ ("Retry All"), G_CALLBACK (retry_cb));
      gtk_box_append (GTK_BOX (buttons), group->retry);
    }
  gtk_box_append (GTK_BOX (buttons), show);
  if ((can & CB_ENGINE_CAN_REMOVE) != 0 && (can & CB_ENGINE_CAN_UNDO) != 0)
    gtk_box_append (GTK_BOX (buttons), create_menu (self, group));
  update_subtitle (self, group);
  update_rights (self, group);
  return row;
}

static void
show_rows (CbFailureCard *self)
{
  GtkWidget *child;
  guint n_shown = self->all_rows ? self->groups->len : MIN (self->groups->len, FEW_ROWS);

  while ((child = gtk_widget_get_first_child (self->rows)) != NULL)
    gtk_box_remove (GTK_BOX (self->rows), child);
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      group->subtitle = group->retry = group->remove = NULL;
    }
  for (guint i = 0; i < n_shown; i++)
    gtk_box_append (GTK_BOX (self->rows), create_row (self, g_ptr_array_index (self->groups, i)));

  gtk_widget_set_visible (self->rows, n_shown > 0);
  gtk_widget_set_visible (self->more_button, n_shown < self->groups->len);
  if (n_shown < self->groups->len)
    {
      guint n = self->groups->len - n_shown;
      g_autofree char *text = g_strdup_printf (ngettext ("Show %u More", "Show %u More", n), n);

      gtk_button_set_label (GTK_BUTTON (self->more_button), text);
    }
}

static void
update_note (CbFailureCard *self)
{
  g_autofree char *jobs = cb_format_exact_count ((gint64) self->n_jobs);
  g_autofree char *total = cb_format_exact_count ((gint64) self->n_total);
  g_autofree char *text = NULL;
  gboolean cut = self->n_jobs < self->n_total;

  if (self->groups->len == 0)
    text = g_strdup ("");
  else if (cut)
    /* Translators: two numbers of failed jobs */
    text = g_strdup_printf (_ ("the last %s of %s failed"), jobs, total);
  else
    text = g_strdup_printf (ngettext ("%s failed", "%s failed", self->n_total), total);
  gtk_label_set_label (self->note, text);
  gtk_widget_set_visible (self->look_button, cut && self->most < MANY_JOBS);
}

/* ---- looking ---- */

static char *
list_queues (const CbFailureGroup *group)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (group->queues->len, 3); i++)
    {
      g_autofree char *name = cb_text_display (g_ptr_array_index (group->queues, i), -1, TRUE);
      g_autofree char *shown = cb_direction_isolate (name);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", shown);
    }
  if (group->queues->len > 3)
    g_string_append_printf (text, ngettext (" and %u more", " and %u more", group->queues->len - 3), group->queues->len - 3);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *x = *(Group * const *) a, *y = *(Group * const *) b;

  return x->count != y->count ? (x->count > y->count ? -1 : 1) : x->last_at > y->last_at ? -1 : x->last_at < y->last_at;
}

/* Somebody reads what a menu says. */
static gboolean
is_open (CbFailureCard *self)
{
  return self->menu != NULL && gtk_widget_get_visible (self->menu);
}

/* The name of the button of a row that has the focus, if any has. */
static char *
dup_focused (CbFailureCard *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, self->rows))
    return NULL;
  return g_strdup (g_object_get_data (G_OBJECT (focus), "name"));
}

/* Rows are made anew; who is about to press a button by keyboard is still on it. */
static void
focus_again (CbFailureCard *self, const char *name)
{
  for (GtkWidget *row = gtk_widget_get_first_child (self->rows); row != NULL; row = gtk_widget_get_next_sibling (row))
    for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL; child = gtk_widget_get_next_sibling (child))
      if (g_strcmp0 (g_object_get_data (G_OBJECT (child), "name"), name) == 0)
        gtk_widget_grab_focus (child);
}

static void
take_groups (CbFailureCard *self)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);

  self->n_jobs = self->n_total = 0;
  for (guint i = 0; i < self->found->len; i++)
    {
      Found *found = g_ptr_array_index (self->found, i);

      self->n_jobs += cb_failure_groups_get_n_jobs (found->groups);
      self->n_total += cb_failure_groups_get_n_total (found->groups);
      for (guint j = 0; j < cb_failure_groups_get_n (found->groups); j++)
        {
          const CbFailureGroup *one = cb_failure_groups_get (found->groups, j);
          Group *group = g_new0 (Group, 1);

          group->engine = g_object_ref (found->engine);
          group->filter = cb_failure_group_dup_filter (one);
          /* One of its kind says what it says; of several what they have in common. */
          group->cause = *one->cause == '\0'  ? g_strdup (_ ("Failed without a word"))
                         : one->count == 1 && *one->sample != '\0' ? cb_text_display (one->sample, -1, TRUE)
                                                                   : g_strdup (one->cause);
          group->count = one->count;
          group->first_at = one->first_at;
          group->last_at = one->last_at;
          group->queues = list_queues (one);
          g_ptr_array_add (groups, group);
        }
    }
  g_ptr_array_sort (groups, compare_groups);

  {
    g_autoptr (GPtrArray) before = self->groups;
    g_autofree char *focused = dup_focused (self);

    self->groups = groups;
    show_rows (self);
    if (focused != NULL)
      focus_again (self, focused);
  }
}

static void
ended (CbFailureCard *self)
{
  g_clear_object (&self->cancellable);
  gtk_spinner_stop (GTK_SPINNER (self->spinner));
  gtk_widget_set_visible (self->spinner, FALSE);
}

static void
got_groups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbFailureCard) self = data;
  g_autoptr (GError) error = NULL;

  if (!cb_failure_groups_run_finish (CB_FAILURE_GROUPS (source), result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      ended (self);
      self->failed = -1;
      if (self->groups->len == 0)
        gtk_label_set_label (self->empty, error->message);
      else
        gtk_label_set_label (self->note, error->message);
      return;
    }

  self->n_engines++;
  look_on (self);
}

static gint64
count_failed (CbFailureCard *self)
{
  GListModel *board = G_LIST_MODEL (cb_session_get_board (self->session));
  guint n = g_list_model_get_n_items (board);
  gint64 sum = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (board, i);
      gint64 failed;

      g_object_get (queue, "failed", &failed, NULL);
      sum += MAX (failed, 0);
    }
  return sum;
}

/* At the next engine, or at what there is to show. */
static void
look_on (CbFailureCard *self)
{
  GListModel *engines = cb_board_get_engines (cb_session_get_board (self->session));
  g_autoptr (CbEngine) engine = g_list_model_get_item (engines, self->n_engines);
  Found *found;

  if (engine == NULL)
    {
      ended (self);
      take_groups (self);
      /* The board may have been behind, or in between it was otherwise. Where the two never agree, one more look is enough. */
      if (self->most == FEW_JOBS)
        self->stale |= (gint64) self->n_total != count_failed (self) && (gint64) self->n_total != self->seen;
      self->seen = (gint64) self->n_total;
      update_note (self);
      gtk_label_set_label (self->empty, _ ("Nothing has failed."));
      gtk_widget_set_visible (GTK_WIDGET (self->empty), self->groups->len == 0);
      return;
    }

  found = g_new0 (Found, 1);
  found->engine = g_object_ref (engine);
  found->groups = cb_failure_groups_new ();
  g_ptr_array_add (self->found, found);
  cb_failure_groups_run_async (found->groups, engine, NULL, self->most, self->cancellable, got_groups_cb, g_object_ref (self));
}

static void
look (CbFailureCard *self)
{
  if (self->session == NULL || cb_session_get_board (self->session) == NULL || self->cancellable != NULL ||
      cb_session_get_state (self->session) != CB_SESSION_READY)
    return;

  self->failed = count_failed (self);
  self->stale = FALSE;
  self->looked_at = g_get_monotonic_time ();
  self->cancellable = g_cancellable_new ();
  self->n_engines = 0;
  g_ptr_array_set_size (self->found, 0);
  if (self->most > FEW_JOBS)
    {
      gtk_widget_set_visible (self->spinner, TRUE);
      gtk_spinner_start (GTK_SPINNER (self->spinner));
    }
  look_on (self);
}

static void
look_at_all_cb (CbFailureCard *self)
{
  self->most = MANY_JOBS;
  cb_failure_card_refresh (self);
}

static void
more_cb (CbFailureCard *self)
{
  self->all_rows = TRUE;
  show_rows (self);
}

/* ---- object ---- */

static void
cb_failure_card_dispose (GObject *object)
{
  CbFailureCard *self = CB_FAILURE_CARD (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_weak_pointer (&self->menu);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (cb_failure_card_parent_class)->dispose (object);
}

static void
cb_failure_card_finalize (GObject *object)
{
  CbFailureCard *self = CB_FAILURE_CARD (object);

  g_ptr_array_unref (self->found);
  g_ptr_array_unref (self->groups);

  G_OBJECT_CLASS (cb_failure_card_parent_class)->finalize (object);
}

static void
cb_failure_card_class_init (CbFailureCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_failure_card_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_failure_card_finalize;

  open_signal = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                              CB_TYPE_QUEUE, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-failure-card.ui");
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, box);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, note);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, spinner);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, look_button);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, rows);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, more_button);
  gtk_widget_class_bind_template_child (widget_class, CbFailureCard, empty);
  gtk_widget_class_bind_template_callback (widget_class, look_at_all_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
cb_failure_card_init (CbFailureCard *self)
{
  self->found = g_ptr_array_new_with_free_func ((GDestroyNotify) found_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
  self->most = FEW_JOBS;
  self->failed = self->seen = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
cb_failure_card_set_session (CbFailureCard *self, CbSession *session)
{
  g_return_if_fail (CB_IS_FAILURE_CARD (self));

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_func (self->session, rights_cb, self);
  g_set_object (&self->session, session);
  if (session != NULL)
    g_signal_connect_object (session, "rights-changed", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
}

void
cb_failure_card_update (CbFailureCard *self, gint64 now)
{
  g_return_if_fail (CB_IS_FAILURE_CARD (self));

  self->now = now;
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      if (group->subtitle != NULL)
        update_subtitle (self, group);
    }
  if (self->session == NULL || cb_session_get_board (self->session) == NULL)
    return;
  /* Also when it is as before again by the time that it may be looked at. */
  self->stale |= count_failed (self) != self->failed;
  if (self->cancellable != NULL)
    return;
  /* A look at very many is not made again and again: it was asked for once. */
  if (self->stale && !is_open (self) &&
      (self->looked_at == 0 || g_get_monotonic_time () - self->looked_at >= LEAST_INTERVAL))
    {
      if (self->groups->len > 0)
        self->most = FEW_JOBS;
      look (self);
    }
}

void
cb_failure_card_refresh (CbFailureCard *self)
{
  g_return_if_fail (CB_IS_FAILURE_CARD (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  look (self);
}
