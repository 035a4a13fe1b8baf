/* cb-ui-tree.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What a program shows, as it tells assistive technologies: taken all at once, and not changed by what happens afterwards.
 *
 * libatspi asks for one property of one widget after another, a few thousand questions with a wait after each, in which
 * what comes and goes by itself can be missed on a busy machine. Here all widgets of one depth are asked together, and
 * their properties come in one answer, from the cache that programs keep for screen readers.
 *
 * Wire format: org.a11y.atspi.Accessible, Cache, Component, Text and Event.Object of AT-SPI 2.
 */

typedef struct _CbUiTree CbUiTree;

typedef struct
{
  int x, y, width, height; /* relative to the window; all 0 when it is not known */
} CbUiExtents;

typedef struct
{
  char       *path;    /* on the bus */
  const char *role;
  char       *name;
  char       *text;    /* the name, where it has no text of its own */
  guint64     states;  /* a bit for each AtspiStateType */
  gboolean    is_known; /* FALSE for what went away while we looked */
  int         parent;  /* the place in the tree; -1 for the program itself */
  int         depth;
  gboolean    can_be_seen; /* neither it nor anything around it is hidden */
  gboolean    has_text, has_component;
} CbUiNode;

/* On the accessibility bus that the session bus knows. */
void              cb_ui_tree_open        (void);
void              cb_ui_tree_close       (void);

/* (nullable): when the program isn't on the bus. */
CbUiTree         *cb_ui_tree_take        (GPid            pid);
CbUiTree         *cb_ui_tree_ref         (CbUiTree       *tree);
void              cb_ui_tree_unref       (CbUiTree       *tree);

/* In the order in which they are in the window, each before what is in it. */
guint             cb_ui_tree_get_length  (CbUiTree       *tree);
const CbUiNode   *cb_ui_tree_get         (CbUiTree       *tree,
                                          guint           i);

/* Asks anew. */
CbUiExtents       cb_ui_tree_get_extents (CbUiTree       *tree,
                                          guint           i);
/* (nullable): what is said of it beside its name. Asks anew. */
char             *cb_ui_tree_dup_description (CbUiTree   *tree,
                                          guint           i);
/* Whether it can be seen and neither it nor anything around it is without size. */
gboolean          cb_ui_tree_is_on_screen (CbUiTree      *tree,
                                          guint           i);

/* What @tree's program has told since the last time, to be read to whoever does not see it; the oldest first. (transfer container)
 * From GTK 4.14 on it is an event of its own, before it is the new name of a status. */
GPtrArray        *cb_ui_tree_take_announcements (CbUiTree *tree);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbUiTree, cb_ui_tree_unref)

G_END_DECLS
