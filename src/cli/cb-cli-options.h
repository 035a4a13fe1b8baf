/* cb-cli-options.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Options and arguments of a command. Not GOption, for four reasons: an argument is bytes (a key or a message need
 * not be UTF-8, in whatever locale), a number may be negative where a word is expected (`job priority 7 -5`), an
 * option may take several words (`--block A B`), and what is wrong is said with the name of the option and its range.
 */
typedef enum
{
  CB_OPTION_FLAG,
  CB_OPTION_TEXT,      /* any bytes; the last one counts */
  CB_OPTION_LIST,      /* any bytes; each occurrence adds one */
  CB_OPTION_MANY,      /* any bytes; each occurrence adds every word up to the next option */
  CB_OPTION_NUMBER,    /* a decimal integer within bounds */
} CbOptionKind;

typedef struct
{
  const char   *name;       /* without the dashes */
  CbOptionKind  kind;
  const char   *argument;   /* (nullable) what stands for the value in a help text: "MS" */
  const char   *summary;    /* untranslated, N_() */
  gint64        minimum;    /* only numbers */
  gint64        maximum;
} CbOption;

typedef struct _CbArguments CbArguments;

CbArguments        *cb_arguments_new        (void);
void                cb_arguments_free       (CbArguments           *self);

/* Reads words from @words on; both tables end with a NULL name. Returns how many words were taken, -1 on an error. */
int                 cb_arguments_parse      (CbArguments           *self,
                                             const char * const    *words,
                                             const CbOption        *options,
                                             const CbOption        *more_options,
                                             int                    max_words,
                                             gboolean               rest_is_words,
                                             GError               **error);

gboolean            cb_arguments_has        (CbArguments           *self,
                                             const char            *name);
const char         *cb_arguments_get_text   (CbArguments           *self,
                                             const char            *name);
gint64              cb_arguments_get_number (CbArguments           *self,
                                             const char            *name,
                                             gint64                 fallback);
const char * const *cb_arguments_get_list   (CbArguments           *self,
                                             const char            *name);

guint               cb_arguments_get_length (CbArguments           *self);
const char         *cb_arguments_get_word   (CbArguments           *self,
                                             guint                  index);
const char * const *cb_arguments_get_words  (CbArguments           *self,
                                             guint                  from);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbArguments, cb_arguments_free)

G_END_DECLS
