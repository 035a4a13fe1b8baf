/* cb-queue-page-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-bulk.h"
#include "cb-clock.h"
#include "cb-doings-bar.h"
#include "cb-found-jobs.h"
#include "cb-job-cell.h"
#include "cb-job-detail.h"
#include "cb-job-find.h"
#include "cb-job-list.h"
#include "cb-job-rows.h"
#include "cb-job-selection.h"
#include "cb-list-anchor.h"
#include "cb-list-detail.h"
#include "cb-queue-page.h"
#include "cb-state-bar.h"

G_BEGIN_DECLS

/*
 * The page by subject: cb-queue-page.c has the list and what stands around it, cb-queue-columns.c its columns, cb-queue-sort.c their
 * order, cb-queue-arrivals.c what
 * comes in while somebody reads, cb-queue-actions.c what is done
 * with jobs, cb-queue-bulk.c with many of them, cb-queue-filter.c the filter.
 */

typedef enum
{
  CB_PRIORITIES_UNKNOWN,
  CB_PRIORITIES_ONE,
  CB_PRIORITIES_SEVERAL,
} CbPriorities;

/* What the sorter of a column is told by. */
typedef struct
{
  CbQueuePage *page;
  int column;
} CbQueueSorter;

struct _CbQueuePage
{
  CbPage parent_instance;

  CbQueue *queue;                 /* (owned) (nullable) */
  CbJobList *list;                /* (owned) (nullable) */
  CbJobSelection *selection;      /* (owned) */
  CbClock *clock;                 /* (owned) */
  GSignalGroup *queue_signals;    /* (owned) */
  GSignalGroup *board_signals;    /* (owned) */
  GSignalGroup *list_signals;     /* (owned) */
  CbListAnchor *anchor;           /* (owned) */
  GHashTable *chosen;             /* (element-type utf8) ids of the selected jobs, when they are several and not very many */
  GSignalGroup *pending_signals;  /* (owned) of its job */
  CbJobRows *rows;                /* (unowned) of the view; limited until the first are painted */
  guint first_id;                 /* until then */
  guint n_frames;                 /* of the view since the first came */
  guint marked;                   /* where the job beside the list was last; GTK_INVALID_LIST_POSITION nowhere */
  gboolean lost;                  /* it is not there any more */
  gboolean was_active;            /* when it was last read */
  gint64 removing_at;             /* µs monotonic: when jobs were last removed from here */
  guint pending;                  /* the row that was chosen before it was read; GTK_INVALID_LIST_POSITION none */
  char *refusal;                  /* (owned) (nullable) why jobs can't be changed, as it is told */
  gboolean selecting;             /* the selection follows the job, not the other way round */
  guint spinner_id;
  guint columns_id;
  guint actions_id;
  guint click_id;
  guint prepare_id;
  guint n_ticks;

  CbListDetail *panes;
  CbStateBar *state_bar;
  GtkToggleButton *order_button;
  GtkStack *list_stack;
  GtkScrolledWindow *list_scroller;
  GtkColumnView *column_view;
  GtkButton *new_button;
  AdwStatusPage *empty_page;
  AdwStatusPage *problem_page;
  GtkLabel *count_label;
  GtkLabel *live_label;
  CbJobDetail *detail;

  /* Columns and order. */
  GSimpleActionGroup *columns;    /* (owned) which are chosen */
  GtkMenuButton *columns_button;
  GtkSorter *sorters[CB_N_JOB_COLUMNS]; /* (owned) (nullable) */
  CbQueueSorter column_sorters[CB_N_JOB_COLUMNS];
  char *sort_name;                /* (owned) the column that was chosen to sort by */
  int clicked;                    /* the column that the view is sorted by; only while it is asked */
  gboolean sorting;               /* the headers follow the list, not the other way round */
  CbPriorities priorities;        /* of the jobs in the list */
  guint n_probed;                 /* how many they were when it was asked */
  gint64 probed_at;               /* µs monotonic, 0 not yet */

  /* The filter. */
  CbFoundJobs *found;             /* (owned) (nullable) what the view shows instead of the list */
  GSignalGroup *found_signals;    /* (owned) */
  guint filter_id;
  GtkSearchBar *filter_bar;
  GtkSearchEntry *filter_entry;
  GtkLabel *filter_problem;

  /* What is being done with many jobs. */
  GCancellable *find_cancellable; /* (owned) (nullable) of the last search for them */
  CbDoingsBar *doings_bar;
  GtkPopover *menu;               /* (nullable) of a row */
};

CbJob    *cb_queue_page_get_job         (CbQueuePage    *self,
                                         guint           position);
void      cb_queue_page_update_actions  (CbQueuePage    *self);
void      cb_queue_page_install_actions (GtkWidgetClass *widget_class);
void      cb_queue_page_set_up_menu     (CbQueuePage    *self);
void      cb_queue_page_run_bulk        (CbQueuePage    *self,
                                         CbBulk         *bulk);
void      cb_queue_page_run_query       (CbQueuePage    *self,
                                         const CbDeed   *deed);
/* What came of one that has ended. */
void      cb_queue_page_tell_bulk       (CbQueuePage    *self,
                                         CbBulk         *bulk);
/* Reads again what is shown, as something was done with it. */
void      cb_queue_page_show_changes    (CbQueuePage    *self);
void      cb_queue_page_update_list     (CbQueuePage    *self);
void      cb_queue_page_update_count    (CbQueuePage    *self);
void      cb_queue_page_set_up_filter   (CbQueuePage    *self);
void      cb_queue_page_set_rows        (CbQueuePage    *self,
                                         GListModel     *rows);
void      cb_queue_page_filter          (CbQueuePage    *self);
void      cb_queue_page_show_filter     (CbQueuePage    *self);
void      cb_queue_page_clear_filter    (CbQueuePage    *self);
gint64    cb_queue_page_find_job        (CbQueuePage    *self,
                                         const char     *id);
void      cb_queue_page_set_up_arrivals (CbQueuePage   *self,
                                         GListModel     *rows);
void      cb_queue_page_set_up_sorting  (CbQueuePage   *self);
void      cb_queue_page_clear_sorting   (CbQueuePage   *self);
void      cb_queue_page_update_sorting  (CbQueuePage   *self);
int       cb_queue_page_get_sort_column (CbQueuePage   *self);
void      cb_queue_page_probe_order     (CbQueuePage   *self,
                                         gboolean       anew);
void      cb_queue_page_set_sortable    (CbQueuePage   *self,
                                         CbJobColumn    column,
                                         GtkSorter     *sorter,
                                         const char    *problem);
void      cb_queue_page_add_columns     (CbQueuePage    *self);
/* A GSourceFunc on the page. */
gboolean  cb_queue_page_update_columns  (gpointer        data);

G_END_DECLS
