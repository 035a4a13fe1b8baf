/* cb-ui-presses.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* The name of the variable that names the file. */
#define CB_UI_PRESSES_FILE "CB_TEST_PRESSES"

/* The name of the variable that is set for a window from right to left. */
#define CB_UI_RIGHT_TO_LEFT "CB_TEST_RIGHT_TO_LEFT"

/* What the tested window and its test have in common: a file that both map. */
typedef struct
{
  int is_counted;
  int count;      /* presses of a button that came in so far */
  int released;   /* clicks that a widget took part in until the button came up… */
  int cancelled;  /* …and others, which did nothing */
  int is_focused; /* a window of it has the focus, and each that was opened has had it */
} CbUiPresses;
