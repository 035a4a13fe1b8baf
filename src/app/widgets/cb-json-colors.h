/* cb-json-colors.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <pango/pango.h>

G_BEGIN_DECLS

typedef struct
{
  PangoColor name;
  PangoColor string;
  PangoColor number;      /* and true, false, null */
} CbJsonPalette;

/* The colours of a JSON text, by byte. @text may be cut short anywhere. */
PangoAttrList *cb_json_colors_create (const char          *text,
                                      const CbJsonPalette *palette);

G_END_DECLS
