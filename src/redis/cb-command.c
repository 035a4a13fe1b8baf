/* cb-command.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-command.h"

#include <math.h>
#include <string.h>

#include "cb-command-private.h"

/*
 * The arguments stand one behind the other in one block of bytes, each followed by a NUL, and beside it where
 * each begins and how long it is: two allocations, however many arguments a command has.
 *
 * The name and the SHA of a script are not among them: which of EVALSHA and EVAL is sent is known only then.
 */
typedef struct
{
  gsize offset;
  gsize length;
} Argument;

struct _CbCommand
{
  GString *bytes;    /* (owned) */
  GArray *arguments; /* (owned) (element-type Argument) */
  CbScript *script;  /* (unowned) (nullable) */
  int timeout_msec;
  gboolean repeatable;
  int ref_count;
};

/* For a script, the name and the SHA come before the arguments that are kept. */
#define N_SCRIPT_HEAD 2

static CbCommand *
command_new (void)
{
  CbCommand *self = g_new0 (CbCommand, 1);

  self->ref_count = 1;
  self->bytes = g_string_sized_new (64);
  self->arguments = g_array_sized_new (FALSE, FALSE, sizeof (Argument), 4);
  return self;
}

static void
write_argument (GByteArray    *output,
                gconstpointer  data,
                gsize          length)
{
  char head[32];
  char *at = head + sizeof head;
  gsize rest = length;
  guint start;
  guint8 *to;

  /* By hand, as a worker writes thousands of them a second. */
  *--at = '\n';
  *--at = '\r';
  do
    *--at = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  *--at = '$';

  start = output->len;
  g_byte_array_set_size (output, (guint) (start + (head + sizeof head - at) + length + 2));
  to = output->data + start;
  memcpy (to, at, (gsize) (head + sizeof head - at));
  to += head + sizeof head - at;
  if (length > 0)
    memcpy (to, data, length);
  memcpy (to + length, "\r\n", 2);
}

/**
 * cb_command_new:
 * @name: the command, such as `HGETALL`
 * @...: further arguments that are C strings, then %NULL
 *
 * Returns: (transfer full): the command
 */
CbCommand *
cb_command_new (const char *name,
                ...)
{
  CbCommand *self;
  const char *argument;
  va_list arguments;

  g_return_val_if_fail (name != NULL, NULL);

  self = command_new ();
  cb_command_add (self, name);

  va_start (arguments, name);
  while ((argument = va_arg (arguments, const char *)) != NULL)
    cb_command_add (self, argument);
  va_end (arguments);

  return self;
}

/**
 * cb_command_new_script:
 * @script: the script to run
 * @n_keys: the number of @keys
 * @keys: (array length=n_keys) (nullable): what the script reads as KEYS
 *
 * Makes a call of a script. What is added to it, the script reads as ARGV.
 *
 * Returns: (transfer full): the command
 */
CbCommand *
cb_command_new_script (CbScript           *script,
                       guint               n_keys,
                       const char * const *keys)
{
  CbCommand *self;

  g_return_val_if_fail (script != NULL, NULL);
  g_return_val_if_fail (n_keys == 0 || keys != NULL, NULL);

  self = command_new ();
  self->script = script;
  cb_command_add_int (self, n_keys);
  for (guint i = 0; i < n_keys; i++)
    cb_command_add (self, keys[i]);
  return self;
}

/**
 * cb_command_new_script_bytes:
 * @script: the script to run
 * @n_keys: the number of @keys
 * @keys: (array length=n_keys): what the script reads as KEYS, any bytes
 *
 * Returns: (transfer full): the command
 */
CbCommand *
cb_command_new_script_bytes (CbScript       *script,
                             guint           n_keys,
                             GBytes * const *keys)
{
  CbCommand *self = cb_command_new_script (script, 0, NULL);

  g_array_set_size (self->arguments, 0);
  g_string_truncate (self->bytes, 0);
  cb_command_add_int (self, n_keys);
  for (guint i = 0; i < n_keys; i++)
    cb_command_add_gbytes (self, keys[i]);
  return self;
}

void
cb_command_free (CbCommand *self)
{
  g_return_if_fail (self != NULL);

  if (--self->ref_count > 0)
    return;
  g_string_free (self->bytes, TRUE);
  g_array_unref (self->arguments);
  g_free (self);
}

/* To send it once more: it is not to be changed any more. cb_command_free() lets go of it. */
CbCommand *
cb_command_ref (CbCommand *self)
{
  self->ref_count++;
  return self;
}

/**
 * cb_command_add:
 * @self: a command
 * @argument: a C string
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_add (CbCommand  *self,
                const char *argument)
{
  g_return_val_if_fail (argument != NULL, self);
  return cb_command_add_bytes (self, argument, strlen (argument));
}

/**
 * cb_command_add_bytes:
 * @self: a command
 * @data: (array length=length) (nullable): any bytes, which are copied
 * @length: how many
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_add_bytes (CbCommand     *self,
                      gconstpointer  data,
                      gsize          length)
{
  Argument argument;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (data != NULL || length == 0, self);

  argument.offset = self->bytes->len;
  argument.length = length;
  if (length > 0)
    g_string_append_len (self->bytes, data, length);
  g_string_append_c (self->bytes, '\0');
  g_array_append_val (self->arguments, argument);
  return self;
}

/**
 * cb_command_add_gbytes:
 * @self: a command
 * @bytes: any bytes, which are copied
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_add_gbytes (CbCommand *self,
                       GBytes    *bytes)
{
  gconstpointer data;
  gsize length;

  g_return_val_if_fail (bytes != NULL, self);

  data = g_bytes_get_data (bytes, &length);
  return cb_command_add_bytes (self, data, length);
}

CbCommand *
cb_command_add_int (CbCommand *self,
                    gint64     number)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, number);
  return cb_command_add (self, text);
}

/**
 * cb_command_add_double:
 * @self: a command
 * @number: a finite number, or an infinity, which Redis writes `inf`
 *
 * Adds the shortest text that reads as exactly this number, with a dot whatever the locale.
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_add_double (CbCommand *self,
                       double     number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* Whole numbers, times above all, are kept readable: 1700000000000 and not 1.7e+12. */
  if (number == floor (number) && fabs (number) < 9007199254740992.0)
    return cb_command_add_int (self, (gint64) number);

  for (int digits = 1; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  return cb_command_add (self, text);
}

/**
 * cb_command_set_repeatable:
 * @self: a command
 *
 * Says that running it twice is as good as once: everything that only reads, and writes that leave the same
 * state. Such a command waits for the next connection, up to its time-out, and is sent again when the
 * connection was lost before its reply.
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_set_repeatable (CbCommand *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  self->repeatable = TRUE;
  return self;
}

/**
 * cb_command_set_timeout:
 * @self: a command
 * @timeout_msec: milliseconds; 0 for that of the connection, -1 for none
 *
 * A command that blocks on purpose (BLPOP) needs -1 or more than it blocks. While one without a time-out is
 * out, its connection sends no keep-alive, so it should have a connection of its own.
 *
 * Returns: (transfer none): @self
 */
CbCommand *
cb_command_set_timeout (CbCommand *self,
                        int        timeout_msec)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (timeout_msec >= -1, self);
  self->timeout_msec = timeout_msec;
  return self;
}

/**
 * cb_command_get_name:
 * @self: a command
 *
 * Returns: its first argument; `EVALSHA` for a script
 */
const char *
cb_command_get_name (CbCommand *self)
{
  return cb_command_get_argument (self, 0, NULL);
}

/**
 * cb_command_get_n_arguments:
 * @self: a command
 *
 * Returns: the number of arguments, the name of the command being the first
 */
guint
cb_command_get_n_arguments (CbCommand *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->arguments->len + (self->script != NULL ? N_SCRIPT_HEAD : 0);
}

/**
 * cb_command_get_argument:
 * @self: a command
 * @index: which, 0 being the name of the command
 * @length: (out) (optional): its length in bytes
 *
 * For a script, 0 is `EVALSHA`, 1 the SHA, 2 the number of keys.
 *
 * Returns: (transfer none): the bytes, with a NUL behind them that does not count
 */
const char *
cb_command_get_argument (CbCommand *self,
                         guint      index,
                         gsize     *length)
{
  const Argument *argument;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < cb_command_get_n_arguments (self), NULL);

  if (self->script != NULL && index < N_SCRIPT_HEAD)
    {
      const char *head = index == 0 ? "EVALSHA" : cb_script_get_sha (self->script);

      if (length != NULL)
        *length = strlen (head);
      return head;
    }

  if (self->script != NULL)
    index -= N_SCRIPT_HEAD;
  argument = &g_array_index (self->arguments, Argument, index);
  if (length != NULL)
    *length = argument->length;
  return self->bytes->str + argument->offset;
}

CbScript *
cb_command_get_script (CbCommand *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->script;
}

gboolean
cb_command_get_repeatable (CbCommand *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->repeatable;
}

int
cb_command_get_timeout (CbCommand *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->timeout_msec;
}

/*
 * Writes the command in the Redis protocol behind what @output has. A script goes as EVALSHA, or with
 * @whole_script as EVAL with its source, and with @read_only as those of their forms in which it can't write.
 */
void
cb_command_write (CbCommand  *self,
                  gboolean    whole_script,
                  gboolean    read_only,
                  GByteArray *output)
{
  char head[32];
  int n = g_snprintf (head, sizeof head, "*%u\r\n", cb_command_get_n_arguments (self));

  g_byte_array_append (output, (const guint8 *) head, n);

  if (self->script != NULL)
    {
      const char *name = whole_script ? (read_only ? "EVAL_RO" : "EVAL") : (read_only ? "EVALSHA_RO" : "EVALSHA");
      const char *which = whole_script ? cb_script_get_source (self->script) : cb_script_get_sha (self->script);

      write_argument (output, name, strlen (name));
      write_argument (output, which, strlen (which));
    }

  for (guint i = 0; i < self->arguments->len; i++)
    {
      const Argument *argument = &g_array_index (self->arguments, Argument, i);

      write_argument (output, self->bytes->str + argument->offset, argument->length);
    }
}

/* What it is called in messages: never more than the name, as arguments may be secret. */
const char *
cb_command_get_display_name (CbCommand *self)
{
  return self->script != NULL ? cb_script_get_name (self->script) : cb_command_get_name (self);
}
