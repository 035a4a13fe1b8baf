/* cb-queue-actions.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-compare-dialog.h"
#include "cb-job-actions.h"
#include "cb-job-cell.h"
#include "cb-job-command.h"
#include "cb-job-json.h"
#include "cb-new-job-dialog.h"
#include "cb-undoing.h"
#include "cb-window.h"

/*
 * What is done with the jobs that are selected. Where the engine can undo, nothing is asked: what would be lost is written down first,
 * and the toast that tells of it has a button to put it back. Each job is acted on only while it is as it was shown.
 */

/* What can be selected and acted on at once. */
#define MAX_SELECTED CB_FOUND_JOBS_MOST
/* JSON is written in one go. */
#define MAX_COPIED_JSON (1024 * 1024)
/* ---- which jobs ---- */

/* The records of what is selected and known, in the order of the list: of all of it where there are as many as are selected. */
static GPtrArray *
get_selected (CbQueuePage *self, guint *n_selected)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  CbJobRecord *shown = cb_job_detail_get_record (self->detail);
  GtkBitsetIter iter;
  guint position;

  *n_selected = (guint) MIN (gtk_bitset_get_size (selected), G_MAXUINT);
  if (*n_selected > 1 && *n_selected <= MAX_SELECTED)
    {
      for (gboolean valid = gtk_bitset_iter_init_first (&iter, selected, &position); valid;
           valid = gtk_bitset_iter_next (&iter, &position))
        {
          /* Asking for each, the list would read what nobody looks at. */
          CbJob *job = self->found != NULL ? cb_queue_page_get_job (self, position) : cb_job_list_peek (self->list, position);

          if (job != NULL && cb_job_get_loaded (job) && cb_job_get_id (job) != NULL && cb_job_get_record (job) != NULL)
            g_ptr_array_add (records, cb_job_record_ref (cb_job_get_record (job)));
        }
    }
  else if (*n_selected <= 1 && shown != NULL)
    {
      g_ptr_array_add (records, cb_job_record_ref (shown));
    }

  return records;
}

static gboolean
can_undo (CbQueuePage *self)
{
  return self->queue != NULL && (cb_engine_get_capabilities (cb_queue_get_engine (self->queue)) & CB_ENGINE_CAN_UNDO) != 0;
}

/* Whether all there is is selected, and not all of it is in hand: then what it is is asked for anew. */
static gboolean
is_query (CbQueuePage *self, guint n_selected, guint n_known)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (n_selected < 2 || n_selected < n_items || !can_undo (self))
    return FALSE;

  return n_known < n_selected ||
         (self->found != NULL && (cb_found_jobs_get_cut (self->found) || cb_found_jobs_get_running (self->found)));
}

static GStrv
dup_ids (GPtrArray *records)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < records->len; i++)
    g_strv_builder_add (builder, ((CbJobRecord *) g_ptr_array_index (records, i))->id);

  return g_strv_builder_end (builder);
}

void
cb_queue_page_update_actions (CbQueuePage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  CbEngineCapabilities can = self->queue != NULL ? cb_engine_get_capabilities (cb_queue_get_engine (self->queue)) : 0;
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  gboolean all = is_query (self, n_selected, records->len);
  gboolean many = all || (n_selected > 1 && records->len == n_selected);
  gboolean one = n_selected <= 1 && record != NULL;
  CbJobMeaning meaning = record != NULL ? record->meaning : CB_JOB_MEANING_UNKNOWN;
  static const char * const changing[] = { "job.retry", "job.retry-as-new", "job.promote", "job.remove", "job.priority", "job.edit",
                                           "job.run-again", "job.undo", NULL };
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  const char *refusal = session != NULL && self->queue != NULL
                          ? cb_session_get_refusal (session, CB_RIGHT_CHANGE_JOBS,
                                                    cb_engine_get_prefix (cb_queue_get_engine (self->queue)))
                          : NULL;
  gboolean retry = (can & CB_ENGINE_CAN_RETRY) != 0 &&
                   (many || (one && (meaning == CB_JOB_MEANING_FAILED || meaning == CB_JOB_MEANING_COMPLETE)));

  gtk_widget_action_set_enabled (widget, "job.retry", retry);
  gtk_widget_action_set_enabled (widget, "job.retry-as-new", retry);
  gtk_widget_action_set_enabled (widget, "job.promote",
                                 (can & CB_ENGINE_CAN_PROMOTE) != 0 && (many || (one && meaning == CB_JOB_MEANING_DELAYED)));
  gtk_widget_action_set_enabled (widget, "job.remove", (can & CB_ENGINE_CAN_REMOVE) != 0 && (many || one));
  gtk_widget_action_set_enabled (widget, "job.priority", (can & CB_ENGINE_CAN_PRIORITY) != 0 && (many || one));
  gtk_widget_action_set_enabled (widget, "job.copy-id", (n_selected > 1 && records->len == n_selected) || cb_job_detail_get_id (self->detail) != NULL);
  gtk_widget_action_set_enabled (widget, "job.copy-data", one && record->data != NULL);
  gtk_widget_action_set_enabled (widget, "job.copy-json", one);
  gtk_widget_action_set_enabled (widget, "job.copy-command", one);
  gtk_widget_action_set_enabled (widget, "job.edit",
                                 (can & CB_ENGINE_CAN_UPDATE) != 0 && one &&
                                   (meaning == CB_JOB_MEANING_WAITING || meaning == CB_JOB_MEANING_DELAYED ||
                                    meaning == CB_JOB_MEANING_FAILED));
  gtk_widget_action_set_enabled (widget, "job.run-again", (can & CB_ENGINE_CAN_CREATE) != 0 && one);
  gtk_widget_action_set_enabled (widget, "job.compare", one);
  gtk_widget_action_set_enabled (widget, "job.compare-both", n_selected == 2 && records->len == 2);
  gtk_widget_action_set_enabled (widget, "job.undo", can_undo (self));
  for (guint i = 0; refusal != NULL && changing[i] != NULL; i++)
    gtk_widget_action_set_enabled (widget, changing[i], FALSE);
  if (g_strcmp0 (refusal, self->refusal) != 0)
    {
      g_free (self->refusal);
      self->refusal = g_strdup (refusal);
      cb_job_detail_explain_refusal (self->detail, changing, refusal);
    }
  cb_job_detail_set_n_selected (self->detail, n_selected, records->len, all);
}

/* ---- afterwards ---- */

void
cb_queue_page_show_changes (CbQueuePage *self)
{
  if (self->list != NULL)
    cb_job_list_refresh (self->list);
  /* What is done with those that match may be why they don't any more. */
  if (self->found != NULL)
    cb_queue_page_filter (self);
  cb_job_detail_reload (self->detail);
  cb_queue_page_update_actions (self);
}

static CbWindow *
get_window (CbQueuePage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return CB_IS_WINDOW (root) ? CB_WINDOW (root) : NULL;
}

/* ---- doing it ---- */

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbQueuePage) self = data;
  g_autofree char *text = cb_job_actions_finish (CB_ENGINE (source), result);

  cb_toast (GTK_WIDGET (self), text);
  cb_queue_page_show_changes (self);
}

static CbJobAction
get_action (CbDeedKind kind)
{
  switch (kind)
    {
    case CB_DEED_RETRY:
      return CB_JOB_ACTION_RETRY;
    case CB_DEED_RETRY_AS_NEW:
      return CB_JOB_ACTION_RETRY_AS_NEW;
    case CB_DEED_PROMOTE:
      return CB_JOB_ACTION_PROMOTE;
    case CB_DEED_REMOVE:
      return CB_JOB_ACTION_REMOVE;
    case CB_DEED_PRIORITY:
    case CB_DEED_MOVE:
    case CB_DEED_UPDATE:
    case CB_N_DEEDS:
    default:
      return CB_JOB_ACTION_PRIORITY;
    }
}

/* Those that are selected, for engines that can undo. */
static void
run (CbQueuePage *self, const CbDeed *deed)
{
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  g_autoptr (CbBulk) bulk = NULL;

  if (is_query (self, n_selected, records->len))
    {
      cb_queue_page_run_query (self, deed);
      return;
    }
  if (records->len == 0)
    return;

  bulk = cb_bulk_new (cb_queue_get_engine (self->queue), cb_session_get_journal (cb_page_get_session (CB_PAGE (self))), deed);
  for (guint i = 0; i < records->len; i++)
    cb_bulk_add_record (bulk, g_ptr_array_index (records, i));
  cb_queue_page_run_bulk (self, bulk);
}

static void
act (CbQueuePage *self, CbDeedKind kind)
{
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  g_autoptr (CbDeed) deed = cb_deed_new (kind, 0, NULL);

  if (self->queue == NULL)
    return;

  if (can_undo (self))
    {
      run (self, deed);
    }
  else
    {
      g_auto (GStrv) ids = dup_ids (records);

      cb_job_actions_start (cb_queue_get_engine (self->queue), get_action (kind), (const char * const *) ids, acted_cb,
                            g_object_ref (self));
    }
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_DEED_RETRY);
}

/* As if it had never run: its attempts count from none. */
static void
retry_as_new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_DEED_RETRY_AS_NEW);
}

static void
promote_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_DEED_PROMOTE);
}

/* What was asked about is what is removed, also when the selection has become another one behind the question. */
typedef struct
{
  CbEngine *engine;           /* (owned) */
  GStrv ids;                  /* (owned) */
} Removal;

static void
removal_free (Removal *removal)
{
  g_object_unref (removal->engine);
  g_strfreev (removal->ids);
  g_free (removal);
}

static void
remove_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbQueuePage *self = CB_QUEUE_PAGE (source);
  Removal *removal = data;

  if (cb_ask_finish (GTK_WIDGET (self), result))
    {
      self->removing_at = g_get_monotonic_time ();
      cb_job_actions_start (removal->engine, CB_JOB_ACTION_REMOVE, (const char * const *) removal->ids, acted_cb,
                            g_object_ref (self));
    }
  removal_free (removal);
}

static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;
  Removal *removal;
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  g_auto (GStrv) ids = dup_ids (records);

  if (can_undo (self))
    {
      act (self, CB_DEED_REMOVE);
      return;
    }
  if (*ids == NULL || self->queue == NULL)
    return;

  cb_job_actions_describe_removal ((const char * const *) ids, record != NULL && n_selected <= 1 ? record->meaning : CB_JOB_MEANING_UNKNOWN,
                                   &heading, &body);
  removal = g_new0 (Removal, 1);
  removal->engine = g_object_ref (cb_queue_get_engine (self->queue));
  removal->ids = g_steal_pointer (&ids);
  cb_ask_async (widget, heading, body, _ ("_Remove"), TRUE, NULL, remove_answered_cb, removal);
}

static void
priority_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbQueuePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_act_finish (CB_ENGINE (source), result, &error);

  if (outcomes == NULL)
    cb_toast (GTK_WIDGET (self), error->message);
  cb_queue_page_show_changes (self);
}

/* d: the priority */
static void
priority_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  double priority = g_variant_get_double (parameter);
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  g_autoptr (CbDeed) deed = cb_deed_new (CB_DEED_PRIORITY, priority, NULL);
  g_auto (GStrv) ids = dup_ids (records);

  if (self->queue == NULL)
    return;

  if (can_undo (self))
    run (self, deed);
  else if (records->len > 0)
    cb_engine_act_async (cb_queue_get_engine (self->queue), CB_JOB_ACTION_PRIORITY, priority, (const char * const *) ids, NULL,
                         priority_cb, g_object_ref (self));
}

/* ---- changing it, and making another one like it ---- */

static void
saved_cb (CbQueuePage *self, CbBulk *bulk, CbNewJobDialog *dialog)
{
  if (bulk != NULL)
    cb_queue_page_tell_bulk (self, bulk);
  else
    cb_toast (GTK_WIDGET (self), _ ("Job changed"));
  cb_queue_page_show_changes (self);
}

static CbNewJobDialog *
open_dialog (CbQueuePage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  return cb_new_job_dialog_new (GTK_WINDOW (get_window (self)), cb_session_get_board (session), cb_session_get_serving (session),
                                self->queue != NULL && cb_queue_get_name (self->queue) != NULL ? self->queue : NULL);
}

static void
edit_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  CbNewJobDialog *dialog;

  if (record == NULL || self->queue == NULL || get_window (self) == NULL)
    return;

  dialog = open_dialog (self);
  cb_new_job_dialog_edit (dialog, cb_queue_get_engine (self->queue), cb_session_get_journal (cb_page_get_session (CB_PAGE (self))),
                          record);
  g_signal_connect_object (dialog, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
run_again_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  CbJobRecord *record = cb_job_detail_get_record (self->detail);

  if (record != NULL && self->queue != NULL && get_window (self) != NULL)
    cb_window_new_job (get_window (self), record);
}

/* Two that are selected, or the one that is shown with one whose number is typed. */
static void
compare_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  CbJobRecord *first, *second = NULL;
  CbCompareDialog *dialog;

  if (records->len == 0 || n_selected > 2 || records->len < n_selected || self->queue == NULL || get_window (self) == NULL)
    return;

  first = g_ptr_array_index (records, 0);
  if (records->len > 1)
    second = g_ptr_array_index (records, 1);
  /* The elder first, whichever way the list stands. */
  if (second != NULL && second->created_at < first->created_at)
    {
      first = second;
      second = g_ptr_array_index (records, 0);
    }
  dialog = cb_compare_dialog_new (GTK_WINDOW (get_window (self)), cb_queue_get_engine (self->queue), first->id,
                                  second != NULL ? second->id : NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);

  if (can_undo (self))
    cb_undoing_run (widget, cb_page_get_session (CB_PAGE (self)), cb_queue_get_engine (self->queue), NULL);
}

/* ---- the clipboard ---- */

static void
copy_id_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  guint n_selected;
  g_autoptr (GPtrArray) records = get_selected (self, &n_selected);
  g_auto (GStrv) ids = dup_ids (records);
  g_autofree char *text = g_strjoinv ("\n", ids);

  /* A job that is gone has an id still. */
  if (*ids == NULL && cb_job_detail_get_id (self->detail) != NULL)
    {
      g_free (text);
      text = g_strdup (cb_job_detail_get_id (self->detail));
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  cb_toast (widget, n_selected > 1 ? _ ("IDs copied") : _ ("ID copied"));
}

static void
copy_data_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbJobRecord *record = cb_job_detail_get_record (CB_QUEUE_PAGE (widget)->detail);
  g_autofree char *text = NULL;
  gsize size;
  const char *data;

  if (record == NULL || record->data == NULL)
    return;

  data = g_bytes_get_data (record->data, &size);
  text = g_utf8_make_valid (data != NULL ? data : "", (gssize) size);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  cb_toast (widget, _ ("Data copied"));
}

static void
copy_json_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbJobRecord *record = cb_job_detail_get_record (CB_QUEUE_PAGE (widget)->detail);
  g_autoptr (CbJsonWriter) writer = NULL;
  g_autofree char *json = NULL;
  g_autofree char *pretty = NULL;

  if (record == NULL)
    return;

  if ((record->data != NULL ? g_bytes_get_size (record->data) : 0) + (record->result != NULL ? g_bytes_get_size (record->result) : 0) >
      MAX_COPIED_JSON)
    {
      cb_toast (widget, _ ("Data and result are more than 1 MiB, which are not copied as JSON. “callboardctl job show” writes them."));
      return;
    }

  writer = cb_json_writer_new ();
  cb_job_record_to_json (record, writer);
  json = cb_json_writer_steal (writer);
  pretty = cb_json_pretty (json, -1);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), pretty);
  cb_toast (widget, _ ("Copied as JSON"));
}

static void
copy_command_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  CbConnection *connection = cb_session_get_connection (cb_page_get_session (CB_PAGE (self)));
  g_autofree char *server = connection != NULL ? cb_address_to_uri (cb_connection_get_address (connection)) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *command = NULL;

  if (record == NULL || self->queue == NULL)
    return;

  command = cb_job_record_to_command (record, server, cb_engine_get_prefix (cb_queue_get_engine (self->queue)), &error);
  if (command == NULL)
    {
      cb_toast (widget, error->message);
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), command);
  cb_toast (widget, _ ("Copied as a command for a shell; it creates the job once more"));
}

/* ---- the menu of a row ---- */

/* It would go to whatever comes next, as a button of a toast. */
static void
menu_closed_cb (CbQueuePage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->column_view));
}

static void
popup (CbQueuePage *self, double x, double y)
{
  if (self->menu == NULL)
    {
      self->menu = GTK_POPOVER (gtk_popover_menu_new_from_model (cb_job_detail_get_menu (self->detail)));
      gtk_popover_set_has_arrow (self->menu, FALSE);
      gtk_widget_set_halign (GTK_WIDGET (self->menu), GTK_ALIGN_START);
      /* A parent with a layout manager, which looks after it. */
      gtk_widget_set_parent (GTK_WIDGET (self->menu), GTK_WIDGET (self));
      g_signal_connect_object (self->menu, "closed", G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
    }
  gtk_popover_set_pointing_to (self->menu, &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (self->menu);
}

/* A row that is not part of the selection becomes it: the menu is about what is under the pointer. */
static void
pressed_cb (CbQueuePage *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->column_view), x, y, GTK_PICK_DEFAULT);
  GtkWidget *cell = widget != NULL ? gtk_widget_get_ancestor (widget, CB_TYPE_JOB_CELL) : NULL;
  CbJob *job = cell != NULL ? cb_job_cell_get_job (CB_JOB_CELL (cell)) : NULL;
  double list_x, list_y;
  gint64 position;

  if (job == NULL || cb_job_get_id (job) == NULL || self->list == NULL)
    return;

  position = cb_queue_page_find_job (self, cb_job_get_id (job));
  if (position >= 0 && !gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), (guint) position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), (guint) position, TRUE);
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_translate_coordinates (GTK_WIDGET (self->column_view), GTK_WIDGET (self), x, y, &list_x, &list_y);
  popup (self, list_x, list_y);
}

/* By keyboard it is about the selection, and appears at the row that has the focus. */
static void
menu_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  double x = 24, y = 48;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->column_view)))
    return;

  gtk_widget_translate_coordinates (focus, GTK_WIDGET (self), 24, gtk_widget_get_height (focus) / 2.0, &x, &y);
  popup (self, x, y);
}

void
cb_queue_page_set_up_menu (CbQueuePage *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->column_view), GTK_EVENT_CONTROLLER (click));
}

void
cb_queue_page_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "job.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "job.retry-as-new", NULL, retry_as_new_action);
  gtk_widget_class_install_action (widget_class, "job.promote", NULL, promote_action);
  gtk_widget_class_install_action (widget_class, "job.remove", NULL, remove_action);
  gtk_widget_class_install_action (widget_class, "job.priority", "d", priority_action);
  gtk_widget_class_install_action (widget_class, "job.edit", NULL, edit_action);
  gtk_widget_class_install_action (widget_class, "job.run-again", NULL, run_again_action);
  gtk_widget_class_install_action (widget_class, "job.compare", NULL, compare_action);
  gtk_widget_class_install_action (widget_class, "job.compare-both", NULL, compare_action);
  gtk_widget_class_install_action (widget_class, "job.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "job.copy-id", NULL, copy_id_action);
  gtk_widget_class_install_action (widget_class, "job.copy-data", NULL, copy_data_action);
  gtk_widget_class_install_action (widget_class, "job.copy-json", NULL, copy_json_action);
  gtk_widget_class_install_action (widget_class, "job.copy-command", NULL, copy_command_action);
  gtk_widget_class_install_action (widget_class, "job.menu", NULL, menu_action);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "job.retry", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "job.promote", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "job.edit", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "job.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "job.undo", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "job.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "job.menu", NULL);
}
