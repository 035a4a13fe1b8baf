/* cb-drawing.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * GTK draws by OpenGL, and before 4.14 also where there is no graphics device: Mesa then computes it all on the processor, by code that
 * LLVM makes for it, which is slower than drawing without OpenGL and takes 125 MB. Later versions draw without it there, and load all
 * that to find out. So where there is none, or where somebody chose to draw without it, GTK is told before it begins.
 */

/* Before there is a second thread, and when GTK is initialised: what this program starts later gets the environment as it was. */
void cb_drawing_prepare (void);
void cb_drawing_restore (void);

G_END_DECLS
