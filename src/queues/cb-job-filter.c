/* cb-job-filter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-filter.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-failure-cause.h"
#include "cb-job-spec.h"
#include "cb-json-scanner.h"
#include "cb-json.h"
#include "cb-queue-error.h"

/* Nobody types more. */
#define MOST_TERMS 100

typedef enum
{
  FIELD_ANYWHERE,
  FIELD_TYPE,
  FIELD_STATE,
  FIELD_ID,
  FIELD_ERROR,
  FIELD_CAUSE,
  FIELD_WORKER,
  FIELD_DATA,
  FIELD_RESULT,
  FIELD_PRIORITY,
  FIELD_ATTEMPTS,
  FIELD_PROGRESS,
  FIELD_AGE,
  FIELD_IDLE,
  FIELD_DURATION,
  FIELD_DELAY,
} Field;

typedef enum
{
  KIND_TEXT,        /* : ~ */
  KIND_NUMBER,      /* : = < <= > >= */
  KIND_TIME,        /* < <= > >=, of durations */
  KIND_JSON,        /* all of them */
} Kind;

static const struct
{
  const char *name;
  Field       field;
  Kind        kind;
} fields[] = {
  { "type", FIELD_TYPE, KIND_TEXT },
  { "state", FIELD_STATE, KIND_TEXT },
  { "id", FIELD_ID, KIND_TEXT },
  { "error", FIELD_ERROR, KIND_TEXT },
  { "cause", FIELD_CAUSE, KIND_TEXT },
  { "worker", FIELD_WORKER, KIND_TEXT },
  { "data", FIELD_DATA, KIND_JSON },
  { "result", FIELD_RESULT, KIND_JSON },
  { "priority", FIELD_PRIORITY, KIND_NUMBER },
  { "attempts", FIELD_ATTEMPTS, KIND_NUMBER },
  { "progress", FIELD_PROGRESS, KIND_NUMBER },
  { "age", FIELD_AGE, KIND_TIME },
  { "idle", FIELD_IDLE, KIND_TIME },
  { "duration", FIELD_DURATION, KIND_TIME },
  { "delay", FIELD_DELAY, KIND_TIME },
};

typedef enum
{
  OP_IS,            /* with * for anything */
  OP_HAS,           /* a part of it, whatever the case */
  OP_EQUAL,
  OP_LESS,
  OP_AT_MOST,
  OP_MORE,
  OP_AT_LEAST,
} Op;

typedef struct
{
  gboolean  negated;
  Field     field;
  Op        op;
  GStrv     path;         /* (owned) (nullable) the members to go down in the data */
  char     *text;         /* (owned) (nullable) what to compare with */
  char     *folded;       /* (owned) (nullable) the same without upper case */
  double    number;       /* durations in µs */
} Term;

struct _CbJobFilter
{
  GPtrArray *terms;       /* (owned) (element-type Term) */
};

static void
term_free (Term *term)
{
  g_strfreev (term->path);
  g_free (term->text);
  g_free (term->folded);
  g_free (term);
}

CbJobFilter *
cb_job_filter_copy (CbJobFilter *self)
{
  CbJobFilter *copy = g_new0 (CbJobFilter, 1);

  *copy = *self;
  copy->terms = g_ptr_array_ref (self->terms); /* nobody changes them */

  return copy;
}

void
cb_job_filter_free (CbJobFilter *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->terms);
  g_free (self);
}

/* --- parsing --- */

typedef struct
{
  const char  *text;
  const char  *at;
  gsize       *where;      /* (nullable) */
  gsize       *length;     /* (nullable) */
  GError     **error;
} Parser;

static gboolean fail (Parser *parser, const char *from, const char *to, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (Parser     *parser,
      const char *from,
      const char *to,
      const char *format,
      ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  if (parser->where != NULL)
    *parser->where = from - parser->text;
  if (parser->length != NULL)
    *parser->length = to - from;
  g_set_error_literal (parser->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, message);

  return FALSE;
}

static gboolean
is_space (char c)
{
  return g_ascii_isspace (c);
}

/* A quoted text with \" and \\, or what goes on to the next white space. */
static char *
read_value (Parser *parser)
{
  const char *from = parser->at;
  GString *value;

  if (*from != '"')
    {
      while (*parser->at != 0 && !is_space (*parser->at))
        parser->at++;
      return g_strndup (from, parser->at - from);
    }

  value = g_string_new (NULL);
  for (parser->at++; *parser->at != '"'; parser->at++)
    {
      if (*parser->at == 0)
        {
          fail (parser, from, parser->at, _("The quotation mark is not closed"));
          g_string_free (value, TRUE);
          return NULL;
        }
      if (*parser->at == '\\' && (parser->at[1] == '"' || parser->at[1] == '\\'))
        parser->at++;
      g_string_append_c (value, *parser->at);
    }
  parser->at++;

  return g_string_free (value, FALSE);
}

static gboolean
parse_number (const char *text,
              double     *number)
{
  char *end;

  if (*text == 0 || strspn (text, "+-.0123456789eE") != strlen (text))
    return FALSE;
  *number = g_ascii_strtod (text, &end);

  return *end == 0 && isfinite (*number);
}

/* "90", "2h", "1h30m", "1.5d": in µs. */
static gboolean
parse_duration (const char *text,
                double     *usec)
{
  static const struct
  {
    const char *unit;
    double      usec;
  } units[] = {
    { "ms", 1e3 },
    { "min", 60e6 },
    { "m", 60e6 },
    { "s", 1e6 },
    { "h", 3600e6 },
    { "d", 86400e6 },
    { "w", 604800e6 },
  };

  *usec = 0;
  if (*text == 0)
    return FALSE;
  while (*text != 0)
    {
      gsize digits = strspn (text, "0123456789.");
      g_autofree char *number = g_strndup (text, digits);
      double value;
      guint i;

      if (digits == 0 || digits > 18 || !parse_number (number, &value))
        return FALSE;
      text += digits;
      for (i = 0; i < G_N_ELEMENTS (units); i++)
        {
          if (g_str_has_prefix (text, units[i].unit))
            break;
        }
      if (i == G_N_ELEMENTS (units))
        return FALSE;
      text += strlen (units[i].unit);
      *usec += value * units[i].usec;
    }

  return *usec < 1e18;
}

static gboolean
finish_term (Parser     *parser,
             Term       *term,
             Kind        kind,
             const char *name,
             const char *op,
             const char *from)
{
  g_autofree char *shown = cb_text_display (term->text, -1, TRUE);
  gboolean compares = term->op != OP_IS && term->op != OP_HAS;
  g_autoptr (GError) bad = NULL;

  if (*term->text == 0)
    return fail (parser, from, parser->at, _("What is “%s” to be? A value is missing behind “%s”"), name, op);

  switch (kind)
    {
    case KIND_TEXT:
      if (compares)
        return fail (parser, from, parser->at, _("“%s” is text: it goes with “:” or “~”, not with “%s”"), name, op);
      if ((term->field == FIELD_ERROR || term->field == FIELD_WORKER) && strcmp (term->text, "*") != 0)
        term->op = OP_HAS;
      break;

    case KIND_NUMBER:
      if (term->op == OP_HAS)
        return fail (parser, from, parser->at, _("“%s” is a number: it goes with “:”, “<” or “>”, not with “%s”"), name, op);
      if (term->op == OP_IS)
        term->op = OP_EQUAL;
      if (term->field == FIELD_PRIORITY ? !cb_job_priority_parse (term->text, &term->number, &bad)
                                        : !parse_number (term->text, &term->number))
        return fail (parser, from, parser->at, _("“%s” is a number, and “%s” is none"), name, shown);
      break;

    case KIND_TIME:
      if (!compares || term->op == OP_EQUAL)
        return fail (parser, from, parser->at, _("“%s” is a time: it goes with “<” or “>”, not with “%s”"), name, op);
      if (!parse_duration (term->text, &term->number))
        return fail (parser, from, parser->at, _("“%s” is a time like 90s, 2h or 1d12h, and “%s” is none"), name, shown);
      break;

    case KIND_JSON:
      if (compares && !parse_number (term->text, &term->number))
        return fail (parser, from, parser->at, _("“%s” compares numbers, and “%s” is none"), op, shown);
      if (term->path == NULL && compares)
        return fail (parser, from, parser->at, _("Which member? Write it behind a dot, like %s.size%s%s"), name, op, shown);
      if (term->path == NULL && strcmp (term->text, "*") != 0)
        term->op = OP_HAS;
      break;

    default:
      g_assert_not_reached ();
    }

  if (term->op == OP_HAS)
    term->folded = g_utf8_casefold (term->text, -1);

  return TRUE;
}

/* The field that a name means; -1 for none. */
static int
find_field (const char *name,
            GStrv      *path)
{
  const char *dot = strchr (name, '.');
  gsize length = dot != NULL ? (gsize) (dot - name) : strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (strlen (fields[i].name) != length || strncmp (fields[i].name, name, length) != 0)
        continue;
      if (dot != NULL && (fields[i].kind != KIND_JSON || dot[1] == 0))
        return -1;
      if (dot != NULL)
        *path = g_strsplit (dot + 1, ".", 32);
      return i;
    }

  return -1;
}

static gboolean
parse_term (Parser    *parser,
            GPtrArray *terms)
{
  static const struct
  {
    const char *word;
    Op          op;
  } ops[] = {
    { "<=", OP_AT_MOST }, { ">=", OP_AT_LEAST }, { "<", OP_LESS }, { ">", OP_MORE },
    { ":", OP_IS }, { "=", OP_IS }, { "~", OP_HAS },
  };
  Term *term = g_new0 (Term, 1);
  const char *from = parser->at;
  g_autofree char *name = NULL;
  gsize n;
  int found;
  guint i;

  g_ptr_array_add (terms, term);
  if (*parser->at == '-' && parser->at[1] != 0 && !is_space (parser->at[1]))
    {
      term->negated = TRUE;
      parser->at++;
    }

  n = strcspn (parser->at, "\"<>:=~ \t\n\r\f\v");
  for (i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      if (n > 0 && g_str_has_prefix (parser->at + n, ops[i].word))
        break;
    }
  if (i == G_N_ELEMENTS (ops))
    {
      /* A word. */
      term->field = FIELD_ANYWHERE;
      term->op = OP_HAS;
      term->text = read_value (parser);
      if (term->text == NULL)
        return FALSE;
      if (*parser->at != 0 && !is_space (*parser->at))
        return fail (parser, from, parser->at + 1, _("A space is missing behind the quotation mark"));
      if (*term->text == 0)
        return fail (parser, from, parser->at, _("There is nothing between the quotation marks"));
      term->folded = g_utf8_casefold (term->text, -1);
      return TRUE;
    }

  name = g_strndup (parser->at, n);
  found = find_field (name, &term->path);
  if (found < 0)
    {
      g_autofree char *shown = cb_text_display (name, -1, TRUE);

      return fail (parser, parser->at, parser->at + n,
                   _("“%s” is nothing that jobs have. There are type, state, id, error, cause, worker, data, result, priority, attempts, "
                     "progress, age, idle, duration and delay; text with “%s” in it goes into quotation marks"),
                   shown, ops[i].word);
    }
  parser->at += n + strlen (ops[i].word);
  term->field = fields[found].field;
  term->op = ops[i].op;
  term->text = read_value (parser);
  if (term->text == NULL)
    return FALSE;
  if (*parser->at != 0 && !is_space (*parser->at))
    return fail (parser, from, parser->at + 1, _("A space is missing behind the quotation mark"));

  return finish_term (parser, term, fields[found].kind, name, ops[i].word, from);
}

/**
 * cb_job_filter_parse:
 * @text: one line
 * @at: (out) (optional): where it is wrong, in bytes
 * @length: (out) (optional): how many bytes are meant
 *
 * Returns: (transfer full) (nullable): the filter
 */
CbJobFilter *
cb_job_filter_parse (const char  *text,
                     gsize       *at,
                     gsize       *length,
                     GError     **error)
{
  g_autoptr (CbJobFilter) self = g_new0 (CbJobFilter, 1);
  Parser parser = { text, text, at, length, error };
  const char *bad;

  g_return_val_if_fail (text != NULL, NULL);

  self->terms = g_ptr_array_new_with_free_func ((GDestroyNotify) term_free);
  if (!g_utf8_validate (text, -1, &bad))
    {
      fail (&parser, bad, bad + 1, _("This is no text in UTF-8"));
      return NULL;
    }

  for (;;)
    {
      while (is_space (*parser.at))
        parser.at++;
      if (*parser.at == 0)
        return g_steal_pointer (&self);
      if (self->terms->len == MOST_TERMS)
        {
          fail (&parser, parser.at, parser.at + strlen (parser.at), _("More than %d terms are too many"), MOST_TERMS);
          return NULL;
        }
      if (!parse_term (&parser, self->terms))
        return NULL;
    }
}

/* --- matching --- */

/* `*` stands for any bytes. Goes back only to the last star, so that it takes no longer than the lengths multiplied. */
static gboolean
is_like (const char *text,
         gsize       length,
         const char *pattern)
{
  const char *end = text + length, *star = NULL, *from = NULL;

  while (text < end)
    {
      if (*pattern == '*')
        {
          star = pattern++;
          from = text;
        }
      else if (*pattern != 0 && *pattern == *text)
        {
          pattern++;
          text++;
        }
      else if (star != NULL)
        {
          pattern = star + 1;
          text = ++from;
        }
      else
        {
          return FALSE;
        }
    }
  while (*pattern == '*')
    pattern++;

  return *pattern == 0;
}

static gboolean
has_ascii (const char *text,
           gsize       length,
           const char *folded)
{
  gsize n = strlen (folded);
  char lower = folded[0], upper = g_ascii_toupper (folded[0]);

  if (n > length)
    return FALSE;
  for (gsize i = 0; i <= length - n; i++)
    {
      if ((text[i] == lower || text[i] == upper) && g_ascii_strncasecmp (text + i, folded, n) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Whether the text has the part in it, whatever the case. */
static gboolean
has_part (const char *text,
          gsize       length,
          const char *folded)
{
  g_autofree char *valid = NULL;
  g_autofree char *all = NULL;

  if (text == NULL)
    return FALSE;
  if (g_str_is_ascii (folded))
    return has_ascii (text, length, folded);

  valid = g_utf8_make_valid (text, length);
  all = g_utf8_casefold (valid, -1);
  return strstr (all, folded) != NULL;
}

static gboolean
bytes_match (GBytes     *bytes,
             const Term *term)
{
  gsize length;
  const char *text;

  if (bytes == NULL)
    return FALSE;

  text = g_bytes_get_data (bytes, &length);
  if (term->op == OP_HAS)
    return has_part (text, length, term->folded);
  return is_like (text != NULL ? text : "", length, term->text);
}

static gboolean
string_matches (const char *text,
                const Term *term)
{
  if (text == NULL)
    return FALSE;
  if (term->op == OP_HAS)
    return has_part (text, strlen (text), term->folded);
  return is_like (text, strlen (text), term->text);
}

/* A cause is taken as it is written: a star in it is one of the error. */
static gboolean
cause_matches (GBytes     *error,
               const Term *term)
{
  g_autofree char *cause = NULL;
  gsize length = 0;
  const char *text;

  if (error == NULL)
    return FALSE;

  text = g_bytes_get_data (error, &length);
  cause = cb_failure_cause_dup (text, (gssize) length);
  if (term->op == OP_HAS)
    return has_part (cause, strlen (cause), term->folded);
  return strcmp (cause, term->text) == 0;
}

static gboolean
number_matches (double      number,
                const Term *term)
{
  switch (term->op)
    {
    case OP_EQUAL:
      return number == term->number;
    case OP_LESS:
      return number < term->number;
    case OP_AT_MOST:
      return number <= term->number;
    case OP_MORE:
      return number > term->number;
    case OP_AT_LEAST:
      return number >= term->number;
    case OP_IS:
    case OP_HAS:
    default:
      return FALSE;
    }
}

/* -1 is unknown, which is neither less nor more than anything. */
static gboolean
time_matches (gint64      usec,
              const Term *term)
{
  return usec >= 0 && number_matches ((double) usec, term);
}

static gboolean
json_matches (GBytes     *json,
              const Term *term)
{
  g_autoptr (GBytes) value = NULL;
  gsize length;
  const char *text;

  if (json == NULL || term->path == NULL)
    return bytes_match (json, term);

  value = g_bytes_ref (json);
  for (guint i = 0; term->path[i] != NULL; i++)
    {
      g_autoptr (GBytes) outer = g_steal_pointer (&value);

      text = g_bytes_get_data (outer, &length);
      value = text != NULL ? cb_json_dup_member (text, length, term->path[i]) : NULL;
      if (value == NULL)
        return FALSE;
    }

  text = g_bytes_get_data (value, &length);
  if (text == NULL || length == 0)
    return FALSE;
  if (term->op != OP_IS && term->op != OP_HAS)
    {
      g_autofree char *digits = g_strndup (text, MIN (length, 400));
      double number;

      return parse_number (digits, &number) && number_matches (number, term);
    }
  if (text[0] == '"')
    {
      g_autofree char *decoded = cb_json_decode_string (text, length, G_MAXSIZE, NULL);

      return string_matches (decoded, term);
    }

  return bytes_match (value, term);
}

static gboolean
term_matches (const Term  *term,
              CbJobRecord *record,
              gint64       now)
{
  switch (term->field)
    {
    case FIELD_ANYWHERE:
      return bytes_match (record->data, term) || bytes_match (record->error, term) || string_matches (record->queue, term) ||
             g_strcmp0 (record->id, term->text) == 0;
    case FIELD_TYPE:
      return string_matches (record->queue, term);
    case FIELD_STATE:
      return string_matches (record->state, term);
    case FIELD_ID:
      return string_matches (record->id, term);
    case FIELD_ERROR:
      return bytes_match (record->error, term);
    case FIELD_CAUSE:
      return cause_matches (record->error, term);
    case FIELD_WORKER:
      return string_matches (record->worker, term);
    case FIELD_DATA:
      return json_matches (record->data, term);
    case FIELD_RESULT:
      return json_matches (record->result, term);
    case FIELD_PRIORITY:
      return number_matches (record->priority, term);
    case FIELD_ATTEMPTS:
      return number_matches (MAX (record->attempts_made, 0), term);
    case FIELD_PROGRESS:
      return number_matches (MAX (record->progress, 0), term);
    case FIELD_AGE:
      return record->created_at >= 0 && time_matches (MAX (now - record->created_at, 0), term);
    case FIELD_IDLE:
      return record->updated_at >= 0 && time_matches (MAX (now - record->updated_at, 0), term);
    case FIELD_DURATION:
      return time_matches (record->duration, term);
    case FIELD_DELAY:
      return time_matches (record->delay, term);
    default:
      g_assert_not_reached ();
    }
}

/**
 * cb_job_filter_matches:
 *
 * Whether a job is meant. What is missing in it matches nothing, so that it passes only where a term is turned round.
 */
gboolean
cb_job_filter_matches (CbJobFilter *self,
                       CbJobRecord *record,
                       gint64       now)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (record != NULL, FALSE);

  for (guint i = 0; i < self->terms->len; i++)
    {
      const Term *term = g_ptr_array_index (self->terms, i);

      if (term_matches (term, record, now) == term->negated)
        return FALSE;
    }

  return TRUE;
}

gboolean
cb_job_filter_is_empty (CbJobFilter *self)
{
  return self->terms->len == 0;
}

static const char *
get_only (CbJobFilter *self,
          Field        field)
{
  for (guint i = 0; i < self->terms->len; i++)
    {
      const Term *term = g_ptr_array_index (self->terms, i);

      if (term->field == field && term->op == OP_IS && !term->negated && strchr (term->text, '*') == NULL)
        return term->text;
    }

  return NULL;
}

/**
 * cb_job_filter_get_queue:
 *
 * Returns: (transfer none) (nullable): the one type
 */
const char *
cb_job_filter_get_queue (CbJobFilter *self)
{
  return get_only (self, FIELD_TYPE);
}

/**
 * cb_job_filter_get_state:
 *
 * Returns: (transfer none) (nullable): the one state
 */
const char *
cb_job_filter_get_state (CbJobFilter *self)
{
  return get_only (self, FIELD_STATE);
}
