/* cb-direction.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Which way text runs. Pango goes by the first letter of a line, and where there is none by the direction of the window: a number with its
 * sign, a date, a list of numbers is turned round by a window from right to left, and a sentence by a name in front of it. What is added
 * here against that are marks without a width; what Redis has of these is shown as text (cb_text_display()), so those in it are ours.
 */

/* In a window from right to left, for text without a letter: that it runs from left to right. (transfer full) */
char *cb_direction_dup      (const char *text);
/* The same, of a text that is taken. (transfer full) */
char *cb_direction_take     (char       *text);
/* A name within a sentence of a window from left to right, which it does not turn round. (transfer full) */
char *cb_direction_isolate  (const char *name);
/* Code, each line of which runs from left to right whatever it begins with. (transfer full) */
char *cb_direction_dup_code (const char *text);
/* Without what cb_direction_dup_code() has added. (transfer full) */
char *cb_direction_strip    (const char *text);

G_END_DECLS
