/* cb-doctor-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbDoctorPage:
 *
 * Looks for what does not fit together in the queues of the server, shows it with the exact repair, and repairs what is chosen.
 *
 * Property: n-problems (uint, read-only: found and not repaired).
 */
#define CB_TYPE_DOCTOR_PAGE (cb_doctor_page_get_type ())
G_DECLARE_FINAL_TYPE (CbDoctorPage, cb_doctor_page, CB, DOCTOR_PAGE, CbPage)

void cb_doctor_page_check (CbDoctorPage *self);

G_END_DECLS
