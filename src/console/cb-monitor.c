/* cb-monitor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-monitor.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-console-line.h"
#include "cb-console-link.h"

#define CONNECT_MSEC 5000
#define CLIENT_NAME "callboard-monitor"
/* What is kept of one line: arguments may have hundreds of megabytes. */
#define MOST_LINE (256 * 1024)

struct _CbMonitor
{
  GObject parent_instance;

  CbConnection *connection;    /* (owned) of the window: for the address */
  CbMessageList *messages;     /* (owned) */
  CbConsoleLink *link;         /* (owned) (nullable) */
  CbMonitorState state;
  guint n_steps;               /* replies that come before the lines */
  char *problem;               /* (owned) (nullable) */
  guint tick_id;
  guint64 n_before;            /* received, at the last tick */
  gint64 tick_time;            /* µs, monotonic */
  double rate;
  gint64 least_delay;          /* µs: the clock of this computer before that of the server, and the way */
  gsize late;                  /* bytes of the last lines, as far back as all were too late */
};

G_DEFINE_FINAL_TYPE (CbMonitor, cb_monitor, G_TYPE_OBJECT)

static guint changed_signal;

/* --- a line --- */

static gboolean
parse_digits (const char **text, const char *end, gint64 *number)
{
  const char *c = *text;

  *number = 0;
  while (c < end && g_ascii_isdigit (*c) && c - *text < 18)
    *number = *number * 10 + (*c++ - '0');
  if (c == *text)
    return FALSE;
  *text = c;
  return TRUE;
}

/* "[0 127.0.0.1:60866]", without the brackets. */
static gboolean
parse_client (const char *text, gsize length, CbMonitorLine *line)
{
  const char *c = text;
  gint64 db;

  if (!parse_digits (&c, text + length, &db) || db > G_MAXINT || c == text + length || *c != ' ')
    return FALSE;
  line->db = (guint) db;
  line->client = c + 1;
  line->client_length = (gsize) (text + length - c - 1);
  return TRUE;
}

/**
 * cb_monitor_line_parse:
 * @text: what came, without its plus sign and line break; any bytes
 * @length: of it
 * @line: (out): parts of @text
 *
 * Source: https://redis.io/docs/latest/commands/monitor/
 *
 * Returns: whether it is a line of MONITOR
 */
gboolean
cb_monitor_line_parse (const char *text, gsize length, CbMonitorLine *line)
{
  const char *c = text, *end = text + length;
  const char *close;
  gint64 seconds, usec;

  if (!parse_digits (&c, end, &seconds) || seconds > G_MAXINT64 / G_USEC_PER_SEC || c == end || *c++ != '.' || !parse_digits (&c, end, &usec) ||
      usec >= G_USEC_PER_SEC || end - c < 3 || c[0] != ' ' || c[1] != '[')
    return FALSE;
  c += 2;
  /* The path of a socket may have a bracket in it. */
  for (close = memchr (c, ']', (gsize) (end - c)); close != NULL; close = memchr (close + 1, ']', (gsize) (end - close - 1)))
    if (end - close >= 3 && close[1] == ' ' && close[2] == '"')
      break;
  if (close == NULL || !parse_client (c, (gsize) (close - c), line))
    return FALSE;
  line->time = seconds * G_USEC_PER_SEC + usec;
  line->words = close + 2;
  line->words_length = (gsize) (end - line->words);
  return TRUE;
}

gboolean
cb_monitor_heard_split (const CbHeard *heard, CbMonitorLine *line)
{
  const char *channel;
  gsize length;

  if (heard->reply == NULL)
    return FALSE;
  channel = cb_value_get_string (cb_message_reply_get_channel (heard->reply, heard->kind), &length);
  line->words = cb_value_get_string (cb_message_reply_get_payload (heard->reply, heard->kind), &line->words_length);
  line->time = heard->time;
  return channel != NULL && line->words != NULL && parse_client (channel, length, line);
}

void
cb_monitor_line_write (GString *out, const CbHeard *heard)
{
  CbMonitorLine line;

  if (!cb_monitor_heard_split (heard, &line))
    return;
  g_string_append_printf (out, "%" G_GINT64_FORMAT ".%06d [%u ", line.time / G_USEC_PER_SEC, (int) (line.time % G_USEC_PER_SEC), line.db);
  g_string_append_len (out, line.client, (gssize) line.client_length);
  g_string_append (out, "] ");
  g_string_append_len (out, line.words, (gssize) line.words_length);
  g_string_append_c (out, '\n');
}

/* --- what is looked for --- */

typedef struct
{
  GPtrArray *commands; /* (owned) (element-type GPatternSpec) none for all */
  char *argument;      /* (owned) (nullable) */
  char *client;        /* (owned) (nullable) */
  char *db;            /* (owned) (nullable) with the blank behind it */
} Filter;

static void
filter_free (gpointer data)
{
  Filter *filter = data;

  g_ptr_array_unref (filter->commands);
  g_free (filter->argument);
  g_free (filter->client);
  g_free (filter->db);
  g_free (filter);
}

static gboolean
has_part (const char *text, gsize length, const char *part)
{
  gsize n = strlen (part);

  for (gsize i = 0; i + n <= length; i++)
    if (g_ascii_strncasecmp (text + i, part, n) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_command (Filter *filter, const char *words, gsize length)
{
  const char *end = length > 1 ? memchr (words + 1, '"', length - 1) : NULL;
  char name[64];
  gsize n;

  if (filter->commands->len == 0)
    return TRUE;
  if (end == NULL)
    return FALSE;
  n = MIN ((gsize) (end - words - 1), sizeof name - 1);
  for (gsize i = 0; i < n; i++)
    name[i] = g_ascii_tolower (words[1 + i]);
  name[n] = '\0';
  for (guint i = 0; i < filter->commands->len; i++)
    if (g_pattern_spec_match_string (g_ptr_array_index (filter->commands, i), name))
      return TRUE;
  return FALSE;
}

static gboolean
matches (const CbValue *channel, const CbValue *payload, gpointer data)
{
  Filter *filter = data;
  gsize channel_length, length;
  const char *client = cb_value_get_string (channel, &channel_length);
  const char *words = cb_value_get_string (payload, &length);
  const char *arguments;

  if (client == NULL || words == NULL || !is_command (filter, words, length))
    return FALSE;
  if (filter->db != NULL && !g_str_has_prefix (client, filter->db))
    return FALSE;
  if (filter->client != NULL && !has_part (client, channel_length, filter->client))
    return FALSE;
  if (filter->argument == NULL)
    return TRUE;
  arguments = length > 1 ? memchr (words + 1, '"', length - 1) : NULL;
  return arguments != NULL && has_part (arguments + 1, (gsize) (words + length - arguments - 1), filter->argument);
}

static char *
dup_stripped (const char *text)
{
  char *stripped = text != NULL ? g_strstrip (g_strdup (text)) : NULL;

  if (stripped != NULL && *stripped == '\0')
    g_clear_pointer (&stripped, g_free);
  return stripped;
}

CbMessageFilter *
cb_monitor_filter_new (const char *command, const char *argument, const char *client, const char *db)
{
  Filter *filter = g_new0 (Filter, 1);
  g_autofree char *number = dup_stripped (db);
  g_auto (GStrv) names = g_strsplit_set (command != NULL ? command : "", " ,\t", -1);

  filter->commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_pattern_spec_free);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *lower = g_ascii_strdown (names[i], -1);

      if (*lower != '\0')
        g_ptr_array_add (filter->commands, g_pattern_spec_new (lower));
    }
  filter->argument = dup_stripped (argument);
  filter->client = dup_stripped (client);
  filter->db = number != NULL ? g_strconcat (number, " ", NULL) : NULL;
  if (filter->commands->len == 0 && filter->argument == NULL && filter->client == NULL && filter->db == NULL)
    {
      filter_free (filter);
      return NULL;
    }
  return cb_message_filter_new_func (matches, filter, filter_free);
}

/* --- what comes --- */

static void
end (CbMonitor *self, const char *problem)
{
  if (self->link != NULL)
    cb_console_link_close (self->link);
  g_clear_pointer (&self->link, cb_console_link_unref);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  self->rate = 0;
  self->state = CB_MONITOR_STOPPED;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_signal_emit (self, changed_signal, 0);
}

/* The server keeps what we have not read, without a bound. */
static void
check_lag (CbMonitor *self, gint64 time, gsize length)
{
  gint64 delay = g_get_real_time () - time;

  self->least_delay = MIN (self->least_delay, delay);
  self->late = delay - self->least_delay > CB_MONITOR_MOST_LAG_USEC ? self->late + length : 0;
  if (self->late > CB_MONITOR_MOST_LATE_BYTES)
    end (self, _("It was ended, as the server does more than can be read here: what waits would fill its memory."));
}

static void
take_line (CbMonitor *self, CbResp *reply)
{
  gsize length;
  const char *text = cb_resp_get_bytes (reply, &length);
  CbMonitorLine line;
  g_autoptr (CbReply) message = NULL;
  g_autofree char *cut = NULL;
  const char *parts[3];
  gsize lengths[3] = { 0 };

  if (text == NULL || !cb_monitor_line_parse (text, length, &line))
    return;
  parts[0] = "";
  /* "0 127.0.0.1:60866" as it stands in the line. */
  lengths[1] = line.client_length + 1;
  for (parts[1] = line.client - 1; g_ascii_isdigit (parts[1][-1]); lengths[1]++)
    parts[1]--;
  parts[2] = line.words;
  lengths[2] = line.words_length;
  if (cb_resp_get_length (reply) > length)
    {
      cut = g_strdup_printf ("%.*s…", (int) line.words_length, line.words);
      parts[2] = cut;
      lengths[2] = strlen (cut);
    }
  message = cb_reply_new_strings (parts, lengths, G_N_ELEMENTS (parts));
  cb_message_list_take_message (self->messages, CB_TOPIC_CHANNEL, message, line.time);
  check_lag (self, line.time, cb_resp_get_length (reply));
}

static gboolean
tick_cb (gpointer data)
{
  CbMonitor *self = data;
  CbMessageCounts counts;
  gint64 now = g_get_monotonic_time ();

  cb_message_list_get_counts (self->messages, &counts);
  if (now > self->tick_time && counts.received >= self->n_before)
    self->rate = (double) (counts.received - self->n_before) * G_USEC_PER_SEC / (double) (now - self->tick_time);
  self->tick_time = now;
  self->n_before = counts.received;
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_CONTINUE;
}

static void
link_connected_cb (gpointer data)
{
}

static void
link_reply_cb (CbResp *reply, gpointer data)
{
  g_autoptr (CbResp) owned = reply;
  CbMonitor *self = data;
  gsize length;
  const char *text;

  if (self->state == CB_MONITOR_RUNNING)
    {
      take_line (self, reply);
      return;
    }
  /* AUTH, CLIENT SETNAME, MONITOR: who may not have a name is not refused for that. */
  self->n_steps--;
  if (cb_resp_get_kind (reply) == CB_RESP_ERROR && self->n_steps != 1)
    {
      g_autofree char *shown = NULL;
      g_autofree char *problem = NULL;

      text = cb_resp_get_bytes (reply, &length);
      shown = g_utf8_make_valid (text, (gssize) MIN (length, 500));
      /* Translators: what the server says */
      problem = g_strdup_printf (_("The server refuses it: %s"), shown);
      end (self, problem);
      return;
    }
  if (self->n_steps > 0)
    return;
  self->state = CB_MONITOR_RUNNING;
  self->least_delay = G_MAXINT64;
  self->late = 0;
  self->n_before = 0;
  self->tick_time = g_get_monotonic_time ();
  self->tick_id = g_timeout_add_seconds (1, tick_cb, self);
  cb_console_link_set_patient (self->link, TRUE);
  tick_cb (self);
}

static void
link_closed_cb (const GError *error, gpointer data)
{
  end (data, error->message);
}

static const CbConsoleLinkFuncs link_funcs = { link_connected_cb, link_reply_cb, link_closed_cb };

/**
 * cb_monitor_start:
 * @self: a monitor
 *
 * Connects and sends MONITOR; what becomes of it is told by `changed`. Does nothing where it runs.
 */
void
cb_monitor_start (CbMonitor *self)
{
  CbAddress *address;
  const char *user, *password;

  g_return_if_fail (CB_IS_MONITOR (self));

  if (self->state != CB_MONITOR_STOPPED)
    return;

  address = cb_connection_get_address (self->connection);
  user = cb_address_get_user (address);
  password = cb_address_get_password (address);
  g_clear_pointer (&self->problem, g_free);
  self->state = CB_MONITOR_STARTING;
  self->n_steps = 2;
  self->link = cb_console_link_new (address, CONNECT_MSEC, &link_funcs, self);
  cb_console_link_set_most (self->link, MOST_LINE);
  if (user != NULL)
    cb_console_link_send_words (self->link, "AUTH", user, password != NULL ? password : "", NULL);
  else if (password != NULL)
    cb_console_link_send_words (self->link, "AUTH", password, NULL);
  self->n_steps += user != NULL || password != NULL;
  cb_console_link_send_words (self->link, "CLIENT", "SETNAME", CLIENT_NAME, NULL);
  cb_console_link_send_words (self->link, "MONITOR", NULL);
  g_signal_emit (self, changed_signal, 0);
}

void
cb_monitor_stop (CbMonitor *self)
{
  g_return_if_fail (CB_IS_MONITOR (self));

  if (self->state != CB_MONITOR_STOPPED)
    end (self, NULL);
}

/* --- object --- */

static void
cb_monitor_dispose (GObject *object)
{
  CbMonitor *self = CB_MONITOR (object);

  if (self->link != NULL)
    cb_console_link_close (self->link);
  g_clear_pointer (&self->link, cb_console_link_unref);
  g_clear_handle_id (&self->tick_id, g_source_remove);

  G_OBJECT_CLASS (cb_monitor_parent_class)->dispose (object);
}

static void
cb_monitor_finalize (GObject *object)
{
  CbMonitor *self = CB_MONITOR (object);

  g_object_unref (self->connection);
  g_object_unref (self->messages);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_monitor_parent_class)->finalize (object);
}

static void
cb_monitor_class_init (CbMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_monitor_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_monitor_finalize;
  changed_signal = g_signal_new ("changed", CB_TYPE_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_monitor_init (CbMonitor *self)
{
  self->messages = cb_message_list_new ();
}

CbMonitor *
cb_monitor_new (CbConnection *connection)
{
  CbMonitor *self = g_object_new (CB_TYPE_MONITOR, NULL);

  self->connection = g_object_ref (connection);
  return self;
}

CbMonitorState
cb_monitor_get_state (CbMonitor *self)
{
  g_return_val_if_fail (CB_IS_MONITOR (self), CB_MONITOR_STOPPED);
  return self->state;
}

const char *
cb_monitor_get_problem (CbMonitor *self)
{
  g_return_val_if_fail (CB_IS_MONITOR (self), NULL);
  return self->problem;
}

CbMessageList *
cb_monitor_get_messages (CbMonitor *self)
{
  g_return_val_if_fail (CB_IS_MONITOR (self), NULL);
  return self->messages;
}

double
cb_monitor_get_rate (CbMonitor *self)
{
  g_return_val_if_fail (CB_IS_MONITOR (self), 0);
  return self->rate;
}
