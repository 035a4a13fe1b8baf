/* cb-message-filter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-filter.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  guchar *bytes;    /* (owned) in small letters */
  gsize length;
  gboolean absent;  /* must not be there */
  gsize skip[256];  /* Horspool: how far to go on from what stands under the last byte */
} Word;

struct _CbMessageFilter
{
  GPtrArray *words; /* (owned) (element-type Word) */
  CbMessageFilterFunc func; /* (nullable) in place of words */
  gpointer user_data;       /* (owned) */
  GDestroyNotify destroy;   /* (nullable) */
};

static void
word_free (gpointer data)
{
  Word *word = data;

  g_free (word->bytes);
  g_free (word);
}

static Word *
word_new (GByteArray *bytes,
          gboolean    absent)
{
  Word *word = g_new (Word, 1);

  word->length = bytes->len;
  word->absent = absent;
  word->bytes = g_memdup2 (bytes->data, bytes->len);
  for (gsize i = 0; i < word->length; i++)
    word->bytes[i] = (guchar) g_ascii_tolower ((char) word->bytes[i]);
  for (guint c = 0; c < 256; c++)
    word->skip[c] = word->length;
  for (gsize i = 0; i + 1 < word->length; i++)
    {
      word->skip[word->bytes[i]] = word->length - 1 - i;
      word->skip[(guchar) g_ascii_toupper ((char) word->bytes[i])] = word->length - 1 - i;
    }
  return word;
}

static gboolean
word_is_in (const Word    *word,
            const CbValue *value)
{
  gsize size, last = word->length - 1;
  const guchar *data = (const guchar *) cb_value_get_string (value, &size);

  if (data == NULL || size < word->length)
    return FALSE;

  for (gsize at = 0; at <= size - word->length; at += word->skip[data[at + last]])
    {
      gsize i = last;

      while ((guchar) g_ascii_tolower ((char) data[at + i]) == word->bytes[i])
        {
          if (i == 0)
            return TRUE;
          i--;
        }
    }
  return FALSE;
}

/* Reads an escape behind its backslash; moves @text behind it. */
static gboolean
take_escape (const char **text,
             GByteArray  *bytes,
             GError     **error)
{
  const char *p = *text;
  guint8 byte;

  switch (*p)
    {
    case 'n':
      byte = '\n';
      break;
    case 'r':
      byte = '\r';
      break;
    case 't':
      byte = '\t';
      break;
    case '\\':
    case '"':
      byte = (guint8) *p;
      break;
    case 'x':
      if (g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]))
        {
          byte = (guint8) (g_ascii_xdigit_value (p[1]) * 16 + g_ascii_xdigit_value (p[2]));
          p += 2;
          break;
        }
      G_GNUC_FALLTHROUGH;
    default:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _("After a backslash there must be xNN, n, r, t, a backslash or a quote."));
      return FALSE;
    }
  g_byte_array_append (bytes, &byte, 1);
  *text = p + 1;
  return TRUE;
}

/**
 * cb_message_filter_new:
 * @text: what a person typed
 * @error: return location for an error
 *
 * Errors: %G_IO_ERROR_INVALID_ARGUMENT when an escape or a quote is not complete.
 *
 * Returns: (transfer full) (nullable): the filter; without a word, everything matches it
 */
CbMessageFilter *
cb_message_filter_new (const char *text,
                       GError    **error)
{
  g_autoptr (CbMessageFilter) self = g_new0 (CbMessageFilter, 1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  self->words = g_ptr_array_new_with_free_func (word_free);
  while (TRUE)
    {
      gboolean absent, quoted = FALSE;

      while (g_ascii_isspace (*text))
        text++;
      if (*text == '\0')
        return g_steal_pointer (&self);

      absent = text[0] == '-' && text[1] != '\0' && !g_ascii_isspace (text[1]);
      text += absent;
      g_byte_array_set_size (bytes, 0);
      while (*text != '\0' && (quoted || !g_ascii_isspace (*text)))
        {
          if (*text == '\\')
            {
              text++;
              if (!take_escape (&text, bytes, error))
                return NULL;
              continue;
            }
          if (*text == '"')
            quoted = !quoted;
          else
            g_byte_array_append (bytes, (const guint8 *) text, 1);
          text++;
        }
      if (quoted)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("A quote is missing at the end."));
          return NULL;
        }
      if (bytes->len > 0)
        g_ptr_array_add (self->words, word_new (bytes, absent));
    }
}

CbMessageFilter *
cb_message_filter_new_func (CbMessageFilterFunc func,
                            gpointer            user_data,
                            GDestroyNotify      destroy)
{
  CbMessageFilter *self = g_new0 (CbMessageFilter, 1);

  self->words = g_ptr_array_new_with_free_func (word_free);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return self;
}

void
cb_message_filter_free (CbMessageFilter *self)
{
  if (self == NULL)
    return;
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_ptr_array_unref (self->words);
  g_free (self);
}

/* Costs less than one look at each byte for each word. */
gboolean
cb_message_filter_matches (CbMessageFilter *self,
                           const CbValue   *channel,
                           const CbValue   *payload)
{
  if (self->func != NULL)
    return self->func (channel, payload, self->user_data);

  for (guint i = 0; i < self->words->len; i++)
    {
      const Word *word = g_ptr_array_index (self->words, i);

      if ((word_is_in (word, channel) || word_is_in (word, payload)) == word->absent)
        return FALSE;
    }
  return TRUE;
}
