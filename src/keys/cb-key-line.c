/* cb-key-line.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-line.h"

#include <string.h>

#include "cb-json.h"

/* How many elements are sent at once. */
#define PORTION 100
/* A DUMP of more is sent in parts of this size. */
#define PORTION_BYTES (1024 * 1024)

static GBytes *
new_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}
void
cb_key_step_free (CbKeyStep *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_clear_pointer (&self->remains, cb_key_remains_free);
  g_free (self->type);
  g_free (self);
}

CbKeyStep *
cb_key_step_new (CbKeyStepKind  kind,
                 GBytes        *key)
{
  CbKeyStep *self = g_new0 (CbKeyStep, 1);

  self->kind = kind;
  self->key = key != NULL ? g_bytes_ref (key) : NULL;
  return self;
}

/* --- JSON --- */

static GBytes *
get_base64 (JsonObject *object,
            const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  const char *text = node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
  gsize length;
  guchar *bytes;

  if (text == NULL || strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen (text) ||
      strlen (text) % 4 != 0)
    return NULL;
  bytes = g_base64_decode (text, &length);
  return g_bytes_new_take (bytes, length);
}

static gboolean
get_end (JsonObject *object,
         gint64 *ends_at)
{
  JsonNode *node = json_object_get_member (object, "expires_at");

  *ends_at = 0;
  if (node == NULL || (!JSON_NODE_HOLDS_NULL (node) && json_node_get_value_type (node) != G_TYPE_INT64))
    return FALSE;
  if (!JSON_NODE_HOLDS_NULL (node))
    *ends_at = MAX (json_node_get_int (node), 0);
  return TRUE;
}

/* The bytes of a string with all its escapes, a NUL among them, and of what stands for bytes that are no text. */
static GBytes *
get_value (const char *json,
           gsize length)
{
  g_autoptr (JsonNode) node = NULL;
  GByteArray *bytes;

  if (length >= 2 && json[0] == '"' && memmem (json, length, "\\u0000", 6) != NULL)
    {
      /* json-glib's strings end at a NUL: each part by itself. */
      bytes = g_byte_array_new ();
      for (const char *at = json + 1, *end = json + length - 1; at <= end;)
        {
          const char *stop = at;
          g_autofree char *part = NULL;

          while (stop < end && strncmp (stop, "\\u0000", 6) != 0)
            stop += *stop == '\\' ? 2 : 1;
          stop = MIN (stop, end);
          part = g_strdup_printf ("[\"%.*s\"]", (int) (stop - at), at);
          g_clear_pointer (&node, json_node_unref);
          node = cb_json_parse (part, -1, NULL);
          if (node != NULL)
            {
              const char *text = json_array_get_string_element (json_node_get_array (node), 0);

              g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
            }
          if (stop >= end)
            break;
          g_byte_array_append (bytes, (const guint8 *) "", 1);
          at = stop + 6;
        }
      return g_byte_array_free_to_bytes (bytes);
    }

  node = cb_json_parse (json, (gssize) length, NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return get_base64 (json_node_get_object (node), "base64");
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return new_bytes (json_node_get_string (node));
  return NULL;
}

static GPtrArray *
get_values (GBytes *json)
{
  gsize length;
  const char *text = g_bytes_get_data (json, &length);
  g_autoptr (GPtrArray) parts = cb_json_split_array (text, (gssize) length, NULL);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      gsize part_length;
      const char *part = g_bytes_get_data (g_ptr_array_index (parts, i), &part_length);
      GBytes *value = get_value (part, part_length);

      if (value == NULL)
        return NULL;
      g_ptr_array_add (values, value);
    }
  return parts != NULL ? g_steal_pointer (&values) : NULL;
}

/* The command that adds elements of a type, and which parts of an element it takes, in order; -1: all. */
static const struct { const char *type, *command; int parts[2]; guint n_parts; } adders[] = {
  { "string", "APPEND", { 1 }, 1 },   { "list", "RPUSH", { 1 }, 1 }, { "hash", "HSET", { 0, 1 }, 2 },
  { "set", "SADD", { 0 }, 1 },        { "zset", "ZADD", { 1, 0 }, 2 }, { "stream", "XADD", { -1 }, 1 },
};

static void
add_part (GPtrArray  *steps,
          const char *command,
          GPtrArray  *words)
{
  CbKeyStep *step = cb_key_step_new (CB_KEY_STEP_PART, NULL);

  step->command = command;
  step->words = words;
  g_ptr_array_add (steps, step);
}

/* Returns whether all of them are elements of this type. */
static gboolean
parse_elements (GPtrArray  *steps,
                const char *type,
                GPtrArray  *elements)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gboolean alone = g_str_equal (type, "stream") || g_str_equal (type, "string");
  gsize adder = 0;

  while (!g_str_equal (adders[adder].type, type))
    adder++;
  for (guint i = 0; i < elements->len; i++)
    {
      g_autoptr (GPtrArray) values = get_values (g_ptr_array_index (elements, i));

      for (guint j = 0; values != NULL && j < adders[adder].n_parts; j++)
        {
          int part = adders[adder].parts[j];

          if (part >= (int) values->len || (part < 0 && (values->len < 3 || values->len % 2 == 0)))
            g_clear_pointer (&values, g_ptr_array_unref);
          else if (part >= 0)
            g_ptr_array_add (words, g_bytes_ref (g_ptr_array_index (values, part)));
          else
            for (guint k = 0; k < values->len; k++)
              g_ptr_array_add (words, g_bytes_ref (g_ptr_array_index (values, k)));
        }
      if (values == NULL)
        return FALSE;
      if (alone || words->len >= PORTION * adders[adder].n_parts)
        {
          /* APPEND of nothing makes no key. */
          add_part (steps, g_str_equal (type, "string") && i == 0 ? "SET" : adders[adder].command, g_steal_pointer (&words));
          words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
        }
    }
  if (words->len > 0)
    add_part (steps, adders[adder].command, g_steal_pointer (&words));
  return TRUE;
}

static gboolean
is_adder (const char *type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (adders); i++)
    if (g_str_equal (adders[i].type, type))
      return TRUE;
  return FALSE;
}

static GPtrArray *
new_steps (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) cb_key_step_free);
}

static GPtrArray *
wrong_line (void)
{
  GPtrArray *steps = new_steps ();

  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_WRONG, NULL));
  return steps;
}

static GPtrArray *
parse_json (const char *line,
            gsize       length)
{
  g_autoptr (GPtrArray) steps = new_steps ();
  g_autoptr (GBytes) name = NULL;
  g_autoptr (GBytes) name_json = cb_json_dup_member (line, (gssize) length, "name");
  g_autoptr (GBytes) end_json = cb_json_dup_member (line, (gssize) length, "expires_at");
  g_autoptr (GBytes) elements_json = cb_json_dup_member (line, (gssize) length, "elements");
  g_autoptr (GPtrArray) elements = NULL;
  g_autofree char *type = cb_json_dup_member_text (line, (gssize) length, "type");
  g_autofree char *end = NULL;
  const char *text;
  gsize text_length;
  CbKeyStep *step;

  if (name_json != NULL)
    {
      text = g_bytes_get_data (name_json, &text_length);
      name = get_value (text, text_length);
    }
  if (elements_json != NULL)
    {
      text = g_bytes_get_data (elements_json, &text_length);
      elements = cb_json_split_array (text, (gssize) text_length, NULL);
    }
  if (name == NULL || type == NULL || end_json == NULL || (elements_json != NULL && elements == NULL))
    return wrong_line ();

  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
  if (elements == NULL || !is_adder (type))
    {
      step = cb_key_step_new (CB_KEY_STEP_WRONG_TYPE, NULL);
      step->type = g_steal_pointer (&type);
      g_ptr_array_add (steps, step);
      return g_steal_pointer (&steps);
    }
  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_BEGIN, name));
  step = cb_key_step_new (CB_KEY_STEP_END, name);
  text = g_bytes_get_data (end_json, &text_length);
  end = g_strndup (text, text_length);
  step->ends_at = MAX (g_ascii_strtoll (end, NULL, 10), 0);
  g_ptr_array_add (steps, step);
  if (!parse_elements (steps, type, elements))
    return wrong_line ();
  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
  return g_steal_pointer (&steps);
}

/* --- commands --- */

static int
hex (char digit)
{
  return g_ascii_xdigit_value (digit);
}

/* The words of a line, as redis-cli reads it. NULL for quotes without their end. */
static GPtrArray *
split_words (const char *line,
             gsize length)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *end = line + length;

  for (const char *at = line;;)
    {
      g_autoptr (GByteArray) word = g_byte_array_new ();
      gboolean closed = TRUE;

      while (at < end && g_ascii_isspace (*at))
        at++;
      if (at == end)
        return g_steal_pointer (&words);

      if (*at == '"')
        {
          closed = FALSE;
          for (at++; at < end && !closed; at++)
            {
              static const char names[] = "nrtab";
              static const char values[] = "\n\r\t\a\b";
              guint8 byte = *at;

              if (*at == '"')
                {
                  closed = TRUE;
                  continue;
                }
              if (*at == '\\' && end - at > 3 && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]))
                {
                  byte = hex (at[2]) << 4 | hex (at[3]);
                  at += 3;
                }
              else if (*at == '\\' && end - at > 1)
                {
                  const char *found = at[1] != '\0' ? strchr (names, at[1]) : NULL;

                  byte = found != NULL ? values[found - names] : at[1];
                  at++;
                }
              g_byte_array_append (word, &byte, 1);
            }
        }
      else
        {
          for (; at < end && !g_ascii_isspace (*at); at++)
            g_byte_array_append (word, (const guint8 *) at, 1);
        }
      if (!closed)
        return NULL;
      g_ptr_array_add (words, g_byte_array_free_to_bytes (g_steal_pointer (&word)));
    }
}

static gboolean
is_word (GBytes *bytes,
         const char *word)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return length == strlen (word) && g_ascii_strncasecmp (data, word, length) == 0;
}

static gint64
get_number (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);

  return g_ascii_strtoll (text, NULL, 10);
}

static void
add_restore (GPtrArray *steps,
             GBytes    *key,
             GBytes    *dump,
             gint64     ends_at)
{
  CbKeyStep *step;
  gsize length = g_bytes_get_size (dump);

  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
  if (length <= PORTION_BYTES)
    {
      step = cb_key_step_new (CB_KEY_STEP_RESTORE, key);
      step->remains = cb_key_remains_new (key, dump, ends_at);
      g_ptr_array_add (steps, step);
      return;
    }

  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_BEGIN, key));
  for (gsize at = 0; at < length; at += PORTION_BYTES)
    {
      GPtrArray *words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

      g_ptr_array_add (words, g_bytes_new_from_bytes (dump, at, MIN (length - at, PORTION_BYTES)));
      add_part (steps, "APPEND", words);
    }
  step = cb_key_step_new (CB_KEY_STEP_END, key);
  step->ends_at = ends_at;
  g_ptr_array_add (steps, step);
  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_DUMP, NULL));
  g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
}

static GPtrArray *
parse_command (const char *line,
               gsize       length)
{
  static const char * const adding[] = { "SET", "APPEND", "RPUSH", "HSET", "SADD", "ZADD", "XADD" };
  g_autoptr (GPtrArray) steps = new_steps ();
  g_autoptr (GPtrArray) words = split_words (line, length);
  g_autoptr (GBytes) key = words != NULL && words->len >= 3 ? g_bytes_ref (g_ptr_array_index (words, 1)) : NULL;

  for (gsize i = 0; key != NULL && i < G_N_ELEMENTS (adding); i++)
    if (is_word (words->pdata[0], adding[i]))
      {
        /* One that is set once more is another. */
        if (g_str_equal (adding[i], "SET"))
          g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_FINISH, NULL));
        g_ptr_array_add (steps, cb_key_step_new (CB_KEY_STEP_BEGIN, key));
        g_ptr_array_remove_range (words, 0, 2);
        add_part (steps, adding[i], g_steal_pointer (&words));
        return g_steal_pointer (&steps);
      }
  if (key != NULL && words->len == 3 && is_word (words->pdata[0], "PEXPIREAT"))
    {
      CbKeyStep *step = cb_key_step_new (CB_KEY_STEP_END, key);

      step->ends_at = MAX (get_number (words->pdata[2]), 0);
      g_ptr_array_add (steps, step);
      return g_steal_pointer (&steps);
    }
  if (key != NULL && words->len == 5 && is_word (words->pdata[0], "RESTORE") && is_word (words->pdata[4], "ABSTTL"))
    {
      add_restore (steps, key, words->pdata[3], get_number (words->pdata[2]));
      return g_steal_pointer (&steps);
    }
  return wrong_line ();
}

GPtrArray *
cb_key_line_parse (const char *line,
                   gsize       length)
{
  g_autoptr (GBytes) dump_json = NULL;

  if (line[0] != '{')
    return parse_command (line, length);

  dump_json = cb_json_dup_member (line, (gssize) length, "dump");
  if (dump_json != NULL)
    {
      g_autoptr (GPtrArray) steps = new_steps ();
      g_autoptr (JsonNode) root = cb_json_parse (line, (gssize) length, NULL);
      JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
      g_autoptr (GBytes) key = object != NULL ? get_base64 (object, "key") : NULL;
      g_autoptr (GBytes) dump = object != NULL ? get_base64 (object, "dump") : NULL;
      gint64 ends_at;

      if (key == NULL || dump == NULL || !get_end (object, &ends_at))
        return wrong_line ();
      add_restore (steps, key, dump, ends_at);
      return g_steal_pointer (&steps);
    }
  return parse_json (line, length);
}
