/* cb-kue-finding.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"

/*
 * What scripts/diagnose.lua answers becomes findings here: facts become a sentence, commands become lines.
 */

enum
{
  PART_KIND,
  PART_ID,
  PART_TYPE,
  PART_KEY,
  PART_MARK,
  PART_FACTS,
  PART_COMMANDS,
};

/* Of a command with very many words (as many tokens as there are jobs) only so many are written. */
#define MAX_WORDS 20

static char *
dup_text (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL ? g_strndup (text, length) : NULL;
}

static char *
dup_display (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL ? cb_json_excerpt (text, length, 200) : g_strdup ("");
}

/* A word as redis-cli takes it: in quotes where that is needed, any byte. */
static void
append_word (GString       *line,
             const CbValue *value)
{
  gsize length;
  const char *word = cb_value_get_string (value, &length);
  gboolean plain = length > 0;

  for (gsize i = 0; i < length && plain; i++)
    plain = g_ascii_isgraph (word[i]) && strchr ("\"'\\", word[i]) == NULL;
  if (line->len > 0 && line->str[line->len - 1] != '\n')
    g_string_append_c (line, ' ');
  if (plain)
    {
      g_string_append_len (line, word, length);
      return;
    }

  g_string_append_c (line, '"');
  for (gsize i = 0; i < length; i++)
    {
      const char *end = word + length;
      gunichar c = (guchar) word[i] >= 0x80 ? g_utf8_get_char_validated (word + i, end - word - i) : 0;

      if (word[i] == '"' || word[i] == '\\')
        g_string_append_printf (line, "\\%c", word[i]);
      else if (g_ascii_isprint (word[i]))
        g_string_append_c (line, word[i]);
      else if (c != 0 && c != (gunichar) -1 && c != (gunichar) -2 && g_unichar_isprint (c))
        {
          g_string_append_unichar (line, c);
          i += g_unichar_to_utf8 (c, NULL) - 1;
        }
      else
        g_string_append_printf (line, "\\x%02x", (guchar) word[i]);
    }
  g_string_append_c (line, '"');
}

static char *
format_commands (const CbValue *commands)
{
  guint n = cb_value_get_length (commands);
  GString *text;

  if (n == 0)
    return NULL;

  text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      const CbValue *command = cb_value_get_element (commands, i);
      guint n_words = cb_value_get_length (command);

      if (i > 0)
        g_string_append_c (text, '\n');
      for (guint j = 0; j < MIN (n_words, MAX_WORDS); j++)
        append_word (text, cb_value_get_element (command, j));
      if (n_words > MAX_WORDS)
        g_string_append_printf (text, _(" … (%u words)"), n_words);
    }

  return g_string_free (text, FALSE);
}

static char *
format_age (double msec)
{
  double seconds = msec / 1000;

  if (seconds < 120)
    return g_strdup_printf (_("%.0f s"), seconds);
  if (seconds < 2 * 3600)
    return g_strdup_printf (_("%.0f min"), seconds / 60);
  if (seconds < 2 * 86400)
    return g_strdup_printf (_("%.0f h"), seconds / 3600);
  return g_strdup_printf (_("%.0f days"), seconds / 86400);
}

static double
get_number (const CbValue *facts,
            guint          index)
{
  double number = 0;

  cb_value_get_double (cb_value_get_element (facts, index), &number);
  return number;
}

static char *
describe_scores (const CbValue *facts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i + 2 < cb_value_get_length (facts); i += 3)
    {
      g_autofree char *key = dup_display (cb_value_get_element (facts, i));
      g_autofree char *is = dup_display (cb_value_get_element (facts, i + 1));
      g_autofree char *should = dup_display (cb_value_get_element (facts, i + 2));

      if (i > 0)
        g_string_append (text, "; ");
      /* Translators: a key of Redis and two scores */
      g_string_append_printf (text, _("its score in %s is %s, where %s belongs"), key, is, should);
    }

  return g_string_free (text, FALSE);
}

static char *
describe_suspect (const char    *worker,
                  const CbValue *facts,
                  gint64         now)
{
  g_autofree char *age = format_age (now - get_number (facts, 1));
  g_autofree char *late = format_age (get_number (facts, 2));

  if (*worker == '\0')
    worker = _("an unknown worker");

  if (get_number (facts, 2) > 0)
    return g_strdup_printf (_("%s runs it and keeps no lease; the time it may take was over %s ago, and the last sign of life is %s old"),
                            worker, late, age);
  return g_strdup_printf (_("%s runs it and keeps no lease; the last sign of life is %s old"), worker, age);
}

static char *
describe (CbFinding     *finding,
          const CbValue *facts,
          gint64         now)
{
  g_autofree char *a = dup_display (cb_value_get_element (facts, 0));
  g_autofree char *b = dup_display (cb_value_get_element (facts, 1));

  switch (finding->kind)
    {
    case CB_FINDING_PHANTOM:
      return g_strdup_printf (_("there is no job of that number, but it stands in %s"), a);
    case CB_FINDING_ENTRY:
      return g_strdup_printf (_("the entry “%s” is not the number of a job"), a);
    case CB_FINDING_SPELLING:
      return g_strdup_printf (_("it is written as “%s” in a list, where Kue writes its length in two digits before it (%s times)"), a, b);
    case CB_FINDING_LOST:
      return g_strdup_printf (_("it waits, but is missing from %s, from which workers take: one died between taking and starting it"), b);
    case CB_FINDING_UNINDEXED:
      return g_strdup_printf (_("its state is %s, but it is missing from %s"), a, b);
    case CB_FINDING_STATES:
      return g_strdup_printf (_("its state is %s, but it also stands in %s"), a, b);
    case CB_FINDING_STATELESS:
      if (*a != 0)
        return g_strdup_printf (_("it names no state, and stands in the lists of %s"), a);
      return g_strdup (_("it names no state and is in no list: its creation was cut short"));
    case CB_FINDING_UNTYPED:
      return g_strdup (_("it has data but no type, so that nobody can run it; Kue deletes it when it reads it"));
    case CB_FINDING_ZOMBIE:
      return g_strdup (_("it has neither type nor data: written by a worker after the job was removed, or a creation that was cut short"));
    case CB_FINDING_SCORE:
      return describe_scores (facts);
    case CB_FINDING_PRIORITY:
      if (*a == 0)
        return g_strdup_printf (_("it has no priority, so that Kue can’t put it into any list; it is taken for %s"), b);
      return g_strdup_printf (_("its priority “%s” is no number, so that Kue can’t put it into any list; it is taken for %s"), a, b);
    case CB_FINDING_JSON:
      if (finding->repair != NULL)
        return g_strdup_printf (_("its field %s is not JSON: a Kue worker takes the job and drops it. The repair fails it and keeps what is there"), a);
      if (finding->harmless)
        return g_strdup_printf (_("its field %s is not JSON, so that Kue can’t show the job; as it has ended, nothing waits for it"), a);
      return g_strdup_printf (_("its field %s is not JSON, so that Kue can’t read the job"), a);
    case CB_FINDING_LOG:
      return g_strdup_printf (ngettext ("a log of %s line is left of a job that is gone",
                                        "a log of %s lines is left of a job that is gone", (gulong) g_ascii_strtoull (a, NULL, 10)), a);
    case CB_FINDING_DEAD:
      {
        g_autofree char *age = format_age (get_number (facts, 1));

        return g_strdup_printf (_("the lease of its worker %s ended %s ago"), a, age);
      }
    case CB_FINDING_SUSPECT:
      return describe_suspect (a, facts, now);
    case CB_FINDING_TYPE:
      return g_strdup_printf (_("job %s is of this type, which is missing from the list of types: Kue’s pages don’t show it"), a);
    case CB_FINDING_TOKENS:
      return g_strdup_printf (_("%s jobs wait and there are %s wake-ups: some wait until another job comes"), b, a);
    case CB_FINDING_SURPLUS:
      return g_strdup_printf (_("%s jobs wait and there are %s wake-ups: harmless, but workers wake for nothing"), b, a);
    case CB_FINDING_KEY:
      /* Translators: a key of Redis, and two types of keys, as in "string" and "hash" */
      return g_strdup_printf (_("%s is a %s, where Kue keeps a %s: whoever needs it fails. Move it away if it is somebody else’s, else delete it"),
                              finding->key, a, b);
    case CB_N_FINDINGS:
    default:
      return NULL;
    }
}

/* What is told without being a fault: Kue leaves wake-ups behind at a shutdown and wherever a waiting job goes, and what can't be parsed of
 * a job that has ended is in nobody's way. */
static gboolean
is_harmless (const CbFinding *finding,
             const CbValue   *facts)
{
  const CbValue *state = cb_value_get_element (facts, 1);

  return finding->kind == CB_FINDING_SURPLUS ||
         (finding->kind == CB_FINDING_JSON && finding->repair == NULL &&
          (cb_value_equal_string (state, "complete") || cb_value_equal_string (state, "failed")));
}

/**
 * cb_kue_finding_new:
 * @value: what diagnose.lua gives for it
 * @subject: (element-type GBytes): what it was asked about; referenced
 *
 * Returns: (transfer full) (nullable): %NULL when the answer makes no sense
 */
CbFinding *
cb_kue_finding_new (const CbValue *value,
                    GPtrArray     *subject,
                    gint64         now)
{
  const CbValue *key = cb_value_get_element (value, PART_KEY);
  CbFinding *finding;
  guint kind;

  for (kind = 0; kind < CB_N_FINDINGS; kind++)
    {
      if (cb_value_equal_string (cb_value_get_element (value, PART_KIND), cb_finding_kind_word (kind)))
        break;
    }
  if (kind == CB_N_FINDINGS || cb_value_get_string (key, NULL) == NULL ||
      cb_value_get_string (cb_value_get_element (value, PART_MARK), NULL) == NULL)
    return NULL;

  finding = cb_finding_new (kind);
  finding->id = dup_text (cb_value_get_element (value, PART_ID));
  finding->queue = dup_text (cb_value_get_element (value, PART_TYPE));
  finding->key = dup_display (key);
  finding->place = cb_value_dup_bytes (key);
  finding->mark = cb_value_dup_bytes (cb_value_get_element (value, PART_MARK));
  finding->subject = g_ptr_array_ref (subject);
  finding->repair = format_commands (cb_value_get_element (value, PART_COMMANDS));
  finding->harmless = is_harmless (finding, cb_value_get_element (value, PART_FACTS));
  finding->evidence = describe (finding, cb_value_get_element (value, PART_FACTS), now);

  return finding;
}
