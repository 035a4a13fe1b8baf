/* cb-script.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-script.h"

#include <string.h>

struct _CbScript
{
  char *name;   /* (owned) */
  char *source; /* (owned) */
  char *sha;    /* (owned) lower case, as SCRIPT LOAD answers it */
};

/* Keeps them in sight of leak checkers. */
static GSList *scripts;
G_LOCK_DEFINE_STATIC (scripts);

/**
 * cb_script_new:
 * @name: what it is called in messages, such as `kue-claim`
 * @source: the Lua text
 *
 * Makes a script. It is never freed: scripts are made once, in a once-guarded static, and live as long as the
 * program.
 *
 * Returns: (transfer none): the script
 */
CbScript *
cb_script_new (const char *name,
               const char *source)
{
  CbScript *self;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (source != NULL, NULL);

  self = g_new0 (CbScript, 1);
  self->name = g_strdup (name);
  self->source = g_strdup (source);
  self->sha = g_compute_checksum_for_string (G_CHECKSUM_SHA1, source, -1);

  G_LOCK (scripts);
  scripts = g_slist_prepend (scripts, self);
  G_UNLOCK (scripts);
  return self;
}

const char *
cb_script_get_name (CbScript *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

const char *
cb_script_get_source (CbScript *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->source;
}

/**
 * cb_script_get_sha:
 * @self: a script
 *
 * Returns: the SHA-1 of the source in hexadecimal, by which the server knows it
 */
const char *
cb_script_get_sha (CbScript *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->sha;
}

/**
 * cb_script_get_reads_only:
 * @self: a script
 *
 * Returns: whether the first line of it declares `no-writes`
 *   (https://redis.io/docs/latest/develop/interact/programmability/eval-intro/#eval-flags)
 */
gboolean
cb_script_get_reads_only (CbScript *self)
{
  g_autofree char *line = NULL;
  g_auto (GStrv) flags = NULL;
  const char *found;

  g_return_val_if_fail (self != NULL, FALSE);

  if (!g_str_has_prefix (self->source, "#!lua "))
    return FALSE;
  line = g_strndup (self->source, strcspn (self->source, "\n"));
  found = strstr (line, " flags=");
  if (found == NULL)
    return FALSE;
  found += strlen (" flags=");
  line[strcspn (line, "\r")] = '\0';
  flags = g_strsplit_set (found, ", ", -1);
  return g_strv_contains ((const char * const *) flags, "no-writes");
}
