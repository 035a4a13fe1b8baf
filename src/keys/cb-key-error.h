/* cb-key-error.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CbKeyError:
 * @CB_KEY_ERROR_GONE: the key is not there (any more): deleted, or its time was over
 * @CB_KEY_ERROR_TYPE: the key has another type now
 * @CB_KEY_ERROR_CHANGED: what was to be changed is not what was shown any more; the message says what it is now
 * @CB_KEY_ERROR_EXISTS: there is one of that name already
 * @CB_KEY_ERROR_INVALID: what was given can't be used
 * @CB_KEY_ERROR_TOO_LARGE: it is larger than what is kept to put it back, or shown
 *
 * Whatever it is, nothing was changed.
 */
typedef enum
{
  CB_KEY_ERROR_GONE,
  CB_KEY_ERROR_TYPE,
  CB_KEY_ERROR_CHANGED,
  CB_KEY_ERROR_EXISTS,
  CB_KEY_ERROR_INVALID,
  CB_KEY_ERROR_TOO_LARGE,
} CbKeyError;

#define CB_KEY_ERROR (cb_key_error_quark ())
GQuark cb_key_error_quark (void);

G_END_DECLS
