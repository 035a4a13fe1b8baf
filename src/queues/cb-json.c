/* cb-json.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <string.h>

#include "cb-json-scanner.h"
#include "cb-queue-error.h"

/**
 * cb_json_check:
 * @length: in bytes; -1 when @text ends with NUL
 *
 * Whether @text is one JSON value in valid UTF-8 as RFC 8259 has it. A lone surrogate as an escape is allowed, as JSON.parse()
 * allows it, and so are repeated names. Costs one pass over the text, whatever its depth.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID, `Line 1, column 31: the text ends inside a string`, columns counted in characters.
 */
gboolean
cb_json_check (const char *text,
               gssize      length,
               GError    **error)
{
  g_auto (CbJsonScanner) scanner;

  cb_json_scanner_init (&scanner, text, length);
  for (;;)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);

      if (event == CB_JSON_END)
        return TRUE;
      if (event == CB_JSON_BROKEN)
        {
          cb_json_scanner_set_error (&scanner, error);
          return FALSE;
        }
    }
}

/* Beyond this, further levels are not indented more: 200,000 levels would make 40 GB of spaces. */
#define MAX_INDENT 100

static void
new_line (GString *out,
          gsize    depth)
{
  g_string_append_c (out, '\n');
  for (gsize i = MIN (depth, MAX_INDENT); i > 0; i--)
    g_string_append (out, "  ");
}

static char *
reformat (const char *text,
          gssize      length,
          gboolean    pretty)
{
  g_auto (CbJsonScanner) scanner;
  GString *out;
  CbJsonEvent last = CB_JSON_END;

  cb_json_scanner_init (&scanner, text, length);
  out = g_string_sized_new (scanner.end - scanner.at + 1);

  for (;;)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);
      gboolean ends = event == CB_JSON_END_OBJECT || event == CB_JSON_END_ARRAY;
      gboolean began = last == CB_JSON_BEGIN_OBJECT || last == CB_JSON_BEGIN_ARRAY;

      if (event == CB_JSON_END)
        break;
      if (event == CB_JSON_BROKEN)
        {
          /* Against the contract; give back what came rather than half of it. */
          g_string_free (out, TRUE);
          return g_strndup (text, scanner.end - scanner.text);
        }

      if (!ends && !began && last != CB_JSON_NAME && last != CB_JSON_END)
        g_string_append_c (out, ',');
      if (pretty && last != CB_JSON_END && last != CB_JSON_NAME && !(ends && began))
        {
          gboolean begins = event == CB_JSON_BEGIN_OBJECT || event == CB_JSON_BEGIN_ARRAY;

          new_line (out, scanner.depth - (begins ? 1 : 0));
        }

      g_string_append_len (out, scanner.token, scanner.length);
      if (event == CB_JSON_NAME)
        g_string_append (out, pretty ? ": " : ":");
      last = event;
    }

  return g_string_free (out, FALSE);
}

/**
 * cb_json_pretty:
 *
 * Indented by two spaces a level; empty objects and lists stay in one line. Every number, string and name keeps its bytes.
 *
 * Returns: (transfer full): the same JSON with other white space
 */
char *
cb_json_pretty (const char *text,
                gssize      length)
{
  return reformat (text, length, TRUE);
}

/**
 * cb_json_compact:
 *
 * Returns: (transfer full): the same JSON in one line, without white space outside of strings
 */
char *
cb_json_compact (const char *text,
                 gssize      length)
{
  return reformat (text, length, FALSE);
}

static JsonNode *
number_node (const char *token,
             gsize       length)
{
  g_autofree char *digits = g_strndup (token, length);
  JsonNode *node = json_node_alloc ();

  if (strpbrk (digits, ".eE") == NULL)
    {
      gint64 integer;

      errno = 0;
      integer = g_ascii_strtoll (digits, NULL, 10);
      if (errno == 0)
        return json_node_init_int (node, integer);
    }

  return json_node_init_double (node, g_ascii_strtod (digits, NULL));
}

static JsonNode *
string_node (const char *token,
             gsize       length)
{
  g_autofree char *value = cb_json_decode_string (token, length, G_MAXSIZE, NULL);

  return json_node_init_string (json_node_alloc (), value);
}

static void
add_node (GPtrArray *open,
          JsonNode **root,
          const char *name,
          JsonNode *node)       /* (transfer full) */
{
  JsonNode *parent;

  if (open->len == 0)
    {
      *root = node;
      return;
    }

  parent = g_ptr_array_index (open, open->len - 1);
  if (JSON_NODE_HOLDS_OBJECT (parent))
    json_object_set_member (json_node_get_object (parent), name, node);
  else
    json_array_add_element (json_node_get_array (parent), node);
}

/**
 * cb_json_parse:
 *
 * Reads JSON into json-glib's tree, for what programs look at. Of a repeated name the last value stays, as JSON.parse() has
 * it; a number beyond 64 bits becomes a double.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID as cb_json_check(), and for more than %CB_JSON_MAX_DEPTH levels, since json-glib frees its
 * trees by recursion.
 *
 * Returns: (transfer full): the root
 */
JsonNode *
cb_json_parse (const char *text,
               gssize      length,
               GError    **error)
{
  g_auto (CbJsonScanner) scanner;
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *name = NULL;

  cb_json_scanner_init (&scanner, text, length);
  for (;;)
    {
      JsonNode *node = NULL;
      CbJsonEvent event = cb_json_scanner_next (&scanner);

      if (scanner.depth > CB_JSON_MAX_DEPTH)
        {
          scanner.problem = "this is nested too deep to be looked into";
          scanner.problem_at = scanner.token;
          event = CB_JSON_BROKEN;
        }

      switch (event)
        {
        case CB_JSON_BEGIN_OBJECT:
          node = json_node_init_object (json_node_alloc (), NULL);
          json_node_take_object (node, json_object_new ());
          break;
        case CB_JSON_BEGIN_ARRAY:
          node = json_node_init_array (json_node_alloc (), NULL);
          json_node_take_array (node, json_array_new ());
          break;
        case CB_JSON_END_OBJECT:
        case CB_JSON_END_ARRAY:
          g_ptr_array_set_size (open, open->len - 1);
          break;
        case CB_JSON_NAME:
          g_free (name);
          name = cb_json_decode_string (scanner.token, scanner.length, G_MAXSIZE, NULL);
          break;
        case CB_JSON_STRING:
          node = string_node (scanner.token, scanner.length);
          break;
        case CB_JSON_NUMBER:
          node = number_node (scanner.token, scanner.length);
          break;
        case CB_JSON_TRUE:
        case CB_JSON_FALSE:
          node = json_node_init_boolean (json_node_alloc (), event == CB_JSON_TRUE);
          break;
        case CB_JSON_NULL:
          node = json_node_init_null (json_node_alloc ());
          break;
        case CB_JSON_END:
          return g_steal_pointer (&root);
        case CB_JSON_BROKEN:
        default:
          cb_json_scanner_set_error (&scanner, error);
          return NULL;
        }

      if (node != NULL)
        {
          add_node (open, &root, name, node);
          if (event == CB_JSON_BEGIN_OBJECT || event == CB_JSON_BEGIN_ARRAY)
            g_ptr_array_add (open, node);
        }
    }
}

/**
 * cb_json_split_array:
 *
 * The elements of a list, each with the very bytes it had (copied).
 *
 * Errors: %CB_QUEUE_ERROR_INVALID when it is no JSON (with line and column), or another value than a list.
 *
 * Returns: (transfer full) (element-type GBytes): in their order; may be empty
 */
GPtrArray *
cb_json_split_array (const char *text,
                     gssize      length,
                     GError    **error)
{
  g_auto (CbJsonScanner) scanner;
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  CbJsonEvent event;

  cb_json_scanner_init (&scanner, text, length);
  event = cb_json_scanner_next (&scanner);
  if (event != CB_JSON_BROKEN && event != CB_JSON_BEGIN_ARRAY)
    {
      /* Say first that it is no JSON at all, when it is none. */
      if (cb_json_check (text, length, error))
        g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("A JSON list is needed; this is another value"));
      return NULL;
    }

  while (event != CB_JSON_BROKEN)
    {
      const char *start;

      event = cb_json_scanner_next (&scanner);
      if (event == CB_JSON_END)
        return g_steal_pointer (&elements);
      if (event == CB_JSON_BROKEN || event == CB_JSON_END_ARRAY)
        continue;

      start = scanner.token;
      if ((event == CB_JSON_BEGIN_OBJECT || event == CB_JSON_BEGIN_ARRAY) && !cb_json_scanner_skip (&scanner))
        break;
      g_ptr_array_add (elements, g_bytes_new (start, scanner.at - start));
    }

  cb_json_scanner_set_error (&scanner, error);
  return NULL;
}

/**
 * cb_json_dup_member:
 * @member: name of a member of the outermost object
 *
 * A member as it is written, whatever kind of value it has (copied). Of a repeated name the last counts. Costs one pass over
 * the text.
 *
 * Returns: (transfer full) (nullable): %NULL when @text is no JSON object, or has no such member
 */
GBytes *
cb_json_dup_member (const char *text,
                    gssize      length,
                    const char *member)
{
  g_auto (CbJsonScanner) scanner;
  g_autoptr (GBytes) found = NULL;

  cb_json_scanner_init (&scanner, text, length);
  if (cb_json_scanner_next (&scanner) != CB_JSON_BEGIN_OBJECT)
    return NULL;

  for (;;)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);
      g_autofree char *name = NULL;
      const char *start;

      if (event == CB_JSON_END)
        return g_steal_pointer (&found);
      if (event == CB_JSON_BROKEN)
        return NULL;
      if (event != CB_JSON_NAME)
        continue;

      name = cb_json_decode_string (scanner.token, scanner.length, G_MAXSIZE, NULL);
      event = cb_json_scanner_next (&scanner);
      start = scanner.token;
      if ((event == CB_JSON_BEGIN_OBJECT || event == CB_JSON_BEGIN_ARRAY) && !cb_json_scanner_skip (&scanner))
        return NULL;
      if (event == CB_JSON_BROKEN)
        return NULL;

      if (strcmp (name, member) == 0)
        {
          g_clear_pointer (&found, g_bytes_unref);
          found = g_bytes_new (start, scanner.at - start);
        }
    }
}

/**
 * cb_json_dup_member_text:
 * @member: name of a member of the outermost object
 *
 * What a member says when it is a string (without escapes) or a number (its digits as they stand). Of a repeated name the
 * last counts. Costs one pass over the text.
 *
 * Returns: (transfer full) (nullable): %NULL when @text is no JSON object, or has no such member of these kinds
 */
char *
cb_json_dup_member_text (const char *text,
                         gssize      length,
                         const char *member)
{
  g_auto (CbJsonScanner) scanner;
  g_autofree char *found = NULL;
  gboolean wanted = FALSE;

  cb_json_scanner_init (&scanner, text, length);
  if (cb_json_scanner_next (&scanner) != CB_JSON_BEGIN_OBJECT)
    return NULL;

  for (;;)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);

      switch (event)
        {
        case CB_JSON_NAME:
          {
            g_autofree char *name = cb_json_decode_string (scanner.token, scanner.length, G_MAXSIZE, NULL);

            wanted = strcmp (name, member) == 0;
            if (wanted)
              g_clear_pointer (&found, g_free);
          }
          break;
        case CB_JSON_STRING:
          if (wanted)
            found = cb_json_decode_string (scanner.token, scanner.length, G_MAXSIZE, NULL);
          break;
        case CB_JSON_NUMBER:
          if (wanted)
            found = g_strndup (scanner.token, scanner.length);
          break;
        case CB_JSON_BEGIN_OBJECT:
        case CB_JSON_BEGIN_ARRAY:
          if (!cb_json_scanner_skip (&scanner))
            return NULL;
          break;
        case CB_JSON_END:
          return g_steal_pointer (&found);
        case CB_JSON_BROKEN:
          return NULL;
        case CB_JSON_TRUE:
        case CB_JSON_FALSE:
        case CB_JSON_NULL:
        case CB_JSON_END_OBJECT:
        case CB_JSON_END_ARRAY:
        default:
          break;
        }
    }
}
