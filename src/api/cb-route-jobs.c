/* cb-route-jobs.c: ranges of jobs
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Kue cuts the window out of the set in the order of its scores, and sorts what is in it by id; `desc` turns that list
 * round, it does not begin at the other end. Clients page by it, so that is done here as well. Ids without a job are left
 * out, as there, but not deleted.
 *
 * A set of a million is read page by page, and only the text of the answer is kept; beyond a bound there is no answer but the
 * advice to ask for less.
 */

#include "config.h"

#include "cb-api-job.h"
#include "cb-api-routes.h"

#include <string.h>

#define PORTION 500
#define MAX_ANSWER (64 * 1024 * 1024)

typedef struct
{
  char *id;       /* (owned) */
  char *json;     /* (owned) */
} Item;

typedef struct
{
  CbApiRequest *request;   /* (owned) */
  const char *queue;       /* (nullable) */
  const char *state;       /* (nullable) */
  gint64 from;             /* positions as asked for until the length is known */
  gint64 to;
  gboolean descending;
  GArray *items;           /* (owned) of Item */
  GPtrArray *unread;       /* (owned) (element-type utf8) ids of jobs of the page that are too long for a page */
  gint64 total;
  gsize size;
} Range;

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_free (item->id);
  g_free (item->json);
}

static void
range_free (Range *range)
{
  cb_api_request_unref (range->request);
  g_array_unref (range->items);
  g_ptr_array_unref (range->unread);
  g_free (range);
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const char *id_a = ((const Item *) a)->id;
  const char *id_b = ((const Item *) b)->id;
  Range *range = user_data;
  gsize length_a = strlen (id_a), length_b = strlen (id_b);
  int order = length_a != length_b ? (length_a < length_b ? -1 : 1) : strcmp (id_a, id_b);

  return range->descending ? -order : order;
}

static void
reply (Range *range)
{
  GString *text = g_string_sized_new (range->size + range->items->len + 2);
  gsize length;

  g_array_sort_with_data (range->items, compare_ids, range);

  g_string_append_c (text, '[');
  for (guint i = 0; i < range->items->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      g_string_append (text, g_array_index (range->items, Item, i).json);
    }
  g_string_append_c (text, ']');

  length = text->len;
  cb_api_request_reply_text (range->request, SOUP_STATUS_OK, "application/json; charset=utf-8",
                             g_string_free (text, FALSE), length);
  range_free (range);
}

static void
add_record (Range *range, CbJobRecord *record)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  Item item;

  if (!cb_api_job_write (record, FALSE, writer, NULL))
    return;

  item.id = g_strdup (record->id);
  item.json = cb_json_writer_steal (writer);
  range->size += strlen (item.json);
  g_array_append_val (range->items, item);
}

static void read_page (Range *range);
static void go_on (Range *range);

static void
got_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Range *range = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, &error);

  if (page == NULL)
    {
      cb_api_request_reply_failure (range->request, error);
      range_free (range);
      return;
    }

  for (guint i = 0; i < page->records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (page->records, i);

      if (record->problem != NULL && !record->missing && record->queue != NULL)
        g_ptr_array_add (range->unread, g_strdup (record->id));
      else
        add_record (range, record);
    }
  range->from += page->records->len;
  range->total = page->records->len > 0 ? page->total : 0;
  go_on (range);
}

static void
got_whole_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Range *range = user_data;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, NULL);

  /* As with any that can't be shown: the others are. */
  if (record != NULL)
    add_record (range, record);
  go_on (range);
}

static void
go_on (Range *range)
{
  if (range->size > MAX_ANSWER)
    {
      cb_api_request_reply_error (range->request, SOUP_STATUS_BAD_REQUEST,
                                  "These jobs are more than %d MiB; ask for a shorter range", MAX_ANSWER >> 20);
      range_free (range);
    }
  else if (range->request->is_gone)
    reply (range);
  else if (range->unread->len > 0)
    {
      g_autofree char *id = g_ptr_array_steal_index (range->unread, range->unread->len - 1);

      cb_engine_get_whole_async (range->request->engine, id, 0, 0, range->request->cancellable, got_whole_cb, range);
    }
  else if (range->from > range->to || range->from >= range->total)
    reply (range);
  else
    read_page (range);
}

static void
read_page (Range *range)
{
  guint limit = (guint) MIN (range->to - range->from + 1, PORTION);

  cb_engine_page_async (range->request->engine, range->queue, range->state, range->from, limit, FALSE,
                        range->request->cancellable, got_page_cb, range);
}

/* How long the set is, for positions that are counted from its end. */
static void
got_length_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Range *range = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, &error);

  if (page == NULL)
    {
      cb_api_request_reply_failure (range->request, error);
      range_free (range);
      return;
    }

  if (range->from < 0)
    range->from = MAX (page->total + range->from, 0);
  if (range->to < 0)
    range->to = page->total + range->to;

  if (range->from > range->to)
    reply (range);
  else
    read_page (range);
}

/* Where jobs may be moved into states of one's own, those can be asked for as well. */
static gboolean
may_have_state (CbEngine *engine, const char *state)
{
  return cb_engine_find_state (engine, state) >= 0 ||
         (cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_SET_STATE) != 0;
}

static void
get_range (CbApiRequest *request, const char *queue, const char *state, guint first_param)
{
  Range *range;
  gint64 from, to;

  if (!cb_api_parse_int (request->params[first_param], &from) || !cb_api_parse_int (request->params[first_param + 1], &to))
    {
      /* Redis's words, which Kue passes on. */
      cb_api_request_reply_error (request, SOUP_STATUS_OK, "ERR value is not an integer or out of range");
      return;
    }

  range = g_new0 (Range, 1);
  range->request = cb_api_request_ref (request);
  range->queue = queue;
  range->state = state;
  range->from = from;
  range->to = to;
  range->descending = g_strcmp0 (request->params[first_param + 2], "desc") == 0;
  range->items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_array_set_clear_func (range->items, item_clear);
  range->unread = g_ptr_array_new_with_free_func (g_free);

  if ((state != NULL && !may_have_state (request->engine, state)) || (from > to && from >= 0 && to >= 0))
    reply (range);
  else if (from < 0 || to < 0)
    cb_engine_page_async (request->engine, queue, state, 0, 1, FALSE, request->cancellable, got_length_cb, range);
  else
    read_page (range);
}

static void
get_jobs (CbApiRequest *request)
{
  get_range (request, NULL, NULL, 0);
}

static void
get_jobs_of_state (CbApiRequest *request)
{
  get_range (request, NULL, request->params[0], 1);
}

static void
get_jobs_of_type (CbApiRequest *request)
{
  get_range (request, request->params[0], request->params[1], 2);
}

const CbRoute cb_route_jobs[] = {
  { "GET", "/jobs/:a..:b/:order?", get_jobs },
  { "GET", "/jobs/:type/:state/:a..:b/:order?", get_jobs_of_type },
  { "GET", "/jobs/:state/:a..:b/:order?", get_jobs_of_state },
  { NULL }
};
