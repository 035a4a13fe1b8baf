/* cb-client-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-client-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-json.h"

#define LONGEST_VALUE 256

void
cb_client_entry_free (CbClientEntry *self)
{
  g_free (self->address);
  g_free (self->name);
  g_free (self->user);
  g_free (self->flags);
  g_free (self->command);
  g_free (self);
}

static void
append_state (GString *text, const char *state)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", state);
}

char *
cb_client_entry_describe (const CbClientEntry *self)
{
  /* https://redis.io/docs/latest/commands/client-list/ */
  static const struct
  {
    char letter;
    const char *state;
  } states[] = {
    { 'M', N_("master") }, { 'S', N_("replica") }, { 'O', N_("monitor") }, { 'b', N_("blocked") }, { 'x', N_("in a transaction") },
    { 'r', N_("read only") }, { 'c', N_("closing") }, { 'A', N_("closing") }, { 't', N_("tracks keys") },
  };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (strchr (self->flags, states[i].letter) != NULL)
      append_state (text, _(states[i].state));
  if (self->n_subscriptions > 0)
    {
      g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, self->n_subscriptions);
      g_autofree char *subscribed =
        g_strdup_printf (ngettext ("%s subscription", "%s subscriptions", (gulong) MIN (self->n_subscriptions, G_MAXINT)), number);

      append_state (text, subscribed);
    }
  return g_string_free (text, FALSE);
}

static gint64
parse_count (const char *text)
{
  char *end;
  gint64 number = g_ascii_isdigit (*text) ? g_ascii_strtoll (text, &end, 10) : -1;

  return number >= 0 && *end == '\0' ? number : -1;
}

static void
take_text (char **place, const char *value)
{
  g_free (*place);
  *place = g_strdup (value);
}

static void
add_count (gint64 *place, gint64 count)
{
  if (count > 0)
    *place = count > G_MAXINT64 - *place ? G_MAXINT64 : *place + count;
}

static void
take_field (CbClientEntry *self, const char *name, const char *value)
{
  if (strcmp (name, "id") == 0)
    self->id = parse_count (value);
  else if (strcmp (name, "addr") == 0)
    take_text (&self->address, value);
  else if (strcmp (name, "name") == 0)
    take_text (&self->name, value);
  else if (strcmp (name, "user") == 0)
    take_text (&self->user, value);
  else if (strcmp (name, "flags") == 0)
    take_text (&self->flags, value);
  else if (strcmp (name, "cmd") == 0)
    take_text (&self->command, strcmp (value, "NULL") != 0 ? value : "");
  else if (strcmp (name, "db") == 0)
    self->database = parse_count (value);
  else if (strcmp (name, "age") == 0)
    self->age = parse_count (value);
  else if (strcmp (name, "idle") == 0)
    self->idle = parse_count (value);
  else if (strcmp (name, "tot-mem") == 0)
    self->memory = parse_count (value);
  else if (strcmp (name, "omem") == 0)
    self->output_memory = parse_count (value);
  else if (strcmp (name, "sub") == 0 || strcmp (name, "psub") == 0 || strcmp (name, "ssub") == 0)
    add_count (&self->n_subscriptions, parse_count (value));
}

/* "id=4 addr=/tmp/socket file:0 name= age=1": a path may have a blank in it, so a field goes on until one that looks like the next. */
static gboolean
begins_field (const char *text, const char *end)
{
  const char *c = text;

  while (c < end && (g_ascii_islower (*c) || *c == '-'))
    c++;
  return c > text && c < end && *c == '=';
}

/* Thousands of clients are told with thirty fields each. */
static gboolean
is_wanted (const char *name, gsize length)
{
  static const char * const wanted[]
    = { "id", "addr", "name", "user", "flags", "cmd", "db", "age", "idle", "tot-mem", "omem", "sub", "psub", "ssub", NULL };

  for (guint i = 0; wanted[i] != NULL; i++)
    if (strncmp (wanted[i], name, length) == 0 && wanted[i][length] == '\0')
      return TRUE;

  return FALSE;
}

static CbClientEntry *
parse_line (const char *line, const char *end)
{
  CbClientEntry *self = g_new0 (CbClientEntry, 1);

  self->id = self->database = self->age = self->idle = self->memory = self->output_memory = -1;
  while (line < end)
    {
      const char *equals = memchr (line, '=', (gsize) (end - line));
      const char *next;
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (equals == NULL)
        break;
      next = equals + 1;
      while (next < end && !(*next == ' ' && begins_field (next + 1, end)))
        next++;
      if (is_wanted (line, (gsize) (equals - line)))
        {
          name = g_strndup (line, (gsize) (equals - line));
          value = cb_text_display (equals + 1, MIN (next - equals - 1, LONGEST_VALUE), TRUE);
          take_field (self, name, value);
        }
      line = next + 1;
    }

  if (self->id < 0)
    {
      cb_client_entry_free (self);
      return NULL;
    }
  if (self->address == NULL)
    self->address = g_strdup ("");
  if (self->name == NULL)
    self->name = g_strdup ("");
  if (self->user == NULL)
    self->user = g_strdup ("");
  if (self->flags == NULL)
    self->flags = g_strdup ("");
  if (self->command == NULL)
    self->command = g_strdup ("");
  return self;
}

GPtrArray *
cb_client_list_parse (const char *text, gsize length, guint *n_all)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_client_entry_free);
  const char *end = text + length;

  *n_all = 0;
  for (const char *line = text; line < end;)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      const char *line_end = newline != NULL ? newline : end;
      CbClientEntry *entry = NULL;

      if (entries->len < CB_CLIENT_LIST_LENGTH)
        entry = parse_line (line, line_end > line && line_end[-1] == '\r' ? line_end - 1 : line_end);
      else
        /* The rest is counted only. */
        *n_all += line_end > line + 1;

      if (entry != NULL)
        {
          g_ptr_array_add (entries, entry);
          ++*n_all;
        }
      line = line_end + 1;
    }
  return entries;
}
