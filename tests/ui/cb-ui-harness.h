/* cb-ui-harness.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The real program on a display, session bus and accessibility bus of its own, seen as a screen reader sees it and used with
 * a mouse and a keyboard. There is one display a process and one program at a time.
 *
 * Everything waits for a condition with a bound and ends the test with the whole tree of what is on screen when it does not
 * come about.
 */

/* Something that was on screen. */
typedef struct _CbUiThing CbUiThing;
void              cb_ui_thing_free       (CbUiThing  *thing);

typedef struct
{
  char    *title;
  char    *body;
  char    *default_action; /* (nullable) */
  guint32  id;
} CbUiNotification;

/* FALSE, with the reason printed, when something that this needs is not installed. */
gboolean          cb_ui_open             (void);
/* The same, with the program that is installed on this system for that name on the bus. Nothing else is started by the bus. */
gboolean          cb_ui_open_with_service (const char *service);
/* Before it is opened: another size than 1400x900. */
void              cb_ui_set_screen       (const char *size);
void              cb_ui_close            (void);

/* Starts `callboard ARGUMENT…` in a home of its own and waits for its window. */
void              cb_ui_start            (const char *argument,
                                          ...) G_GNUC_NULL_TERMINATED;
/* Once more beside the one that runs, which opens what is asked for; waits until the second has ended. */
void              cb_ui_start_again      (const char *argument,
                                          ...) G_GNUC_NULL_TERMINATED;
/* Ends it as closing its window does, and checks that it ends in order. */
void              cb_ui_stop             (void);
/* Waits until the program has ended by itself; in order. */
void              cb_ui_wait_ended       (void);
void              cb_ui_set_environment  (const char *name,
                                          const char *value);
const char       *cb_ui_get_home         (void);

/* The first that is on screen with this role and name; either may be NULL. Its text counts as a name. */
CbUiThing        *cb_ui_find             (const char *role,
                                          const char *name);
/* The same, when it is there now; NULL otherwise. */
CbUiThing        *cb_ui_peek             (const char *role,
                                          const char *name);
/* Waits until something on screen has this in its name or text, or until nothing has. */
void              cb_ui_wait_text        (const char *part);
void              cb_ui_wait_no_text     (const char *part);
gboolean          cb_ui_has_text         (const char *part);
/* How many characters the longest text on screen has that has this in it; 0: there is none. */
glong             cb_ui_get_longest      (const char *part);
/* Until so many windows of the program are on screen, dialogs not counted. */
void              cb_ui_wait_windows     (guint n);
gboolean          cb_ui_try_windows      (guint n);
/* Waits for it, but not for long: for what may have to be done again. */
gboolean          cb_ui_try_text         (const char *part);
gboolean          cb_ui_is_sensitive     (CbUiThing  *thing);
void              cb_ui_wait_sensitive   (const char *role,
                                          const char *name,
                                          gboolean    sensitive);
/* Until it is grey and says this why. */
void              cb_ui_wait_refused     (const char *role,
                                          const char *name,
                                          const char *part);

/* Waits until the program has told that to a screen reader, with this in it. */
void              cb_ui_wait_announced   (const char *part);
/* How often it has told that since it was started; NULL: anything. */
guint             cb_ui_count_announced  (const char *part);

/* That each button, field and table on screen that can take the focus has a name. */
void              cb_ui_check_names      (const char *where);

void              cb_ui_click            (CbUiThing  *thing);
void              cb_ui_click_on         (const char *role,
                                          const char *name);
/* The same, of which only a part of the name is known: the rest changes. */
void              cb_ui_click_part       (const char *part);
/* Clicks on it until @part is on screen, again when nothing came of it for ten seconds. */
void              cb_ui_click_until      (const char *role,
                                          const char *name,
                                          const char *part);
/* The same, until nothing has this name any more. */
void              cb_ui_click_away       (const char *role,
                                          const char *name);
/* Points at it, and away and at it again, until its tooltip is there: something of @tip_role named @tip, or without a role anything
 * with @tip in it. */
void              cb_ui_hover_until      (const char *role,
                                          const char *name,
                                          const char *tip_role,
                                          const char *tip);
/* Where it is in the window. */
void              cb_ui_get_middle       (const char *role,
                                          const char *name,
                                          int        *x,
                                          int        *y);
/* Whether the labels of all these names are on screen, each below the one before it. */
gboolean          cb_ui_are_in_order     (const char * const *names);
/* Puts the pointer on it and turns the wheel down. */
void              cb_ui_scroll           (const char      *role,
                                          const char      *name,
                                          guint            notches);
void              cb_ui_scroll_down_to   (const char   *over,
                                          const char   *name,
                                          int           bottom);
void              cb_ui_type             (const char *text);
void              cb_ui_key              (const char *key);
/* What was copied; text. */
char             *cb_ui_dup_clipboard    (void);
/* An action of the program, as its desktop starts one; @parameter as GVariant reads it, or NULL. */
void              cb_ui_activate         (const char *action,
                                          const char *parameter);
/* As the settings of a desktop do while the program runs. */
void              cb_ui_set_dark         (gboolean    dark);
void              cb_ui_set_text_size    (guint       percent);
/* How many texts and pictures of the window that has the focus do not stand out from their ground: each is told of. */
guint             cb_ui_count_hard_to_read (const char *where);
/* Whether a text, or a picture by the name of its icon, is in this style, by its class: what a colour says. */
gboolean          cb_ui_has_style        (const char *shown,
                                          const char *style);
/* Which lines of the texts of several lines are in view: the first, how many pixels of that are not, and the last. */
char             *cb_ui_dup_lines        (void);
/* That window, at the corner of the screen; waits until it is. */
void              cb_ui_resize           (int         width,
                                          int         height);
/* How large the texts of that window are, what is cut off, where it is scrolled to and what is selected: the lines of tell-text.c. */
char            **cb_ui_dup_texts        (const char *where);
/* What the program has for itself, in MiB; -1 where a sanitizer keeps what was let go of. */
double            cb_ui_get_memory       (void);

/* Waits for a window of another program, by its class, or until there is none; what is typed goes to it. */
void              cb_ui_wait_other       (const char *class_name,
                                          gboolean    there);
void              cb_ui_fail             (const char *format,
                                          ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* What the session's notification service was sent; the newest first. Owned by the harness. */
CbUiNotification *cb_ui_find_notification   (const char *title_part);
CbUiNotification *cb_ui_wait_notification   (const char *title_part);
void              cb_ui_click_notification  (CbUiNotification *notification);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbUiThing, cb_ui_thing_free)

G_END_DECLS
