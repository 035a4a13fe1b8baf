/* cb-json-writer.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json.h"

#include <math.h>
#include <string.h>

#include "cb-json-scanner.h"

struct _CbJsonWriter
{
  GString  *out;
  gboolean  need_comma;    /* a value of the same level stands before */
};

/**
 * cb_json_writer_new:
 *
 * Returns: (transfer full): a writer of JSON without white space, as JSON.stringify() has it. It is up to the caller that
 * what is begun is ended, and that a value in an object has a name.
 */
CbJsonWriter *
cb_json_writer_new (void)
{
  CbJsonWriter *self = g_new0 (CbJsonWriter, 1);

  self->out = g_string_new (NULL);

  return self;
}

void
cb_json_writer_free (CbJsonWriter *self)
{
  if (self == NULL)
    return;

  g_string_free (self->out, TRUE);
  g_free (self);
}

static void
before_value (CbJsonWriter *self)
{
  if (self->need_comma)
    g_string_append_c (self->out, ',');
  self->need_comma = TRUE;
}

static void
begin (CbJsonWriter *self,
       char          bracket)
{
  before_value (self);
  g_string_append_c (self->out, bracket);
  self->need_comma = FALSE;
}

static void
end (CbJsonWriter *self,
     char          bracket)
{
  g_string_append_c (self->out, bracket);
  self->need_comma = TRUE;
}

void
cb_json_writer_begin_object (CbJsonWriter *self)
{
  begin (self, '{');
}

void
cb_json_writer_end_object (CbJsonWriter *self)
{
  end (self, '}');
}

void
cb_json_writer_begin_array (CbJsonWriter *self)
{
  begin (self, '[');
}

void
cb_json_writer_end_array (CbJsonWriter *self)
{
  end (self, ']');
}

/* @text is valid UTF-8; only what JSON.stringify() escapes is escaped. */
static void
append_string (GString    *out,
               const char *text,
               gsize       length)
{
  g_string_append_c (out, '"');
  for (const char *p = text; p < text + length; p++)
    {
      switch (*p)
        {
        case '"': g_string_append (out, "\\\""); break;
        case '\\': g_string_append (out, "\\\\"); break;
        case '\b': g_string_append (out, "\\b"); break;
        case '\f': g_string_append (out, "\\f"); break;
        case '\n': g_string_append (out, "\\n"); break;
        case '\r': g_string_append (out, "\\r"); break;
        case '\t': g_string_append (out, "\\t"); break;
        default:
          if ((guchar) *p < 0x20)
            g_string_append_printf (out, "\\u%04x", (guchar) *p);
          else
            g_string_append_c (out, *p);
          break;
        }
    }
  g_string_append_c (out, '"');
}

/* Unlike g_utf8_validate(), takes NUL for the character that it is. */
static gboolean
is_utf8 (const char *text,
         gsize       length)
{
  const char *bad, *end = text + length;

  while (!g_utf8_validate_len (text, end - text, &bad))
    {
      if (bad == end || *bad != 0)
        return FALSE;
      text = bad + 1;
    }

  return TRUE;
}

void
cb_json_writer_name (CbJsonWriter *self,
                     const char   *name)
{
  before_value (self);
  if (is_utf8 (name, strlen (name)))
    {
      append_string (self->out, name, strlen (name));
    }
  else
    {
      g_autofree char *shown = cb_text_display (name, -1, FALSE);

      append_string (self->out, shown, strlen (shown));
    }
  g_string_append_c (self->out, ':');
  self->need_comma = FALSE;
}

/**
 * cb_json_writer_string:
 * @length: in bytes; -1 when @text ends with NUL
 *
 * Any bytes: text as a string, what is no UTF-8 as `{"base64":"…"}`, so that nothing is lost.
 */
void
cb_json_writer_string (CbJsonWriter *self,
                       const char   *text,
                       gssize        length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  before_value (self);
  if (is_utf8 (text, size))
    {
      append_string (self->out, text, size);
    }
  else
    {
      g_autofree char *base64 = g_base64_encode ((const guchar *) text, size);

      g_string_append_printf (self->out, "{\"base64\":\"%s\"}", base64);
    }
}

void
cb_json_writer_int (CbJsonWriter *self,
                    gint64        number)
{
  before_value (self);
  g_string_append_printf (self->out, "%" G_GINT64_FORMAT, number);
}

/**
 * cb_json_writer_double:
 *
 * In the shortest form that reads back as the same number; what JSON has no word for (infinity, no number) as `null`.
 * Independent of the locale.
 */
void
cb_json_writer_double (CbJsonWriter *self,
                       double        number)
{
  static const char *formats[] = { "%.15g", "%.16g", "%.17g" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      cb_json_writer_null (self);
      return;
    }

  before_value (self);
  if (fabs (number) < 1e15 && number == trunc (number))
    {
      g_string_append_printf (self->out, "%" G_GINT64_FORMAT, (gint64) number);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (text, sizeof text, formats[i], number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  g_string_append (self->out, text);
}

void
cb_json_writer_boolean (CbJsonWriter *self,
                        gboolean      value)
{
  before_value (self);
  g_string_append (self->out, value ? "true" : "false");
}

void
cb_json_writer_null (CbJsonWriter *self)
{
  before_value (self);
  g_string_append (self->out, "null");
}

/**
 * cb_json_writer_raw:
 * @length: in bytes; -1 when @text ends with NUL
 *
 * A value that is JSON already: only white space outside of its strings is taken out. What is no JSON becomes a string.
 */
void
cb_json_writer_raw (CbJsonWriter *self,
                    const char   *text,
                    gssize        length)
{
  g_autofree char *compact = NULL;

  if (!cb_json_check (text, length, NULL))
    {
      cb_json_writer_string (self, text, length);
      return;
    }

  before_value (self);
  compact = cb_json_compact (text, length);
  g_string_append (self->out, compact);
}

/**
 * cb_json_writer_steal:
 *
 * Returns: (transfer full): what was written since the last call
 */
char *
cb_json_writer_steal (CbJsonWriter *self)
{
  char *text = g_string_free (self->out, FALSE);

  self->out = g_string_new (NULL);
  self->need_comma = FALSE;

  return text;
}
