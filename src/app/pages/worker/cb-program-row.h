/* cb-program-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CbProgramRow:
 *
 * A program and its arguments, one a row: there is no shell that would take a line apart. What is typed counts when it is
 * applied, since half a name can be another program.
 *
 * Properties: program (GStrv: the program, found by PATH, and its arguments; notifies what a person applied).
 */
#define CB_TYPE_PROGRAM_ROW (cb_program_row_get_type ())
G_DECLARE_FINAL_TYPE (CbProgramRow, cb_program_row, CB, PROGRAM_ROW, AdwExpanderRow)

G_END_DECLS
