/* cb-keys-page-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-clock.h"
#include "cb-database-popover.h"
#include "cb-key-cell.h"
#include "cb-key-finder.h"
#include "cb-key-lookup.h"
#include "cb-key-tree.h"
#include "cb-key-view.h"
#include "cb-keys-page.h"
#include "cb-list-detail.h"

G_BEGIN_DECLS

/*
 * The page by subject: cb-keys-page.c has what stands around the list, cb-keys-search.c what is looked for and how it is going,
 * cb-keys-list.c the rows and what is selected, cb-keys-actions.c what is done with it, cb-keys-many.c with all that were found,
 * cb-keys-database.c which database it is, cb-keys-server.c what becomes of it when the server goes.
 */

struct _CbKeysPage
{
  CbPage parent_instance;

  CbClock *clock;             /* (owned) */
  GSignalGroup *connection_signals; /* (owned) */
  CbConnection *other;        /* (owned) (nullable) of another database than the session's */
  GCancellable *open_cancellable; /* (owned) (nullable) while one is being opened */
  gboolean ready;             /* the connection was so when it was looked at last */
  gboolean lost;              /* it was lost since the list was made */
  char *run_id;               /* (owned) (nullable) of the server that the list is from; "" unknown */
  GCancellable *run_cancellable; /* (owned) (nullable) while that is being asked for */
  gint64 n_keys;              /* of the database, -1 unknown */
  guint count_id;
  GCancellable *count_cancellable; /* (owned) (nullable) */
  guint n_not_counted;             /* times it was left out, as another page is shown */

  /* Looking for keys. */
  CbKeyFinder *finder;        /* (owned) (nullable) */
  GSignalGroup *finder_signals; /* (owned) */
  CbKeyFinder *exact;         /* (owned) (nullable) the one key of the name that was typed */
  GBytes *exact_name;         /* (owned) (nullable) */
  gboolean open_exact;        /* as soon as it is known to be there */
  GCancellable *exact_cancellable; /* (owned) (nullable) */
  gint64 progress_at;         /* when it was shown last */
  guint progress_id;
  guint spinner_id;
  gboolean searched;          /* something was looked for since the connection is there */
  gboolean literal;           /* what is typed is no pattern, even where it looks like one */

  char *separator;            /* (owned) what parts names into folders */
  char *sort;                 /* (owned) "name", or what is asked for: "type", "ttl", "size" */
  gboolean descending;
  GArray *weights;            /* (owned) (nullable) what the keys are sorted by */
  GCancellable *weigh_cancellable; /* (owned) (nullable) while that is being asked for */

  /* Rows. */
  CbKeyTree *tree;            /* (owned) */
  CbKeyLookup *lookup;        /* (owned) */
  GBytes *wanted;             /* (owned) (nullable) to be selected when it comes */
  gboolean selecting;
  gboolean clicked;           /* what is activated was clicked at */
  guint click_id;
  GtkPopover *menu;           /* (nullable) of a row */

  CbListDetail *panes;
  GtkMenuButton *database_button;
  CbDatabasePopover *database_popover; /* the child of it */
  GtkSearchEntry *entry;
  GtkDropDown *type_dropdown;
  GtkDropDown *expiry_dropdown;
  GtkToggleButton *tree_button;
  GtkToggleButton *flat_button;
  GtkMenuButton *view_button;
  GtkRevealer *kind_revealer;
  GtkLabel *kind_label;
  GtkButton *kind_button;
  GtkRevealer *exact_revealer;
  GtkLabel *exact_label;
  GtkStack *list_stack;
  GtkListView *list_view;
  GtkScrolledWindow *list_scroller;
  AdwStatusPage *empty_page;
  AdwStatusPage *problem_page;
  GtkWidget *problem_button;
  GtkProgressBar *progress_bar;
  GtkLabel *progress_label;
  GtkLabel *selection_label;
  GtkButton *stop_button;
  GMenuModel *row_menu;

  GBytes *renamed_from;       /* (owned) (nullable) the latest that was done was to call this… */
  GBytes *renamed_to;         /* (owned) (nullable) …like this */

  GtkWidget *new_button;
  GtkWidget *key_bar;
  GtkWidget *key_buttons;
  GtkWidget *delete_button;
  GtkWidget *back_button;
  GtkStack *detail_stack;
  AdwBin *view_bin;
  AdwStatusPage *folder_page;
  AdwStatusPage *many_page;
  CbKeyView *view;            /* (nullable) */
};

/* cb-keys-page.c */
CbConnection *cb_keys_page_get_connection (CbKeysPage *self);
void          cb_keys_page_count         (CbKeysPage *self);
/* There is another connection, or it is in another state. */
void          cb_keys_page_connection_changed (CbKeysPage *self);
/* Of the database that is shown, which cb_keys_page_show_key() may leave. */
void          cb_keys_page_open_key      (CbKeysPage *self,
                                          GBytes     *name);

/* cb-keys-database.c */
void          cb_keys_page_set_up_database (CbKeysPage *self);
void          cb_keys_page_update_database (CbKeysPage *self);
void          cb_keys_page_set_database  (CbKeysPage *self,
                                          guint       number);
void          cb_keys_page_clear_database (CbKeysPage *self);

/* cb-keys-server.c */
void          cb_keys_page_update_server (CbKeysPage *self);
void          cb_keys_page_clear_server  (CbKeysPage *self);

/* cb-keys-search.c */
void          cb_keys_page_set_up_search (CbKeysPage *self);
void          cb_keys_page_search        (CbKeysPage *self);
void          cb_keys_page_stop_search   (CbKeysPage *self);
void          cb_keys_page_update_search (CbKeysPage *self);
void          cb_keys_page_sort          (CbKeysPage *self);
/* What they are sorted by is another: it is asked for, when it is not the name. */
void          cb_keys_page_set_sort      (CbKeysPage *self,
                                          const char *sort);
void          cb_keys_page_install_search (GtkWidgetClass *widget_class);

/* cb-keys-list.c */
void          cb_keys_page_set_up_list   (CbKeysPage *self);
void          cb_keys_page_install_list  (GtkWidgetClass *widget_class);
/* How many keys and folders are selected. */
guint         cb_keys_page_count_selected (CbKeysPage *self,
                                          guint      *n_folders);
/* The names of the selected keys; NULL when there are more than @most of them or folders among them. */
GPtrArray    *cb_keys_page_dup_selected  (CbKeysPage *self,
                                          guint       most);
/* The item when only one is selected. (transfer full) (nullable) */
CbKeyItem    *cb_keys_page_dup_selected_item (CbKeysPage *self);
void          cb_keys_page_set_view      (CbKeysPage *self,
                                          CbKeyView  *view);
void          cb_keys_page_select_wanted (CbKeysPage *self);
void          cb_keys_page_update_selection (CbKeysPage *self);
void          cb_keys_page_update_folder (CbKeysPage *self);
/* Keys went or came by what was done here. */
void          cb_keys_page_set_gone      (CbKeysPage *self,
                                          GBytes     *name,
                                          gboolean    gone);
/* (element-type GBytes) */
void          cb_keys_page_set_gone_many (CbKeysPage *self,
                                          GPtrArray  *names,
                                          gboolean    gone);
/* Asks again for what the rows on screen show. */
void          cb_keys_page_look_again    (CbKeysPage *self);

/* cb-keys-many.c */
void          cb_keys_page_install_many  (GtkWidgetClass *widget_class);

/* cb-keys-actions.c */
void          cb_keys_page_install_actions (GtkWidgetClass *widget_class);
void          cb_keys_page_update_actions (CbKeysPage *self);

G_END_DECLS
