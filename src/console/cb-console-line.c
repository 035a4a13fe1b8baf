/* cb-console-line.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-line.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_QUARK (cb-console-error-quark, cb_console_error)

/* What isspace() has in the C locale. */
static gboolean
is_blank (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static gboolean
is_end (char c)
{
  return c == '\0' || is_blank (c);
}

/* Characters of the line before @at, from 1, as people count. */
static guint
column (const char *line, gsize at)
{
  guint n = 1;

  for (gsize i = 0; i < at; i++)
    n += ((guchar) line[i] & 0xc0) != 0x80;
  return n;
}

typedef enum
{
  DOUBLE_OPEN,
  SINGLE_OPEN,
  NO_BLANK,
} Problem;

static gboolean
fail (const char *line, gsize at, gsize *error_at, Problem problem, GError **error)
{
  if (error_at != NULL)
    *error_at = at;
  switch (problem)
    {
    case DOUBLE_OPEN:
      g_set_error (error, CB_CONSOLE_ERROR, CB_CONSOLE_ERROR_QUOTE, _ ("The double quote at column %u is not closed."),
                   column (line, at));
      break;
    case SINGLE_OPEN:
      g_set_error (error, CB_CONSOLE_ERROR, CB_CONSOLE_ERROR_QUOTE, _ ("The single quote at column %u is not closed."),
                   column (line, at));
      break;
    case NO_BLANK:
    default:
      g_set_error (error, CB_CONSOLE_ERROR, CB_CONSOLE_ERROR_QUOTE,
                   _ ("Behind the quote that closes at column %u there must be a blank."), column (line, at));
    }
  return FALSE;
}

/* Behind the opening quote at @*at; stands behind the closing one afterwards. */
static gboolean
take_double_quoted (const char *line, gsize *at, GString *word, gsize *error_at, GError **error)
{
  static const char escapes[] = "nrtba";
  static const char meanings[] = "\n\r\t\b\a";
  gsize opened = *at;
  gsize i = opened + 1;

  for (;; i++)
    {
      if (line[i] == '\0')
        return fail (line, opened, error_at, DOUBLE_OPEN, error);
      if (line[i] == '\\' && line[i + 1] == 'x' && g_ascii_isxdigit (line[i + 2]) && g_ascii_isxdigit (line[i + 3]))
        {
          g_string_append_c (word, (char) (g_ascii_xdigit_value (line[i + 2]) * 16 + g_ascii_xdigit_value (line[i + 3])));
          i += 3;
        }
      else if (line[i] == '\\' && line[i + 1] != '\0')
        {
          const char *known = strchr (escapes, line[++i]);

          g_string_append_c (word, known != NULL ? meanings[known - escapes] : line[i]);
        }
      else if (line[i] == '"')
        {
          break;
        }
      else
        {
          g_string_append_c (word, line[i]);
        }
    }

  *at = i + 1;
  return is_end (line[i + 1]) ||
         fail (line, i, error_at, NO_BLANK, error);
}

static gboolean
take_single_quoted (const char *line, gsize *at, GString *word, gsize *error_at, GError **error)
{
  gsize opened = *at;
  gsize i = opened + 1;

  for (;; i++)
    {
      if (line[i] == '\0')
        return fail (line, opened, error_at, SINGLE_OPEN, error);
      if (line[i] == '\\' && line[i + 1] == '\'')
        i++;
      else if (line[i] == '\'')
        break;
      g_string_append_c (word, line[i]);
    }

  *at = i + 1;
  return is_end (line[i + 1]) ||
         fail (line, i, error_at, NO_BLANK, error);
}

/**
 * cb_console_line_split:
 * @line: a line, ending with a NUL
 * @error_at: (out) (optional): the byte of the quote that is wrong
 * @error: return location for an error
 *
 * Splits a line into words as redis-cli does (sdssplitargs() in Redis 7.0, sds.c): "…" with \n \r \t \b \a \xHH, '…' with \', and
 * whatever stands between blanks.
 *
 * Errors: %CB_CONSOLE_ERROR_QUOTE, with the place in words
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): the words, none for a blank line
 */
GPtrArray *
cb_console_line_split (const char *line, gsize *error_at, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize at = 0;

  g_return_val_if_fail (line != NULL, NULL);

  for (;;)
    {
      g_autoptr (GString) word = NULL;
      gsize length;

      while (is_blank (line[at]))
        at++;
      if (line[at] == '\0')
        return g_steal_pointer (&words);

      word = g_string_new (NULL);
      /* \v and \f separate words only where one has not begun, as there. */
      while (line[at] != '\0' && strchr (" \n\r\t", line[at]) == NULL)
        {
          if (line[at] == '"')
            {
              if (!take_double_quoted (line, &at, word, error_at, error))
                return NULL;
              break;
            }
          if (line[at] == '\'')
            {
              if (!take_single_quoted (line, &at, word, error_at, error))
                return NULL;
              break;
            }
          g_string_append_c (word, line[at++]);
        }
      length = word->len;
      g_ptr_array_add (words, g_bytes_new_take (g_string_free (g_steal_pointer (&word), FALSE), length));
    }
}

/**
 * cb_console_escape:
 * @bytes: any bytes
 * @length: how many
 * @quoted: whether to put them into double quotes
 *
 * The escapes of redis-cli's sdscatrepr() (Redis 7.0, sds.c), which would write UTF-8 as \xNN too.
 *
 * Returns: (transfer full): valid UTF-8 in one line
 */
char *
cb_console_escape (const char *bytes, gsize length, gboolean quoted)
{
  GString *out = g_string_sized_new (length + 2);
  const char *end = bytes + length;

  if (quoted)
    g_string_append_c (out, '"');
  while (bytes < end)
    {
      gunichar character = g_utf8_get_char_validated (bytes, end - bytes);
      guchar byte = (guchar) *bytes;

      if (byte >= 0x80 && character != (gunichar) -1 && character != (gunichar) -2 && g_unichar_isprint (character))
        {
          const char *next = g_utf8_next_char (bytes);

          g_string_append_len (out, bytes, next - bytes);
          bytes = next;
          continue;
        }

      switch (byte)
        {
        case '\\':
        case '"':
          g_string_append_printf (out, quoted ? "\\%c" : "%c", byte);
          break;
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        case '\a':
          g_string_append (out, "\\a");
          break;
        case '\b':
          g_string_append (out, "\\b");
          break;
        default:
          if (g_ascii_isprint (byte))
            g_string_append_c (out, (char) byte);
          else
            g_string_append_printf (out, "\\x%02x", byte);
        }
      bytes++;
    }
  if (quoted)
    g_string_append_c (out, '"');

  return g_string_free (out, FALSE);
}

/* A word as redis-cli reads it back, without quotes where it needs none. */
char *
cb_console_line_quote (const char *bytes, gsize length)
{
  gboolean plain = length > 0;

  for (gsize i = 0; i < length && plain; i++)
    plain = (g_ascii_isgraph (bytes[i]) && bytes[i] != '"' && bytes[i] != '\'') || (guchar) bytes[i] >= 0x80;
  if (plain)
    {
      g_autofree char *escaped = cb_console_escape (bytes, length, FALSE);

      if (strlen (escaped) == length && memcmp (escaped, bytes, length) == 0)
        return g_steal_pointer (&escaped);
    }
  return cb_console_escape (bytes, length, TRUE);
}

static char *
join (GPtrArray *words, const gboolean *masked)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      gsize length;
      const char *bytes = g_bytes_get_data (g_ptr_array_index (words, i), &length);
      g_autofree char *word = masked != NULL && masked[i] ? g_strdup ("•••") : cb_console_line_quote (bytes, length);

      if (i > 0)
        g_string_append_c (line, ' ');
      g_string_append (line, word);
    }
  return g_string_free (line, FALSE);
}

/**
 * cb_console_line_join:
 * @words: (element-type GBytes): words
 *
 * Returns: (transfer full): the line that cb_console_line_split(), redis-cli and a script for it split into these words
 */
char *
cb_console_line_join (GPtrArray *words)
{
  g_return_val_if_fail (words != NULL, NULL);

  return join (words, NULL);
}

char *
cb_console_line_dup_name (GPtrArray *words, guint index)
{
  gsize length;
  const char *bytes;

  if (index >= words->len)
    return g_strdup ("");
  bytes = g_bytes_get_data (g_ptr_array_index (words, index), &length);
  return length > 0 && memchr (bytes, '\0', length) == NULL ? g_ascii_strdown (bytes, (gssize) length) : g_strdup ("");
}

static void
mask_from (gboolean *masked, guint n, guint from, guint to)
{
  for (guint i = from; i < MIN (n, to); i++)
    masked[i] = TRUE;
}

/* Names of settings whose value lets somebody in. */
static gboolean
is_secret_setting (const char *name)
{
  return strstr (name, "pass") != NULL || strstr (name, "auth") != NULL || strstr (name, "secret") != NULL ||
         strchr (name, '*') != NULL;
}

static gboolean *
find_secrets (GPtrArray *words, gboolean *any)
{
  guint n = words->len;
  gboolean *masked = g_new0 (gboolean, n + 1);
  g_autofree char *name = cb_console_line_dup_name (words, 0);
  g_autofree char *second = cb_console_line_dup_name (words, 1);

  if (g_str_equal (name, "auth"))
    {
      mask_from (masked, n, n > 2 ? 2 : 1, n);
    }
  else if (g_str_equal (name, "hello") || g_str_equal (name, "migrate"))
    {
      for (guint i = 1; i < n; i++)
        {
          g_autofree char *word = cb_console_line_dup_name (words, i);

          if (g_str_equal (word, "auth2"))
            mask_from (masked, n, i + 2, i + 3);
          else if (g_str_equal (word, "auth") && *name == 'h')
            mask_from (masked, n, i + 2, i + 3);
          else if (g_str_equal (word, "auth"))
            mask_from (masked, n, i + 1, i + 2);
        }
    }
  else if (g_str_equal (name, "acl") && g_str_equal (second, "setuser"))
    {
      for (guint i = 3; i < n; i++)
        {
          g_autofree char *word = cb_console_line_dup_name (words, i);

          masked[i] = *word == '>' || *word == '<' || *word == '#' || *word == '!' || *word == '\0';
        }
    }
  else if (g_str_equal (name, "config") && g_str_equal (second, "set"))
    {
      for (guint i = 2; i < n; i += 2)
        {
          g_autofree char *word = cb_console_line_dup_name (words, i);

          if (is_secret_setting (word))
            mask_from (masked, n, i + 1, i + 2);
        }
    }
  else if (g_str_equal (name, "sentinel") && (g_str_equal (second, "set") || g_str_equal (second, "config")))
    {
      for (guint i = 3; i < n; i++)
        {
          g_autofree char *word = cb_console_line_dup_name (words, i);

          if (is_secret_setting (word))
            mask_from (masked, n, i + 1, i + 2);
        }
    }

  *any = FALSE;
  for (guint i = 0; i < n; i++)
    *any = *any || masked[i];
  return masked;
}

/**
 * cb_console_line_has_secret:
 * @words: (element-type GBytes): words
 *
 * Returns: whether a word of them lets somebody in: AUTH, HELLO … AUTH, MIGRATE … AUTH, passwords of ACL SETUSER, CONFIG SET and
 *   SENTINEL SET
 */
gboolean
cb_console_line_has_secret (GPtrArray *words)
{
  gboolean any;

  g_return_val_if_fail (words != NULL, FALSE);

  g_free (find_secrets (words, &any));
  return any;
}

/* The line with dots in the place of secrets, for what stays on the screen. */
char *
cb_console_line_join_masked (GPtrArray *words)
{
  g_autofree gboolean *masked = NULL;
  gboolean any;

  g_return_val_if_fail (words != NULL, NULL);

  masked = find_secrets (words, &any);
  return join (words, masked);
}
