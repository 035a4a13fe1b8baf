/* cb-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbPage:
 *
 * What a place of the window shows. Properties: title, subtitle (nullable; both stand in the header), status (nullable: a word or two
 * at the end of its row in the sidebar, "on · 4 slots"), session (set by its #CbPlace, once).
 */
#define CB_TYPE_PAGE (cb_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (CbPage, cb_page, CB, PAGE, AdwBin)

struct _CbPageClass
{
  AdwBinClass parent_class;

  /* The session was set. Chain up is not needed. */
  void (*set_up)  (CbPage *self, CbSession *session);
  /* F5: read again what is shown. */
  void (*refresh) (CbPage *self);
};

CbSession  *cb_page_get_session  (CbPage     *self);
void        cb_page_set_session  (CbPage     *self,
                                  CbSession  *session);
const char *cb_page_get_title    (CbPage     *self);
void        cb_page_set_title    (CbPage     *self,
                                  const char *title);
const char *cb_page_get_subtitle (CbPage     *self);
void        cb_page_set_subtitle (CbPage     *self,
                                  const char *subtitle);
void        cb_page_refresh      (CbPage     *self);

G_END_DECLS
