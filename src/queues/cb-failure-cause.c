/* cb-failure-cause.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-failure-cause.h"

#include <string.h>

/*
 * What two failures of the same cause have in common: the first line of the error, with everything taken out that is different from
 * job to job. The line goes by word (what stands between white space), and a word by its shape:
 *
 *     ://             an address: the scheme stays, the rest goes                  https://#
 *     a@b.c           a mailbox                                                    #
 *     /a/b  C:\a      a path of two parts and more                                 #
 *     0f3c…  a-b-c-d  hexadecimal digits with a figure among them, eight and more; a UUID   #
 *     digits          each run of them, also inside of a word                      E#, #.#.#.#:#
 *     "…"  '…'  `…`   what is quoted and is no name (has a figure, a space, @ or /, or is long)   '#'
 *
 * A number of three digits at the very beginning (also behind “Error:”) stays when words follow, as does one behind “status” or
 * “code”: 550 and 404 are what the error is about.
 */

/* Of a longer line the rest is not looked at. */
#define MOST_READ 2000

typedef struct
{
  GString  *out;
  gboolean  keeps_number;     /* the word before was “status” or “code” */
} Writer;

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (guchar) c >= 0x80;
}

static void
put_mark (GString *out)
{
  /* Two of them in a row say no more than one. */
  if (out->len == 0 || out->str[out->len - 1] != '#')
    g_string_append_c (out, '#');
}

/* Hexadecimal, with dashes or without, eight digits and more, and one of them a figure. */
static gboolean
is_hexadecimal (const char *word,
                gsize       length)
{
  guint n_digits = 0, n_figures = 0;

  if (length > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
    return TRUE;
  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_isdigit (word[i]))
        n_figures++;
      if (g_ascii_isxdigit (word[i]))
        n_digits++;
      else if (word[i] != '-')
        return FALSE;
    }

  return n_digits >= 8 && n_figures > 0;
}

/* Letters and figures mixed so that it must have been made by a machine: a token of twelve and more. */
static gboolean
is_token (const char *word,
          gsize       length)
{
  guint n_figures = 0, n_letters = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_isdigit (word[i]))
        n_figures++;
      else if (g_ascii_isalpha (word[i]))
        n_letters++;
      else if (word[i] != '-' && word[i] != '_')
        return FALSE;
    }

  return length >= 12 && n_figures >= 2 && n_letters > 0;
}

static gboolean
is_path (const char *word,
         gsize       length)
{
  guint n_slashes = 0;

  if (length > 3 && g_ascii_isalpha (word[0]) && word[1] == ':' && (word[2] == '\\' || word[2] == '/'))
    return TRUE;
  if (length < 3 || (word[0] != '/' && !(word[0] == '.' && (word[1] == '/' || word[1] == '.'))))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (word[i] == '/')
        n_slashes++;
    }

  return n_slashes >= 2;
}

static gboolean
is_mailbox (const char *word,
            gsize       length)
{
  const char *at = memchr (word, '@', length);

  return at != NULL && at > word && (gsize) (at - word) + 1 < length && memchr (at, '.', length - (gsize) (at - word)) != NULL;
}

/* Six to eight groups of hexadecimal digits between colons, or fewer around a double one. */
static gboolean
is_ipv6 (const char *word,
         gsize       length)
{
  guint n_colons = 0, n_digits = 0;
  gboolean has_double = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (word[i] == ':')
        {
          n_colons++;
          has_double = has_double || (i + 1 < length && word[i + 1] == ':');
        }
      else if (g_ascii_isxdigit (word[i]))
        {
          n_digits++;
        }
      else
        {
          return FALSE;
        }
    }

  return n_digits > 0 && (n_colons >= 6 || (has_double && n_colons >= 2));
}

static void
put_digits_out (Writer     *writer,
                const char *word,
                gsize       length)
{
  for (gsize i = 0, n; i < length; i = n)
    {
      /* A run of letters and figures is looked at whole. */
      for (n = i; n < length && (is_word (word[n]) || (word[n] == '-' && n > i)); n++)
        ;
      if (n == i)
        {
          g_string_append_c (writer->out, word[n++]);
          continue;
        }
      if (is_hexadecimal (word + i, n - i) || is_token (word + i, n - i))
        {
          put_mark (writer->out);
          continue;
        }
      for (gsize at = i; at < n; at++)
        {
          if (g_ascii_isdigit (word[at]))
            put_mark (writer->out);
          else
            g_string_append_c (writer->out, word[at]);
        }
    }
}

static gboolean
ends_with (const char *word,
           gsize       length,
           const char *end)
{
  gsize n = strlen (end);

  return length >= n && g_ascii_strncasecmp (word + length - n, end, n) == 0;
}

static gboolean
is_status (const char *word,
           gsize       length)
{
  return length == 3 && word[0] >= '1' && word[0] <= '5' && g_ascii_isdigit (word[1]) && g_ascii_isdigit (word[2]);
}

/* Without what stands around it: brackets, commas, full stops. */
static void
put_word (Writer     *writer,
          const char *word,
          gsize       length,
          gboolean    first,
          gboolean    last)
{
  gsize head = 0, tail = length;
  const char *scheme = g_strstr_len (word, (gssize) length, "://");
  gboolean keeps_number = writer->keeps_number;

  writer->keeps_number = FALSE;
  if (scheme != NULL && scheme > word)
    {
      const char *from = scheme;

      while (from > word && g_ascii_isalnum (from[-1]))
        from--;
      put_digits_out (writer, word, (gsize) (from - word));
      g_string_append_len (writer->out, from, scheme - from);
      g_string_append (writer->out, "://#");
      return;
    }

  while (head < tail && strchr ("([{<,;=:", word[head]) != NULL && !(word[head] == ':' && head + 1 < tail && word[head + 1] == ':'))
    head++;
  while (tail > head && strchr (")]}>,;:.!?", word[tail - 1]) != NULL && !(word[tail - 1] == ':' && tail - 1 > head && word[tail - 2] == ':'))
    tail--;
  g_string_append_len (writer->out, word, (gssize) head);
  word += head;
  length -= head;
  tail -= head;

  if ((is_status (word, tail) && ((first && !last) || keeps_number)))
    g_string_append_len (writer->out, word, (gssize) tail);
  else if (is_mailbox (word, tail) || is_path (word, tail) || is_ipv6 (word, tail))
    put_mark (writer->out);
  else
    put_digits_out (writer, word, tail);
  g_string_append_len (writer->out, word + tail, (gssize) (length - tail));

  writer->keeps_number = ends_with (word, tail, "status") || ends_with (word, tail, "code") || ends_with (word, tail, "http") ||
                         (tail < length && (ends_with (word, tail, "error") || ends_with (word, tail, "exception")));
}

/* Where the quotation that begins at @text ends, if it is one of a value; NULL: what it says belongs to the cause. */
static const char *
find_value_end (const char *text,
                const char *end)
{
  char quote = *text;
  const char *to = memchr (text + 1, quote, (gsize) (end - text) - 1);
  gboolean odd = FALSE;

  if (to == NULL || to == text + 1)
    return NULL;
  for (const char *at = text + 1; at < to; at++)
    odd = odd || g_ascii_isdigit (*at) || g_ascii_isspace (*at) || *at == '@' || *at == '/' || *at == '\\';

  return odd || to - text > 24 ? to : NULL;
}

static const char *
find_end_of_word (const char *text,
                  const char *end)
{
  while (text < end && !g_ascii_isspace (*text) && *text != '"' && *text != '`')
    {
      /* An apostrophe inside of a word is none of a quotation. */
      if (*text == '\'' && (text + 1 == end || !is_word (text[1])))
        break;
      text++;
    }

  return text;
}

/**
 * cb_failure_cause_dup:
 * @error: what a job failed with: a message, or a message and where it happened; any bytes
 * @length: in bytes; -1: up to the NUL
 *
 * Returns: (transfer full): one line of valid UTF-8, the same for all failures that differ only by the values they were about; ""
 *   when @error says nothing
 */
char *
cb_failure_cause_dup (const char *error,
                      gssize      length)
{
  g_autofree char *line = NULL;
  const char *text, *end;
  Writer writer = { g_string_new (NULL), FALSE };
  gboolean first = TRUE;

  g_return_val_if_fail (error != NULL || length == 0, NULL);

  if (length < 0)
    length = (gssize) strlen (error);
  while (length > 0 && g_ascii_isspace (*error))
    {
      error++;
      length--;
    }
  line = g_utf8_make_valid (error != NULL ? error : "", MIN (length, MOST_READ));
  text = line;
  end = text + strcspn (text, "\r\n");

  while (text < end && writer.out->len < CB_FAILURE_CAUSE_MOST)
    {
      const char *to;

      if (g_ascii_isspace (*text))
        {
          while (text < end && g_ascii_isspace (*text))
            text++;
          if (text < end)
            g_string_append_c (writer.out, ' ');
          continue;
        }
      if ((*text == '"' || *text == '\'' || *text == '`') && (to = find_value_end (text, end)) != NULL)
        {
          g_string_append_printf (writer.out, "%c#%c", *text, *text);
          text = to + 1;
          writer.keeps_number = FALSE;
        }
      else if (*text == '"' || *text == '\'' || *text == '`')
        {
          g_string_append_c (writer.out, *text++);
        }
      else
        {
          to = find_end_of_word (text, end);
          /* An apostrophe that begins nothing. */
          to = MAX (to, text + 1);
          put_word (&writer, text, (gsize) (to - text), first, to == end);
          text = to;
        }
      first = FALSE;
    }

  if (writer.out->len > CB_FAILURE_CAUSE_MOST)
    {
      const char *cut = g_utf8_find_prev_char (writer.out->str, writer.out->str + CB_FAILURE_CAUSE_MOST + 1);

      g_string_truncate (writer.out, (gsize) (cut - writer.out->str));
    }
  while (writer.out->len > 0 && writer.out->str[writer.out->len - 1] == ' ')
    g_string_truncate (writer.out, writer.out->len - 1);
  /* Control characters are nothing to tell causes by. */
  for (gsize i = 0; i < writer.out->len; i++)
    {
      if ((guchar) writer.out->str[i] < 0x20 || writer.out->str[i] == 0x7f)
        writer.out->str[i] = ' ';
    }

  return g_string_free (writer.out, FALSE);
}
