/* cb-console-input.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-input.h"

#include <glib/gi18n.h>
#include <string.h>

/* Names that are offered below the line. */
#define MOST_OFFERED 40

struct _CbConsoleInput
{
  CbConsoleCommands *commands; /* (owned) */
  CbConsoleHistory *history;   /* (owned) */
  GPtrArray *offered;          /* (owned) (nullable) (element-type utf8) while Tab goes through them */
  char *before;                /* (owned) (nullable) what stands before them */
  guint current;
  int back;                    /* in the history; -1: the line that is being typed */
  char *typed;                 /* (owned) (nullable) that line */
  gboolean searching;
  char *part;                  /* (owned) (nullable) */
  guint found;                 /* in the history */
  gboolean has_found;
};

CbConsoleInput *
cb_console_input_new (CbConsoleCommands *commands, CbConsoleHistory *history)
{
  CbConsoleInput *self = g_new0 (CbConsoleInput, 1);

  self->commands = g_object_ref (commands);
  self->history = g_object_ref (history);
  self->back = -1;
  return self;
}

static void
end_offer (CbConsoleInput *self)
{
  g_clear_pointer (&self->offered, g_ptr_array_unref);
  g_clear_pointer (&self->before, g_free);
}

void
cb_console_input_free (CbConsoleInput *self)
{
  end_offer (self);
  g_object_unref (self->commands);
  g_object_unref (self->history);
  g_free (self->typed);
  g_free (self->part);
  g_free (self);
}

void
cb_console_input_typed (CbConsoleInput *self)
{
  end_offer (self);
  self->back = -1;
}

/* Where the name that is being typed begins; and of which command it is a subcommand. FALSE where it is an argument. */
static gboolean
find_name (CbConsoleInput *self, const char *line, gsize *from, char **container)
{
  gsize first = strspn (line, " \t");
  gsize first_end = first + strcspn (line + first, " \t");
  gsize second = first_end + strspn (line + first_end, " \t");
  g_autofree char *name = NULL;
  g_autoptr (GPtrArray) subcommands = NULL;

  *container = NULL;
  if (line[first_end] == '\0')
    {
      *from = first;
      return TRUE;
    }
  if (line[second + strcspn (line + second, " \t")] != '\0')
    return FALSE;

  name = g_ascii_strdown (line + first, (gssize) (first_end - first));
  subcommands = cb_console_commands_complete (self->commands, name, "");
  if (subcommands->len == 0)
    return FALSE;
  *container = g_steal_pointer (&name);
  *from = second;
  return TRUE;
}

static char *
dup_offered (CbConsoleInput *self)
{
  const char *name = g_ptr_array_index (self->offered, self->current);

  return g_strconcat (self->before, name, self->offered->len == 1 ? " " : "", NULL);
}

/**
 * cb_console_input_complete:
 * @self: an input
 * @line: up to the cursor
 * @backwards: to the name before
 *
 * Puts the first name in place, and each time the next one; the only one gets a blank behind it.
 *
 * Returns: (transfer full) (nullable): the line; %NULL where there is nothing to complete
 */
char *
cb_console_input_complete (CbConsoleInput *self, const char *line, gboolean backwards)
{
  g_autofree char *container = NULL;
  g_autoptr (GPtrArray) found = NULL;
  gsize from;

  if (self->offered != NULL)
    {
      guint n = self->offered->len;

      self->current = (self->current + (backwards ? n - 1 : 1)) % n;
      return dup_offered (self);
    }
  if (!find_name (self, line, &from, &container) || (container == NULL && line[from] == '\0'))
    return NULL;
  found = cb_console_commands_complete (self->commands, container, line + from);
  if (found->len == 0)
    return NULL;

  self->back = -1;
  self->offered = g_steal_pointer (&found);
  self->before = g_strndup (line, from);
  self->current = backwards ? self->offered->len - 1 : 0;
  {
    char *result = dup_offered (self);

    /* It is as good as typed. */
    if (self->offered->len == 1)
      end_offer (self);
    return result;
  }
}

char *
cb_console_input_older (CbConsoleInput *self, const char *line)
{
  const char *older = cb_console_history_get (self->history, (guint) (self->back + 1));

  end_offer (self);
  if (older == NULL)
    return NULL;
  if (self->back < 0)
    {
      g_free (self->typed);
      self->typed = g_strdup (line);
    }
  self->back++;
  return g_strdup (older);
}

char *
cb_console_input_newer (CbConsoleInput *self)
{
  end_offer (self);
  if (self->back < 0)
    return NULL;
  self->back--;
  return g_strdup (self->back < 0 ? self->typed : cb_console_history_get (self->history, (guint) self->back));
}

gboolean
cb_console_input_get_searching (CbConsoleInput *self)
{
  return self->searching;
}

void
cb_console_input_start_search (CbConsoleInput *self, const char *line)
{
  end_offer (self);
  self->searching = TRUE;
  g_free (self->typed);
  self->typed = g_strdup (line);
  self->back = -1;
  self->found = 0;
  self->has_found = FALSE;
}

/* @older: the next that has it, and not the newest */
void
cb_console_input_search (CbConsoleInput *self, const char *part, gboolean older)
{
  guint back = older && self->has_found ? self->found + 1 : 0;

  g_free (self->part);
  self->part = g_strdup (part);
  if (*part == '\0')
    {
      self->has_found = FALSE;
      return;
    }
  if (cb_console_history_search (self->history, part, &back))
    {
      self->found = back;
      self->has_found = TRUE;
    }
  else if (!older)
    {
      self->has_found = FALSE;
    }
}

char *
cb_console_input_end_search (CbConsoleInput *self, gboolean take)
{
  self->searching = FALSE;
  if (take && self->has_found)
    return g_strdup (cb_console_history_get (self->history, self->found));
  return g_strdup (self->typed);
}

static void
append_names (GString *hint, GPtrArray *names, int current)
{
  guint from = current >= MOST_OFFERED ? (guint) current : 0;

  for (guint i = from; i < names->len && i < from + MOST_OFFERED; i++)
    g_string_append_printf (hint, (int) i == current ? "%s‹%s›" : "%s%s", i > from ? "  " : "", (const char *) g_ptr_array_index (names, i));
  if (from + MOST_OFFERED < names->len)
    g_string_append (hint, "  …");
}

/* "SET key value [NX | XX] — Set the string value of a key" */
static gboolean
append_syntax (CbConsoleInput *self, GString *hint, const char *name)
{
  const char *syntax = cb_console_commands_get_syntax (self->commands, name);
  const char *summary = cb_console_commands_get_summary (self->commands, name);
  g_autofree char *shown = g_ascii_strup (name, -1);

  if (syntax == NULL && summary == NULL)
    return FALSE;
  g_strdelimit (shown, "|", ' ');
  g_string_append_printf (hint, "%s%s%s", shown, syntax != NULL && *syntax != '\0' ? " " : "", syntax != NULL ? syntax : "");
  if (summary != NULL)
    g_string_append_printf (hint, "\n%s", summary);
  return TRUE;
}

/**
 * cb_console_input_dup_hint:
 * @self: an input
 * @line: up to the cursor
 *
 * Returns: (transfer full): the names that are offered, or the arguments of the command that is typed; "" when there is nothing to say
 */
char *
cb_console_input_dup_hint (CbConsoleInput *self, const char *line)
{
  g_autoptr (GString) hint = g_string_new (NULL);
  g_autofree char *container = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *name = NULL;
  gsize from;

  if (self->searching)
    {
      if (self->has_found)
        {
          /* It may have become shorter by what another tab found in the file. */
          const char *found = cb_console_history_get (self->history, self->found);

          return g_strdup (found != NULL ? found : "");
        }
      return g_strdup (self->part == NULL || *self->part == '\0' ? _ ("Type a part of a command; Enter takes what is found, Ctrl+R goes on, Escape ends it.")
                                                                 : _ ("Nothing that was typed before has that."));
    }
  if (self->offered != NULL)
    {
      g_autofree char *container_now = g_ascii_strdown (self->before, -1);
      g_autofree char *current = g_ascii_strdown (g_ptr_array_index (self->offered, self->current), -1);
      g_autofree char *both = NULL;

      append_names (hint, self->offered, (int) self->current);
      g_strstrip (container_now);
      both = *container_now != '\0' ? g_strdup_printf ("%s|%s", container_now, current) : g_steal_pointer (&current);
      g_string_append_c (hint, '\n');
      append_syntax (self, hint, both);
      return g_string_free (g_steal_pointer (&hint), FALSE);
    }

  if (find_name (self, line, &from, &container) && (container != NULL || line[from] != '\0'))
    {
      g_autoptr (GPtrArray) found = cb_console_commands_complete (self->commands, container, line + from);

      /* The name itself, whole, is not offered. */
      if (found->len > 1 || (found->len == 1 && g_ascii_strcasecmp (g_ptr_array_index (found, 0), line + from) != 0))
        {
          append_names (hint, found, -1);
          return g_string_free (g_steal_pointer (&hint), FALSE);
        }
    }

  words = g_strsplit_set (line + strspn (line, " \t"), " \t", 3);
  if (words[0] == NULL)
    return g_strdup ("");
  name = g_ascii_strdown (words[0], -1);
  if (words[1] != NULL)
    {
      g_autofree char *sub = g_ascii_strdown (words[1], -1);
      g_autofree char *both = g_strdup_printf ("%s|%s", name, sub);

      if (append_syntax (self, hint, both))
        return g_string_free (g_steal_pointer (&hint), FALSE);
    }
  append_syntax (self, hint, name);
  return g_string_free (g_steal_pointer (&hint), FALSE);
}
