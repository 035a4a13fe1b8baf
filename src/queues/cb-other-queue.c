/* cb-other-queue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-other-queue.h"

#include <string.h>

#include "cb-json.h"

#define LONGEST_LABEL 300

struct _CbOtherQueue
{
  GObject          parent_instance;

  const CbLibrary *library;
  GBytes          *prefix;      /* (owned) */
  GBytes          *name;        /* (owned) */
};

G_DEFINE_FINAL_TYPE (CbOtherQueue, cb_other_queue, G_TYPE_OBJECT)

static void
cb_other_queue_finalize (GObject *object)
{
  CbOtherQueue *self = CB_OTHER_QUEUE (object);

  g_bytes_unref (self->prefix);
  g_bytes_unref (self->name);

  G_OBJECT_CLASS (cb_other_queue_parent_class)->finalize (object);
}

static void
cb_other_queue_class_init (CbOtherQueueClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_other_queue_finalize;
}

static void
cb_other_queue_init (CbOtherQueue *self)
{
}

/**
 * cb_other_queue_new:
 *
 * Returns: (transfer full): a queue of @library
 */
CbOtherQueue *
cb_other_queue_new (const CbLibrary *library,
                    GBytes          *prefix,
                    GBytes          *name)
{
  CbOtherQueue *self;

  g_return_val_if_fail (library != NULL, NULL);

  self = g_object_new (CB_TYPE_OTHER_QUEUE, NULL);
  self->library = library;
  self->prefix = g_bytes_ref (prefix);
  self->name = g_bytes_ref (name);
  return self;
}

const CbLibrary *
cb_other_queue_get_library (CbOtherQueue *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  return self->library;
}

GBytes *
cb_other_queue_get_prefix (CbOtherQueue *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  return self->prefix;
}

GBytes *
cb_other_queue_get_name (CbOtherQueue *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  return self->name;
}

static char *
display (GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autofree char *label = cb_text_display (text != NULL ? text : "", (gssize) MIN (length, LONGEST_LABEL), TRUE);

  return length > LONGEST_LABEL ? g_strconcat (label, "…", NULL) : g_steal_pointer (&label);
}

/**
 * cb_other_queue_dup_label:
 *
 * Returns: (transfer full): its name, to be shown
 */
char *
cb_other_queue_dup_label (CbOtherQueue *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  return display (self->name);
}

/**
 * cb_other_queue_dup_prefix_label:
 *
 * Returns: (transfer full): its prefix, to be shown; "" when it has none
 */
char *
cb_other_queue_dup_prefix_label (CbOtherQueue *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  return display (self->prefix);
}

static void
append_escaped (GString *pattern,
                GBytes  *bytes)
{
  gsize length;
  const char *at = g_bytes_get_data (bytes, &length);
  const char *end = at + length;

  while (at < end)
    {
      gunichar c = g_utf8_get_char_validated (at, end - at);

      /* A backslash, too: before an x it would be read as such a byte. */
      if (c == (gunichar) -1 || c == (gunichar) -2 || !g_unichar_isprint (c) || c == '\\')
        {
          g_string_append_printf (pattern, "\\x%02x", (guchar) *at);
          at++;
          continue;
        }
      if (strchr ("*?[]", (int) (c < 128 ? c : 'x')) != NULL)
        g_string_append_c (pattern, '\\');
      g_string_append_unichar (pattern, c);
      at = g_utf8_next_char (at);
    }
}

/**
 * cb_other_queue_dup_pattern:
 *
 * Returns: (transfer full): a pattern that the keys of the queue match, where the library gives them such names; else those of its prefix.
 *   It is text as it can be typed, with \xNN for a byte that can't be.
 */
char *
cb_other_queue_dup_pattern (CbOtherQueue *self)
{
  GString *pattern = g_string_new (NULL);

  g_return_val_if_fail (CB_IS_OTHER_QUEUE (self), NULL);

  for (const char *at = cb_library_get_keys (self->library); *at != '\0'; at++)
    {
      if (at[0] == '%' && (at[1] == 'p' || at[1] == 'P'))
        {
          append_escaped (pattern, self->prefix);
          if (at[1] == 'P' && g_bytes_get_size (self->prefix) > 0)
            g_string_append_c (pattern, ':');
        }
      else if (at[0] == '%' && at[1] == 'q')
        append_escaped (pattern, self->name);
      else
        {
          g_string_append_c (pattern, *at);
          continue;
        }
      at++;
    }

  return g_string_free (pattern, FALSE);
}

/**
 * cb_other_queue_compare:
 *
 * Returns: less, equal or more than 0, as strcmp() has it
 */
int
cb_other_queue_compare (CbOtherQueue *a,
                        CbOtherQueue *b)
{
  int order = strcmp (cb_library_get_title (a->library), cb_library_get_title (b->library));

  if (order == 0)
    order = g_bytes_compare (a->name, b->name);
  return order != 0 ? order : g_bytes_compare (a->prefix, b->prefix);
}
