/* cb-clipboard.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Text that other programs read from the clipboard. GTK writes it to the display and leaves it to the end of the stream's life to close
 * it, which waits, in the main loop, for what only the main loop can send: under X11 that is for good as soon as the text is longer than
 * what goes in one piece, 256 KiB, and takes a single look of a clipboard manager. So text is written here, in pieces, and the stream closed
 * as a step of its own. What is selected in a text view goes another way of GTK's, which does without that wait.
 */

/* Before GTK is initialised: it takes the first that can write a type. */
void cb_clipboard_prepare (void);

G_END_DECLS
