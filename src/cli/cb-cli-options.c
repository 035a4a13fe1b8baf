/* cb-cli-options.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-options.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CbArguments
{
  GHashTable *values;     /* (owned) (element-type utf8 GPtrArray) of an option: its values, NULL-terminated */
  GPtrArray *words;       /* (owned) (element-type utf8) NULL-terminated */
};

static const CbOption *
find_option (const CbOption *options,
             const char *name,
             gsize length)
{
  for (const CbOption *option = options; option != NULL && option->name != NULL; option++)
    if (strlen (option->name) == length && strncmp (option->name, name, length) == 0)
      return option;

  return NULL;
}

/* A word that starts with a dash is an option, but a dash alone and a negative number are words. */
static gboolean
looks_like_option (const char *word)
{
  return word[0] == '-' && word[1] != '\0' && !g_ascii_isdigit (word[1]) && word[1] != '.';
}

static void
add_value (CbArguments *self,
           const CbOption *option,
           const char *value)
{
  GPtrArray *values = g_hash_table_lookup (self->values, option->name);

  if (values == NULL)
    {
      values = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (values, NULL);
      g_hash_table_insert (self->values, g_strdup (option->name), values);
    }

  if (option->kind != CB_OPTION_LIST && option->kind != CB_OPTION_MANY)
    g_ptr_array_set_size (values, 0);
  else
    g_ptr_array_set_size (values, values->len - 1);

  g_ptr_array_add (values, g_strdup (value));
  g_ptr_array_add (values, NULL);
}

static gboolean
check_value (const CbOption *option,
             const char *value,
             GError **error)
{
  g_autofree char *minimum = NULL;
  g_autofree char *maximum = NULL;
  gint64 number;

  if (option->kind != CB_OPTION_NUMBER)
    return TRUE;

  if (g_ascii_string_to_signed (value, 10, option->minimum, option->maximum, &number, NULL))
    return TRUE;

  /* Numbers as text: a format that a macro is part of can't be translated. */
  minimum = g_strdup_printf ("%" G_GINT64_FORMAT, option->minimum);
  maximum = g_strdup_printf ("%" G_GINT64_FORMAT, option->maximum);
  if (option->minimum == -G_MAXINT64)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _("--%s must be a whole number, not “%s”"), option->name, value);
  else if (option->maximum == G_MAXINT64)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _("--%s must be a whole number of at least %s, not “%s”"), option->name, minimum, value);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _("--%s must be a whole number from %s to %s, not “%s”"), option->name, minimum, maximum, value);
  return FALSE;
}

CbArguments *
cb_arguments_new (void)
{
  CbArguments *self = g_new0 (CbArguments, 1);

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->words = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->words, NULL);

  return self;
}

void
cb_arguments_free (CbArguments *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->values);
  g_ptr_array_unref (self->words);
  g_free (self);
}

/**
 * cb_arguments_parse:
 * @words: (array zero-terminated=1): what was typed
 * @options: (nullable): the options of the command
 * @more_options: (nullable): the options that every command has
 * @max_words: stop before the word after this many; -1 for all
 * @rest_is_words: after the first word everything is a word, also what looks like an option
 *
 * Adds what is read to what was read before, so that options may stand before and after a command.
 *
 * Returns: how many of @words were used, or -1 with a %G_OPTION_ERROR
 */
int
cb_arguments_parse (CbArguments *self,
                    const char * const *words,
                    const CbOption *options,
                    const CbOption *more_options,
                    int max_words,
                    gboolean rest_is_words,
                    GError **error)
{
  gboolean only_words = FALSE;
  int n_words = 0;
  int i;

  for (i = 0; words[i] != NULL; i++)
    {
      const char *word = words[i];
      const CbOption *option;
      const char *equals;
      const char *name;

      if (!only_words && strcmp (word, "--") == 0)
        {
          only_words = TRUE;
          continue;
        }

      if (only_words || !looks_like_option (word))
        {
          if (max_words >= 0 && n_words == max_words)
            return i;
          g_ptr_array_set_size (self->words, self->words->len - 1);
          g_ptr_array_add (self->words, g_strdup (word));
          g_ptr_array_add (self->words, NULL);
          n_words++;
          only_words = only_words || rest_is_words;
          continue;
        }

      name = g_str_has_prefix (word, "--") ? word + 2 : NULL;
      if (strcmp (word, "-h") == 0)
        name = "help";
      equals = name != NULL ? strchr (name, '=') : NULL;

      option = NULL;
      if (name != NULL)
        {
          gsize length = equals != NULL ? (gsize) (equals - name) : strlen (name);

          option = find_option (options, name, length);
          if (option == NULL)
            option = find_option (more_options, name, length);
        }
      if (option == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, _("There is no option %s"), word);
          return -1;
        }

      if (option->kind == CB_OPTION_FLAG)
        {
          if (equals != NULL)
            {
              g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("--%s takes no value"), option->name);
              return -1;
            }
          add_value (self, option, "");
          continue;
        }

      if (equals == NULL && words[i + 1] == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _("--%s needs a value (%s)"), option->name, option->argument);
          return -1;
        }

      {
        const char *value = equals != NULL ? equals + 1 : words[++i];

        if (!check_value (option, value, error))
          return -1;
        add_value (self, option, value);
      }

      if (option->kind == CB_OPTION_MANY && equals == NULL)
        while (words[i + 1] != NULL && !looks_like_option (words[i + 1]))
          add_value (self, option, words[++i]);
    }

  return i;
}

gboolean
cb_arguments_has (CbArguments *self,
                  const char *name)
{
  return g_hash_table_contains (self->values, name);
}

/* (nullable): not given */
const char *
cb_arguments_get_text (CbArguments *self,
                       const char *name)
{
  const char * const *values = cb_arguments_get_list (self, name);

  return values != NULL ? values[0] : NULL;
}

gint64
cb_arguments_get_number (CbArguments *self,
                         const char *name,
                         gint64 fallback)
{
  const char *text = cb_arguments_get_text (self, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/* (nullable) (array zero-terminated=1): not given */
const char * const *
cb_arguments_get_list (CbArguments *self,
                       const char *name)
{
  GPtrArray *values = g_hash_table_lookup (self->values, name);

  return values != NULL ? (const char * const *) values->pdata : NULL;
}

guint
cb_arguments_get_length (CbArguments *self)
{
  return self->words->len - 1;
}

/* (nullable): there are not so many */
const char *
cb_arguments_get_word (CbArguments *self,
                       guint index)
{
  return index + 1 < self->words->len ? g_ptr_array_index (self->words, index) : NULL;
}

/* (array zero-terminated=1): the words from the one at @from on, which may be none */
const char * const *
cb_arguments_get_words (CbArguments *self,
                        guint from)
{
  g_return_val_if_fail (from < self->words->len, NULL);

  return (const char * const *) self->words->pdata + from;
}
