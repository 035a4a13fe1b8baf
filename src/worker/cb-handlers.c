/* cb-handlers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-handlers.h"

#include <glib/gi18n.h>

#include "cb-command-handler.h"
#include "cb-log-handler.h"
#include "cb-notify-handler.h"
#ifdef HAVE_WEBHOOK
#include "cb-webhook-handler.h"
#endif
#include "cb-worker.h"

/* Those that work as they are come first. */
static const CbHandlerType types[] = {
  { "log", N_("Log"), N_("Writes what would be sent into the log of the job"), cb_log_handler_get_type },
  { "notify", N_("Desktop notification"), N_("Shows each job as a notification on this desktop"), cb_notify_handler_get_type },
  { "command", N_("Program"), N_("Runs a program for each job, with the job on its standard input"),
    cb_command_handler_get_type, TRUE },
#ifdef HAVE_WEBHOOK
  { "webhook", N_("Web service"), N_("Sends each job to a web service by HTTP, and takes its answer for the outcome"),
    cb_webhook_handler_get_type, TRUE },
#endif
};

/**
 * cb_handlers_get_types:
 * @n_types: (out): how many there are
 *
 * Only handlers that can do something without being told more: one that needs settings would fail every job. It is made by
 * its name, by somebody who has the settings.
 *
 * Returns: (transfer none) (array length=n_types): handlers, in the order in which people are offered them
 */
const CbHandlerType *
cb_handlers_get_types (guint *n_types)
{
  guint n = 0;

  g_return_val_if_fail (n_types != NULL, NULL);

  while (n < G_N_ELEMENTS (types) && !types[n].needs_settings)
    n++;
  *n_types = n;

  return types;
}

/**
 * cb_handlers_get_all_types:
 * @n_types: (out): how many there are
 *
 * For somebody who can ask for what those with #CbHandlerType.needs_settings need.
 *
 * Returns: (transfer none) (array length=n_types): all handlers, those of cb_handlers_get_types() first
 */
const CbHandlerType *
cb_handlers_get_all_types (guint *n_types)
{
  g_return_val_if_fail (n_types != NULL, NULL);

  *n_types = G_N_ELEMENTS (types);

  return types;
}

/**
 * cb_handlers_create:
 * @name: the name of a handler, such as `log`
 * @error: return location for an error
 *
 * Makes a handler with the settings it has by default. One that needs settings is of no use before they are set.
 *
 * Errors: %CB_WORKER_ERROR_HANDLER when there is none of that name; the message names those there are.
 *
 * Returns: (transfer full): a handler
 */
CbHandler *
cb_handlers_create (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (g_str_equal (types[i].name, name))
        return g_object_new (types[i].get_type (), NULL);

      if (i > 0)
        g_string_append (names, i + 1 < G_N_ELEMENTS (types) ? ", " : " and ");
      g_string_append (names, types[i].name);
    }

  g_set_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER, "There is no handler “%s”; there are %s", name,
               names->str);

  return NULL;
}
