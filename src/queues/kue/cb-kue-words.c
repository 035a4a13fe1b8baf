/* cb-kue-words.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Kue has its index made by reds 0.2.5 (lib/reds.js), which takes the words of a text, leaves out stop words, reduces the
 * others to their stems (natural 0.2.1, stemmers/porter_stemmer.js) and those to how they sound (phonetics/metaphone.js). To
 * find anything there, the words that are looked for must become the same codes, with all the particularities of those two:
 * this is no place for a better stemmer. Rules that are regular expressions there are the same ones here.
 */

#include "config.h"

#include "cb-kue-words.h"

#include <string.h>

/* A search asks for so many words at most; a text that is longer is not what a person looks for. */
#define MAX_WORDS 64
/* And so much of a text is kept in the index: whoever has more words in one job does not find it by them. */
#define MAX_INDEXED_WORDS 5000
#define MAX_INDEXED_BYTES (512 * 1024)

static const char * const stop_words[] = {
  "about", "after", "all", "also", "am", "an", "and", "another", "any", "are", "as", "at", "be", "because",
  "been", "before", "being", "between", "both", "but", "by", "came", "can", "come", "could", "did", "do",
  "each", "for", "from", "get", "got", "has", "had", "he", "have", "her", "here", "him", "himself", "his",
  "how", "if", "in", "into", "is", "it", "like", "make", "many", "me", "might", "more", "most", "much", "must",
  "my", "never", "now", "of", "on", "only", "or", "other", "our", "out", "over", "said", "same", "see",
  "should", "since", "some", "still", "such", "take", "than", "that", "the", "their", "them", "then", "there",
  "these", "they", "this", "those", "through", "to", "too", "under", "up", "very", "was", "way", "we", "well",
  "were", "what", "where", "which", "while", "who", "with", "would", "you", "your", "a", "b", "c", "d", "e",
  "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "$",
  "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "_",
  NULL
};

/* Replaces all of @pattern, which is compiled once; takes @text. Words for the index are made in other threads. */
static char *
replace (char       *text,
         const char *pattern,
         const char *replacement)
{
  static GHashTable *compiled;
  static GMutex mutex;
  g_autofree char *taken = text;
  GRegex *regex;

  g_mutex_lock (&mutex);
  if (compiled == NULL)
    compiled = g_hash_table_new (g_str_hash, g_str_equal);
  regex = g_hash_table_lookup (compiled, pattern);
  if (regex == NULL)
    {
      regex = g_regex_new (pattern, G_REGEX_OPTIMIZE | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
      g_assert (regex != NULL);
      g_hash_table_insert (compiled, (gpointer) pattern, regex);
    }
  g_mutex_unlock (&mutex);

  return g_regex_replace (regex, text, -1, 0, replacement, 0, NULL);
}

static gboolean
matches (const char *text,
         const char *pattern)
{
  return g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0);
}

/* --- stems --- */

/* Runs of consonants as C, runs of vowels as V. */
static char *
categorize_groups (const char *token)
{
  return replace (replace (replace (g_strdup (token), "[^aeiouy]+y", "CV"), "[aeiou]+", "V"), "[^V]+", "C");
}

static char *
categorize_chars (const char *token)
{
  return replace (replace (replace (g_strdup (token), "[^aeiouy]y", "CV"), "[aeiou]", "V"), "[^V]", "C");
}

/* How many times VC, without a C in front and a V behind; twice that, so that it is whole. -2: there is no token. */
static int
measure (const char *token)
{
  g_autofree char *groups = NULL;

  if (token == NULL || token[0] == '\0')
    return -2;

  groups = replace (replace (categorize_groups (token), "^C", ""), "V$", "");
  return (int) strlen (groups);
}

/* @token with another ending; NULL when it has not this one. */
static char *
with_ending (const char *token,
             const char *ending,
             const char *replacement)
{
  gsize length = strlen (token);

  if (!g_str_has_suffix (token, ending))
    return NULL;

  return g_strdup_printf ("%.*s%s", (int) (length - strlen (ending)), token, replacement);
}

typedef struct
{
  const char *ending;
  const char *replacement;
} Ending;

/* All that fit, one after the other, where what stands before the ending is long enough. */
static char *
replace_endings (char         *taken,
                 const Ending *endings,
                 gboolean      measured)
{
  g_autofree char *token = taken;
  char *result = g_strdup (token);

  for (; endings->ending != NULL; endings++)
    {
      g_autofree char *stem = with_ending (token, endings->ending, "");
      char *replaced;

      if (measured && measure (stem) <= 0)
        continue;
      replaced = with_ending (result, endings->ending, endings->replacement);
      if (replaced != NULL && replaced[0] != '\0')
        {
          g_free (result);
          result = replaced;
        }
      else
        g_free (replaced);
    }

  return result;
}

static char *
step_1a (char *token)
{
  gsize length = strlen (token);

  if (matches (token, "(ss|i)es$"))
    return replace (token, "(ss|i)es$", "\\1");
  if (length > 2 && token[length - 1] == 's' && token[length - 2] != 's')
    token[length - 1] = '\0';

  return token;
}

/* Behind a word from which `ed` or `ing` was taken; NULL: it is no such word. */
static char *
mend_stem (const char *stem)
{
  static const Ending endings[] = { { "at", "ate" }, { "bl", "ble" }, { "iz", "ize" }, { NULL } };
  g_autofree char *groups = categorize_groups (stem);
  g_autofree char *result = NULL;
  g_autofree char *chars = NULL;

  if (strchr (groups, 'V') == NULL)
    return NULL;

  result = replace_endings (g_strdup (stem), endings, FALSE);
  if (strcmp (result, stem) != 0)
    return g_steal_pointer (&result);
  if (matches (stem, "([^aeiou])\\1$") && matches (stem, "[^lsz]$"))
    return replace (g_strdup (stem), "([^aeiou])\\1$", "\\1");

  chars = categorize_chars (stem);
  if (measure (stem) == 2 && g_str_has_suffix (chars, "CVC") && matches (stem, "[^wxy]$"))
    return g_strconcat (stem, "e", NULL);

  return g_strdup (stem);
}

static char *
step_1b (char *token)
{
  gsize length = strlen (token);
  g_autofree char *stem = NULL;
  char *mended;

  if (g_str_has_suffix (token, "eed"))
    {
      stem = g_strndup (token, length - 3);
      if (measure (stem) > 0)
        token[length - 1] = '\0';
      return token;
    }

  stem = with_ending (token, "ed", "");
  if (stem == NULL)
    stem = with_ending (token, "ing", "");
  if (stem == NULL || stem[0] == '\0')
    return token;

  mended = mend_stem (stem);
  if (mended == NULL)
    return token;
  g_free (token);
  return mended;
}

static char *
step_1c (char *token)
{
  g_autofree char *groups = categorize_groups (token);
  gsize n_groups = strlen (groups);
  gsize length = strlen (token);

  if (n_groups > 0 && token[length - 1] == 'y' && memchr (groups, 'V', n_groups - 1) != NULL)
    token[length - 1] = 'i';

  return token;
}

static const Ending step_2[] = {
  { "ational", "ate" }, { "tional", "tion" }, { "enci", "ence" }, { "anci", "ance" }, { "izer", "ize" },
  { "abli", "able" }, { "bli", "ble" }, { "alli", "al" }, { "entli", "ent" }, { "eli", "e" }, { "ousli", "ous" },
  { "ization", "ize" }, { "ation", "ate" }, { "ator", "ate" }, { "alism", "al" }, { "iveness", "ive" },
  { "fulness", "ful" }, { "ousness", "ous" }, { "aliti", "al" }, { "iviti", "ive" }, { "biliti", "ble" },
  { "logi", "log" }, { NULL }
};

static const Ending step_3[] = {
  { "icate", "ic" }, { "ative", "" }, { "alize", "al" }, { "iciti", "ic" }, { "ical", "ic" }, { "ful", "" },
  { "ness", "" }, { NULL }
};

static char *
step_4 (char *token)
{
  static const char endings[] =
    "^(.+?)(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$";
  g_autofree char *shorter = NULL;

  if (matches (token, endings))
    {
      shorter = replace (g_strdup (token), endings, "\\1");
      if (measure (shorter) > 2)
        {
          g_free (token);
          return g_steal_pointer (&shorter);
        }
    }
  if (matches (token, "^(.+?)(s|t)(ion)$"))
    {
      g_free (shorter);
      shorter = replace (g_strdup (token), "^(.+?)(s|t)(ion)$", "\\1\\2");
      if (measure (shorter) > 2)
        {
          g_free (token);
          return g_steal_pointer (&shorter);
        }
    }

  return token;
}

static char *
step_5 (char *token)
{
  g_autofree char *without_e = replace (g_strdup (token), "e$", "");
  g_autofree char *chars = categorize_chars (token);
  gsize n_chars = strlen (chars);
  const char *end = chars + (n_chars >= 4 ? n_chars - 4 : 0);
  int m = measure (without_e);

  if (m > 2 || (m == 2 && !(strncmp (end, "CVC", 3) == 0 && matches (token, "[^wxy].$"))))
    token = replace (token, "e$", "");
  if (measure (token) > 2)
    token = replace (token, "ll$", "l");

  return token;
}

static char *
stem (const char *word)
{
  if (strlen (word) < 3)
    return g_strdup (word);

  return step_5 (step_4 (replace_endings (replace_endings (step_1c (step_1b (step_1a (g_ascii_strdown (word, -1)))),
                                                           step_2, TRUE),
                                          step_3, TRUE)));
}

/* --- sounds --- */

static char *
sound (const char *word)
{
  static const struct
  {
    const char *pattern;
    const char *replacement;
  } rules[] = {
    { "([^c])\\1", "\\1" },
    { "^(k(?=n)|g(?=n)|p(?=n)|a(?=e)|w(?=r))", "" },
    { "mb$", "m" },
    { "ck", "k" },
    { "([^s]|^)(c)(h)", "\\1x\\3" },
    { "cia", "xia" },
    { "c(i|e|y)", "s\\1" },
    { "c", "k" },
    { "d(ge|gy|gi)", "j\\1" },
    { "d", "t" },
    { "gh([^aeiou])", "h\\1" },
    { "g(n|ned)$", "\\1" },
    { "gh", "f" },
    { "([^g]|^)(g)(i|e|y)", "\\1j\\3" },
    { "gg", "g" },
    { "g", "k" },
    { "([aeiou])h([^aeiou]|$)", "\\1\\2" },
    { "ph", "f" },
    { "q", "k" },
    { "s(h|io|ia)", "x\\1" },
    { "^x", "s" },
    { "x", "ks" },
    { "t(ia|io)", "x\\1" },
    { "^((?:(?!th).)*)th", "\\g<1>0" },     /* only the first */
    { "tch", "ch" },
    { "v", "f" },
    { "^wh", "w" },
    { "w([^aeiou]|$)", "\\1" },
    { "y([^aeiou]|$)", "\\1" },
    { "^([^z]*)z", "\\1s" },                /* only the first */
    { "(?<!^)[aeiou]", "" },
  };
  char *code = g_ascii_strdown (word, -1);
  char *upper;

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    code = replace (code, rules[i].pattern, rules[i].replacement);

  upper = g_ascii_strup (code, -1);
  g_free (code);
  return upper;
}

/* The next word, which has to be freed, or NULL at the end. */
static char *
next_word (const char **text,
           const char  *end)
{
  while (*text < end)
    {
      const char *start = *text;

      while (*text < end && (g_ascii_isalnum (**text) || **text == '_'))
        (*text)++;
      if (*text > start)
        return g_strndup (start, MIN (*text - start, 256));
      (*text)++;
    }

  return NULL;
}

/**
 * cb_kue_words_encode:
 * @text: any text
 *
 * Returns: (transfer full): the codes, at most 64; empty when the text has no word, or only such as everything has
 */
GStrv
cb_kue_words_encode (const char *text)
{
  g_autoptr (GPtrArray) codes = g_ptr_array_new ();
  const char *end = text + strlen (text);
  char *word;

  while (codes->len < MAX_WORDS && (word = next_word (&text, end)) != NULL)
    {
      g_autofree char *taken = word;
      g_autofree char *stemmed = NULL;
      g_autofree char *code = NULL;

      if (g_strv_contains (stop_words, word))
        continue;
      stemmed = stem (word);
      code = sound (stemmed);
      if (!g_ptr_array_find_with_equal_func (codes, code, g_str_equal, NULL))
        g_ptr_array_add (codes, g_steal_pointer (&code));
    }

  g_ptr_array_add (codes, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&codes), FALSE);
}

/* What JavaScript takes for the index of an array: such names of an object come first, in their own order. */
static gboolean
is_index (const char *name,
          guint64    *number)
{
  return g_ascii_string_to_unsigned (name, 10, 0, G_MAXUINT32 - 1, number, NULL) && (name[0] != '0' || name[1] == 0);
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  guint64 x, y;
  gboolean x_is = is_index (*(const char * const *) a, &x), y_is = is_index (*(const char * const *) b, &y);

  if (x_is && y_is)
    return (x > y) - (x < y);
  return y_is - x_is;      /* the others as they came: the sort is a stable one */
}

/**
 * cb_kue_words_count:
 * @text: any bytes
 * @codes: (element-type utf8 guint): the code of each word, and how often it occurs; what it holds already is kept, but for
 *   the codes of this text
 *
 * What reds 0.2.5 puts into its index, Search.index() in lib/reds.js: words are counted by their stems, and where two stems
 * sound the same the number of the one that comes later stands. Of long texts only the beginning is looked at.
 */
void
cb_kue_words_count (const char *text,
                    gsize       length,
                    GHashTable *codes)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  const char *end = text + MIN (length, MAX_INDEXED_BYTES);
  char *word;

  while (order->len < MAX_INDEXED_WORDS && (word = next_word (&text, end)) != NULL)
    {
      g_autofree char *taken = word;
      char *stemmed;

      if (g_strv_contains (stop_words, word))
        continue;

      stemmed = g_hash_table_lookup (stems, word);
      if (stemmed == NULL)
        {
          g_autofree char *made = stem (word);

          if (!g_hash_table_lookup_extended (counts, made, (gpointer *) &stemmed, NULL))
            {
              stemmed = g_steal_pointer (&made);
              g_hash_table_insert (counts, stemmed, GUINT_TO_POINTER (0));
              g_ptr_array_add (order, stemmed);
            }
          g_hash_table_insert (stems, g_steal_pointer (&taken), stemmed);
        }
      /* Insert, which keeps the key that the others point to. */
      g_hash_table_insert (counts, g_strdup (stemmed), GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, stemmed)) + 1));
    }

  g_ptr_array_sort (order, compare_keys);
  for (guint i = 0; i < order->len; i++)
    {
      const char *stemmed = g_ptr_array_index (order, i);

      g_hash_table_replace (codes, sound (stemmed), g_hash_table_lookup (counts, stemmed));
    }
}
