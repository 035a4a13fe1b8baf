/* cb-new-job-dialog-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-draft.h"
#include "cb-new-job-dialog.h"
#include "cb-remark-row.h"

G_BEGIN_DECLS

/* The form of a new job is in cb-new-job-dialog.c, what fills it with one that is there, and changes that, in cb-edit-job.c,
 * and what is different from that one in cb-job-difference.c. */

enum
{
  PRIORITY_NUMBER = 5, /* the last of priority_row */
};

struct _CbNewJobDialog
{
  AdwWindow parent_instance;

  CbBoard *board;     /* (owned) */
  CbServing *serving; /* (owned) (nullable) */
  CbQueue *queue;     /* (owned) (nullable) from where it was opened */
  GtkWidget *completion;

  gboolean touched[CB_N_DRAFT_FIELDS];
  gboolean mode_chosen; /* by the person: the name of the queue decides no more */
  gboolean setting;     /* the program types */
  gboolean busy;
  CbJobSpec *spec; /* (nullable) what Create would create */

  CbJobRecord *like;       /* (owned) (nullable) the job that another one is made of */
  CbEngine *edit_engine;   /* (owned) (nullable) of the job that is being changed; NULL: a new one */
  CbJournal *edit_journal; /* (owned) (nullable) */
  CbJobRecord *edited;     /* (owned) (nullable) as it was shown */
  CbJobSpec *baseline;     /* (owned) (nullable) what the form made of it before anything was typed */

  guint check_id;
  GCancellable *shape_cancellable; /* (nullable) the look at the newest job of the queue */
  char *data_text;                 /* of the buffer, as last checked */

  GtkWidget *queue_group;
  GtkWidget *count_row;
  GtkWidget *create_button;
  GtkWidget *spinner;
  GtkWidget *error_revealer;
  GtkWidget *error_label;
  GtkWidget *form;
  GtkWidget *queue_row;
  GtkWidget *form_button;
  GtkWidget *json_button;
  GtkWidget *recipient_row;
  GtkWidget *message_row;
  GtkWidget *data_view;
  GtkTextBuffer *data_buffer;
  GtkWidget *more_row;
  GtkWidget *priority_row;
  GtkWidget *priority_number_row;
  GtkWidget *start_row;
  GtkWidget *delay_row;
  GtkWidget *date_row;
  GtkWidget *date_entry;
  GtkWidget *time_entry;
  GtkWidget *calendar;
  GtkWidget *calendar_popover;
  GtkWidget *attempts_spin;
  GtkWidget *backoff_row;
  GtkWidget *backoff_delay_row;
  GtkWidget *ttl_row;
  GtkWidget *remove_switch;
  GtkWidget *count_spin;
  GtkWidget *difference_box;
  GtkWidget *difference_note;
  GtkWidget *difference_scroller;
  GtkWidget *difference_view;
  CbRemarkRow *remarks[CB_N_DRAFT_FIELDS];
};

/* Names of priorities in the order of priority_row. */
#define CB_N_PRIORITY_NAMES 5
extern const char * const cb_new_job_priority_names[CB_N_PRIORITY_NAMES];

void     cb_new_job_dialog_check      (CbNewJobDialog *self);
void     cb_new_job_dialog_set_form   (CbNewJobDialog *self,
                                       gboolean        form);
void     cb_new_job_dialog_set_data   (CbNewJobDialog *self,
                                       const char     *text);
void     cb_new_job_dialog_set_busy   (CbNewJobDialog *self,
                                       gboolean        busy);
void     cb_new_job_dialog_show_error (CbNewJobDialog *self,
                                       const char     *message);
/* Whether Save would change anything; TRUE for a new job. */
gboolean cb_new_job_dialog_is_changed (CbNewJobDialog *self);
void     cb_new_job_dialog_save       (CbNewJobDialog *self);
void     cb_new_job_dialog_show_difference (CbNewJobDialog *self);
void     cb_new_job_dialog_saved      (CbNewJobDialog *self,
                                       CbBulk         *bulk);

/* For what waits for the server: gtk_window_destroy() disposes of a window only when nobody else holds it, and one that is not
 * disposed of keeps pointing at the window it belonged to, also when that is freed. */
GWeakRef       *cb_new_job_dialog_weak      (CbNewJobDialog *self);
/* (transfer full) (nullable): NULL when it was destroyed, with its window for one. */
CbNewJobDialog *cb_new_job_dialog_take_weak (GWeakRef       *weak);

G_END_DECLS
