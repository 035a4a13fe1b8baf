/* cb-job-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-list-private.h"

#include <string.h>

#include "cb-job-diff.h"

/*
 * The set stays on the server. Here are only *rows*: positions that somebody asked for or that were read, sorted, each with
 * its CbJob. A row that was asked for but not read has a CbJob that is not loaded; when its page comes, the same object takes
 * the record, and its notifications fill the cells.
 *
 * What is asked for in one turn of the main loop is gathered; the pages last asked for are read first and two at a time, so
 * a drag of the scrollbar over 10,000 pages reads those at which it comes to rest. Rows far from what was last looked at are
 * forgotten, unless somebody holds their objects: then the position has to keep giving the same object.
 *
 * A refresh reads the pages in use again, and cb-job-diff.c says what that means as arrivals and departures. Each of these is
 * applied and told before the next, so that at every signal the list is what the signal says.
 */

#define PAGE_SIZE        100
#define MAX_PAGES        12
#define MAX_WANTED       6
#define MAX_READS        2
#define MAX_WINDOW       500            /* the most that cb_engine_page_async() gives */
#define MAX_TOUCHED      500            /* ids in one pipeline */
#define REFRESH_INTERVAL (G_USEC_PER_SEC / 4)
#define FRAME_MSEC       16

typedef struct
{
  guint  position;
  CbJob *job;                   /* (owned) */
} Row;

typedef struct
{
  guint   number;
  guint64 used;                 /* by the clock of asking */
  gboolean reading;
} Page;

typedef struct
{
  gint64     offset;
  guint      limit;
  GPtrArray *records;           /* (owned) (nullable) until it was read */
} Window;

struct _CbJobList
{
  GObject       parent_instance;

  CbEngine     *engine;         /* (owned) */
  char         *queue;          /* (owned) (nullable) */
  char         *state;          /* (owned) (nullable) */
  gboolean      reversed;

  GArray       *rows;           /* (owned) (element-type Row) sorted by position */
  guint         n_items;
  guint         n_evict;        /* there is something to forget at so many rows */

  GArray       *pages;          /* (owned) (element-type Page) asked for lately */
  GArray       *wanted;         /* (owned) (element-type guint) pages to read, the last asked for first */
  guint64       clock;
  guint         n_reads;
  guint         pump_id;

  GPtrArray    *windows;        /* (owned) (nullable) (element-type Window) of the refresh under way */
  guint         n_windows_left;
  gint64        new_total;
  GError       *refresh_error;  /* (owned) (nullable) */
  gboolean      second_look;    /* the windows were moved by as much as the set grew */
  gboolean      refresh_again;
  gboolean      follow_up;      /* once more, for rows that were not among what was read */
  gboolean      following_up;
  gint64        interval;       /* µs between refreshes */
  gint64        refreshed_at;   /* µs monotonic, when the last refresh began */
  guint         refresh_id;

  gboolean      passed;         /* a page was no longer wanted, as others were asked for since */
  GHashTable   *touched;        /* (owned) ids */
  guint         touch_id;
  gboolean      touching;

  gboolean      loading;
  char         *problem;        /* (owned) (nullable) */
  GCancellable *cancellable;    /* (owned) */
};

/* What a call takes along: the list may be gone when it answers. */
typedef struct
{
  GWeakRef list;
  guint    number;              /* page, or index of the window */
} Call;

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_QUEUE,
  PROP_STATE,
  PROP_REVERSED,
  PROP_LOADING,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void list_model_init (GListModelInterface *iface);
static void schedule_pump (CbJobList *self);
static void schedule_refresh (CbJobList *self);
static void read_windows (CbJobList *self);
static void schedule_touch (CbJobList *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbJobList, cb_job_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static Call *
call_new (CbJobList *self,
          guint      number)
{
  Call *call = g_new0 (Call, 1);

  g_weak_ref_init (&call->list, self);
  call->number = number;

  return call;
}

/* Returns: (transfer full) (nullable): %NULL when the list is gone */
static CbJobList *
call_end (Call  *call,
          guint *number)
{
  CbJobList *self = g_weak_ref_get (&call->list);

  if (number != NULL)
    *number = call->number;
  g_weak_ref_clear (&call->list);
  g_free (call);

  return self;
}

static void
window_free (gpointer data)
{
  Window *window = data;

  g_clear_pointer (&window->records, g_ptr_array_unref);
  g_free (window);
}

static void
clear_row (gpointer data)
{
  Row *row = data;

  g_clear_object (&row->job);
}

static Row *
get_row (CbJobList *self,
         guint      index)
{
  return &g_array_index (self->rows, Row, index);
}

/* The index of the first row at @position or behind. */
static guint
find_row (CbJobList *self,
          guint      position)
{
  guint low = 0, high = self->rows->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (get_row (self, middle)->position < position)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
insert_row (CbJobList *self,
            guint      index,
            guint      position,
            CbJob     *job)            /* (transfer full) */
{
  Row row = { position, job };

  g_array_insert_val (self->rows, index, row);
}

/* Whether somebody else has the object, so that its position has to go on giving it. */
static gboolean
is_held (CbJob *job)
{
  return g_atomic_int_get ((int *) &G_OBJECT (job)->ref_count) > 1;
}

static Page *
find_page (CbJobList *self,
           guint      number)
{
  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = &g_array_index (self->pages, Page, i);

      if (page->number == number)
        return page;
    }

  return NULL;
}

static Page *
use_page (CbJobList *self,
          guint      number)
{
  Page *page = find_page (self, number);
  guint oldest = 0;

  if (page == NULL)
    {
      Page new_page = { .number = number };

      /* Forget about the page that was not asked for the longest. */
      if (self->pages->len >= 4 * MAX_PAGES)
        {
          for (guint i = 1; i < self->pages->len; i++)
            {
              Page *candidate = &g_array_index (self->pages, Page, i);

              if (!candidate->reading && candidate->used < g_array_index (self->pages, Page, oldest).used)
                oldest = i;
            }
          g_array_remove_index_fast (self->pages, oldest);
        }
      g_array_append_val (self->pages, new_page);
      page = &g_array_index (self->pages, Page, self->pages->len - 1);
    }

  page->used = ++self->clock;
  return page;
}

static guint64
get_page_use (CbJobList *self,
              guint      number)
{
  Page *page = find_page (self, number);

  return page != NULL ? page->used : 0;
}

/* Drops the rows [from, to) that nobody holds. */
static void
drop_rows (CbJobList *self,
           guint      from,
           guint      to)
{
  guint kept = from;

  for (guint i = from; i < to; i++)
    {
      Row row = *get_row (self, i);

      if (is_held (row.job))
        *get_row (self, kept++) = row;
      else
        g_object_unref (row.job);
    }

  /* What was kept has moved to the front; the rest of the range holds stale copies. */
  g_array_set_clear_func (self->rows, NULL);
  if (kept < to)
    g_array_remove_range (self->rows, kept, to - kept);
  g_array_set_clear_func (self->rows, clear_row);
}

/* Keeps the bound: forgets pages, the one first that was not asked for the longest. */
static void
evict (CbJobList *self)
{
  g_autoptr (GHashTable) tried = NULL;

  if (self->rows->len <= MAX (MAX_PAGES * PAGE_SIZE, self->n_evict))
    return;

  self->n_evict = 0;
  tried = g_hash_table_new (NULL, NULL);
  while (self->rows->len > (MAX_PAGES - 1) * PAGE_SIZE)
    {
      guint64 least = G_MAXUINT64;
      guint oldest = 0, from, to;

      for (guint i = 0; i < self->rows->len; i = find_row (self, (get_row (self, i)->position / PAGE_SIZE + 1) * PAGE_SIZE))
        {
          guint number = get_row (self, i)->position / PAGE_SIZE;
          guint64 used = get_page_use (self, number);

          if (used < least && !g_hash_table_contains (tried, GUINT_TO_POINTER (number)))
            {
              least = used;
              oldest = number;
            }
        }

      /* All that is left is held, or in use right now. */
      if (least == G_MAXUINT64 || least == self->clock)
        {
          /* Somebody may hold very many, and asks for one after the other. */
          self->n_evict = self->rows->len + PAGE_SIZE;
          return;
        }

      g_hash_table_add (tried, GUINT_TO_POINTER (oldest));
      from = find_row (self, oldest * PAGE_SIZE);
      to = find_row (self, (oldest + 1) * PAGE_SIZE);
      drop_rows (self, from, to);
    }
}

static void
set_loading (CbJobList *self,
             gboolean   loading)
{
  if (self->loading == loading)
    return;

  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
set_problem (CbJobList  *self,
             const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/* --- pages, while scrolling --- */

static gboolean
is_page_loaded (CbJobList *self,
                guint      number)
{
  guint64 start = (guint64) number * PAGE_SIZE, end = MIN (start + PAGE_SIZE, self->n_items);
  guint index;

  if (start >= end)
    return TRUE;

  index = find_row (self, start);
  if (index + (end - start) > self->rows->len)
    return FALSE;

  for (guint64 position = start; position < end; position++, index++)
    {
      Row *row = get_row (self, index);

      if (row->position != position || !cb_job_get_loaded (row->job))
        return FALSE;
    }

  return TRUE;
}

static void
want_page (CbJobList *self,
           guint      number,
           gboolean   ahead)
{
  Page *page = find_page (self, number);

  if (page != NULL && page->reading)
    return;

  for (guint i = 0; i < self->wanted->len; i++)
    {
      if (g_array_index (self->wanted, guint, i) != number)
        continue;
      if (ahead || i == 0)
        return;
      g_array_remove_index (self->wanted, i);
      break;
    }

  if (ahead)
    {
      if (self->wanted->len < MAX_WANTED)
        g_array_append_val (self->wanted, number);
    }
  else
    {
      g_array_prepend_val (self->wanted, number);
      /* Those asked for before have been scrolled past, or so it seems: see want_held(). */
      if (self->wanted->len > MAX_WANTED)
        {
          g_array_set_size (self->wanted, MAX_WANTED);
          self->passed = TRUE;
        }
    }

  schedule_pump (self);
}

/* What was taken for scrolled past is still seen where somebody asked for much more than is seen. */
static void
want_held (CbJobList *self)
{
  if (!self->passed || self->n_reads > 0 || self->wanted->len > 0)
    return;

  self->passed = FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = get_row (self, i);

      if (!cb_job_get_loaded (row->job) && is_held (row->job))
        want_page (self, row->position / PAGE_SIZE, TRUE);
    }
}

/* Puts a record where it belongs; FALSE when another job is known to be there. */
static gboolean
place_record (CbJobList   *self,
              guint        position,
              CbJobRecord *record)
{
  guint index = find_row (self, position);
  Row *row = index < self->rows->len ? get_row (self, index) : NULL;

  if (row == NULL || row->position != position)
    {
      insert_row (self, index, position, cb_job_new_for_record (record));
      return TRUE;
    }

  if (cb_job_get_id (row->job) != NULL && strcmp (cb_job_get_id (row->job), record->id) != 0)
    return FALSE;

  cb_job_update (row->job, record);
  return TRUE;
}

static void
got_page_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  guint number;
  g_autoptr (CbJobList) self = call_end (user_data, &number);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, &error);
  gboolean moved = FALSE;
  Page *entry;

  if (self == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  self->n_reads--;
  entry = find_page (self, number);
  if (entry != NULL)
    entry->reading = FALSE;

  if (page == NULL)
    {
      /* The rows stay unread; the next refresh reads them. */
      set_problem (self, error->message);
    }
  else
    {
      set_problem (self, NULL);
      for (guint i = 0; i < page->records->len; i++)
        {
          guint64 position = (guint64) number * PAGE_SIZE + i;

          if (position >= self->n_items)
            break;
          if (!place_record (self, position, g_ptr_array_index (page->records, i)))
            moved = TRUE;
        }
      if (moved || page->total != self->n_items)
        schedule_refresh (self);
      self->n_evict = 0;
      evict (self);
    }

  want_held (self);
  schedule_pump (self);
}

static gboolean
pump_cb (gpointer data)
{
  CbJobList *self = data;

  self->pump_id = 0;
  while (self->n_reads < MAX_READS && self->wanted->len > 0)
    {
      guint number = g_array_index (self->wanted, guint, 0);
      Page *page;

      g_array_remove_index (self->wanted, 0);
      if (is_page_loaded (self, number))
        continue;

      page = find_page (self, number);
      if (page == NULL)
        page = use_page (self, number);
      page->reading = TRUE;
      self->n_reads++;
      cb_engine_page_async (self->engine, self->queue, self->state, (gint64) number * PAGE_SIZE, PAGE_SIZE,
                            self->reversed, self->cancellable, got_page_cb, call_new (self, number));
    }

  return G_SOURCE_REMOVE;
}

static void
schedule_pump (CbJobList *self)
{
  if (self->pump_id == 0 && self->wanted->len > 0 && self->n_reads < MAX_READS)
    self->pump_id = g_idle_add_full (G_PRIORITY_DEFAULT, pump_cb, self, NULL);
}

/* --- refresh --- */

/* The index of the first place at @position or behind. */
static guint
find_place (GArray *places,
            guint   position)
{
  guint low = 0, high = places->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (places, CbJobPlace, middle).position < position)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* Applies one change to the rows. @read and @records: what was read; @departing: the objects of jobs that stand elsewhere. */
static void
apply_change (CbJobList         *self,
              const CbJobChange *change,
              GArray            *read,
              GHashTable        *records,
              GHashTable        *departing)
{
  guint from = find_row (self, change->position);
  guint to = find_row (self, change->position + change->removed);

  if (to > from)
    g_array_remove_range (self->rows, from, to - from);
  for (guint i = from; i < self->rows->len; i++)
    get_row (self, i)->position += change->added - change->removed;

  for (guint i = find_place (read, change->position); i < read->len; i++)
    {
      CbJobPlace *place = &g_array_index (read, CbJobPlace, i);
      CbJobRecord *record = g_hash_table_lookup (records, GUINT_TO_POINTER (place->position));
      gpointer key, value;
      CbJob *job;

      if (place->position - change->position >= change->added)
        break;

      /* One that moved comes back as the same object. */
      if (g_hash_table_steal_extended (departing, record->id, &key, &value))
        {
          g_free (key);
          job = value;
          cb_job_update (job, record);
        }
      else
        {
          job = cb_job_new_for_record (record);
        }
      insert_row (self, from++, place->position, job);
    }

  self->n_items += change->added - change->removed;
}

static void
replace_job (CbJobList   *self,
             guint        position,
             CbJobRecord *record)
{
  guint index = find_row (self, position);
  Row *row = get_row (self, index);

  g_object_unref (row->job);
  row->job = cb_job_new_for_record (record);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 1);
}

/* Where the job of a row is going to be removed and put in elsewhere, it is to be the same object: those that will depart are
 * gathered first, since a move to the front is told before the departure behind it. */
static void
gather_departing (CbJobList  *self,
                  GArray     *changes,
                  GHashTable *departing)
{
  gint64 shift = 0;

  for (guint i = 0; i < changes->len; i++)
    {
      CbJobChange *change = &g_array_index (changes, CbJobChange, i);
      guint from = find_row (self, change->position - shift);
      guint to = find_row (self, change->position - shift + change->removed);

      for (; from < to; from++)
        {
          CbJob *job = get_row (self, from)->job;

          if (cb_job_get_id (job) != NULL)
            g_hash_table_insert (departing, g_strdup (cb_job_get_id (job)), g_object_ref (job));
        }
      shift += (gint64) change->added - change->removed;
    }
}

static GArray *
get_known_places (CbJobList *self)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (CbJobPlace));

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = get_row (self, i);
      CbJobPlace place = { row->position, cb_job_get_id (row->job) };

      if (place.id != NULL)
        g_array_append_val (places, place);
    }

  return places;
}

/* What was read, by position; the records belong to the windows. */
static GArray *
get_read_places (CbJobList  *self,
                 guint       new_total,
                 GHashTable *records)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (CbJobPlace));

  for (guint i = 0; i < self->windows->len; i++)
    {
      Window *window = g_ptr_array_index (self->windows, i);

      for (guint j = 0; j < window->records->len && window->offset + j < new_total; j++)
        {
          CbJobRecord *record = g_ptr_array_index (window->records, j);
          CbJobPlace place = { window->offset + j, record->id };

          /* Windows can come to overlap by moving. */
          if (g_hash_table_contains (records, GUINT_TO_POINTER (place.position)))
            continue;
          g_hash_table_insert (records, GUINT_TO_POINTER (place.position), record);
          g_array_append_val (places, place);
        }
    }

  return places;
}

static void
apply_windows (CbJobList *self)
{
  guint new_total = CLAMP (self->new_total, 0, G_MAXINT);
  g_autoptr (GHashTable) records = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) departing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_autoptr (GArray) known = get_known_places (self);
  g_autoptr (GArray) read = get_read_places (self, new_total, records);
  g_autoptr (GArray) changes = NULL;
  g_autoptr (GPtrArray) windows = NULL;
  gboolean shifted_out = FALSE;
  guint n_kept;

  changes = cb_job_diff ((CbJobPlace *) known->data, known->len, self->n_items,
                         (CbJobPlace *) read->data, read->len, new_total, &n_kept);

  /* So much came in front that the windows hold nothing known: look where it should be now. */
  if (n_kept == 0 && known->len > 0 && read->len > 0 && !self->second_look && new_total != self->n_items &&
      g_array_index (read, CbJobPlace, 0).position > 0)
    {
      gint64 shift = (gint64) new_total - self->n_items;

      self->second_look = TRUE;
      for (guint i = 0; i < self->windows->len; i++)
        {
          Window *window = g_ptr_array_index (self->windows, i);

          window->offset = CLAMP (window->offset + shift, 0, MAX (0, (gint64) new_total - 1));
          g_clear_pointer (&window->records, g_ptr_array_unref);
        }
      read_windows (self);
      return;
    }

  /* Who hears of a change may ask for another refresh. */
  windows = g_steal_pointer (&self->windows);

  gather_departing (self, changes, departing);
  for (guint i = 0; i < changes->len; i++)
    {
      CbJobChange *change = &g_array_index (changes, CbJobChange, i);

      apply_change (self, change, read, records, departing);
      g_list_model_items_changed (G_LIST_MODEL (self), change->position, change->removed, change->added);
    }

  for (guint i = 0; i < windows->len; i++)
    {
      Window *window = g_ptr_array_index (windows, i);

      for (guint j = 0; j < window->records->len && window->offset + j < self->n_items; j++)
        {
          CbJobRecord *record = g_ptr_array_index (window->records, j);

          if (!place_record (self, window->offset + j, record))
            replace_job (self, window->offset + j, record);
        }
    }

  /* Positions of what was not read again are not known any more. Where somebody holds such a row, it was shifted out of the
   * pages that were read; another look, and only one, tells whether it is right there. */
  for (guint i = 0; i < self->rows->len;)
    {
      Row *row = get_row (self, i);

      if (g_hash_table_contains (records, GUINT_TO_POINTER (row->position)))
        {
          i++;
        }
      else if (is_held (row->job))
        {
          shifted_out = TRUE;
          i++;
        }
      else
        {
          g_array_remove_index (self->rows, i);
        }
    }
  if (shifted_out && changes->len > 0 && !self->following_up)
    self->follow_up = TRUE;
}

static void
end_refresh (CbJobList *self)
{
  if (self->refresh_error != NULL)
    {
      set_problem (self, self->refresh_error->message);
      g_clear_error (&self->refresh_error);
    }
  else
    {
      apply_windows (self);
      if (self->n_windows_left > 0)
        return;
      set_problem (self, NULL);
    }

  g_clear_pointer (&self->windows, g_ptr_array_unref);
  set_loading (self, FALSE);
  if (self->refresh_again || self->follow_up)
    {
      self->refresh_again = FALSE;
      schedule_refresh (self);
    }
  schedule_pump (self);
}

static void
got_window_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  guint index;
  g_autoptr (CbJobList) self = call_end (user_data, &index);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, &error);

  if (self == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  if (page != NULL)
    {
      Window *window = g_ptr_array_index (self->windows, index);

      window->records = g_steal_pointer (&page->records);
      self->new_total = page->total;
    }
  else if (self->refresh_error == NULL)
    {
      self->refresh_error = g_steal_pointer (&error);
    }

  if (--self->n_windows_left == 0)
    end_refresh (self);
}

static void
read_windows (CbJobList *self)
{
  self->n_windows_left = self->windows->len;
  for (guint i = 0; i < self->windows->len; i++)
    {
      Window *window = g_ptr_array_index (self->windows, i);

      cb_engine_page_async (self->engine, self->queue, self->state, window->offset, window->limit, self->reversed,
                            self->cancellable, got_window_cb, call_new (self, i));
    }
}

/* The pages somebody looks at: with rows that are held, and those that the last two hundred questions were about. */
static GArray *
get_pages_in_use (CbJobList *self)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  guint last = G_MAXUINT;

  for (guint i = 0; i < self->rows->len; i++)
    {
      guint number = get_row (self, i)->position / PAGE_SIZE;

      if (number == last || numbers->len >= MAX_PAGES)
        continue;
      if (!is_held (get_row (self, i)->job) && get_page_use (self, number) + 2 * PAGE_SIZE <= self->clock)
        continue;
      g_array_append_val (numbers, number);
      last = number;
    }

  /* Nobody looks; the length has to be known all the same. */
  if (numbers->len == 0)
    {
      last = 0;
      g_array_append_val (numbers, last);
    }

  return numbers;
}

static void
begin_refresh (CbJobList *self)
{
  g_autoptr (GArray) numbers = get_pages_in_use (self);
  Window *window = NULL;

  self->windows = g_ptr_array_new_with_free_func (window_free);
  for (guint i = 0; i < numbers->len; i++)
    {
      gint64 offset = (gint64) g_array_index (numbers, guint, i) * PAGE_SIZE;

      if (window == NULL || window->offset + window->limit != offset || window->limit + PAGE_SIZE > MAX_WINDOW)
        {
          window = g_new0 (Window, 1);
          window->offset = offset;
          g_ptr_array_add (self->windows, window);
        }
      window->limit += PAGE_SIZE;
    }

  self->second_look = FALSE;
  self->following_up = self->follow_up;
  self->follow_up = FALSE;
  self->refreshed_at = g_get_monotonic_time ();
  read_windows (self);
}

static gboolean
refresh_cb (gpointer data)
{
  CbJobList *self = data;

  self->refresh_id = 0;
  begin_refresh (self);

  return G_SOURCE_REMOVE;
}

static void
schedule_refresh (CbJobList *self)
{
  gint64 wait;

  if (self->windows != NULL)
    {
      self->refresh_again = TRUE;
      return;
    }
  if (self->refresh_id != 0)
    return;

  wait = self->refreshed_at + self->interval - g_get_monotonic_time ();
  if (wait <= 0)
    self->refresh_id = g_idle_add_full (G_PRIORITY_DEFAULT, refresh_cb, self, NULL);
  else
    self->refresh_id = g_timeout_add (wait / 1000 + 1, refresh_cb, self);
}

/* --- single jobs that changed --- */

static void
got_touched_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (CbJobList) self = call_end (user_data, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (source), result, &error);
  g_autoptr (GHashTable) by_id = NULL;
  g_autoptr (GPtrArray) jobs = NULL;

  if (self == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  self->touching = FALSE;
  if (records == NULL)
    {
      set_problem (self, error->message);
      return;
    }

  by_id = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);

      g_hash_table_insert (by_id, record->id, record);
    }

  /* Whoever is notified may change the rows. */
  jobs = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->rows->len; i++)
    {
      CbJob *job = get_row (self, i)->job;

      if (cb_job_get_id (job) != NULL && g_hash_table_contains (by_id, cb_job_get_id (job)))
        g_ptr_array_add (jobs, g_object_ref (job));
    }
  for (guint i = 0; i < jobs->len; i++)
    {
      CbJob *job = g_ptr_array_index (jobs, i);

      cb_job_update (job, g_hash_table_lookup (by_id, cb_job_get_id (job)));
    }

  schedule_touch (self);
}

static gboolean
touch_cb (gpointer data)
{
  CbJobList *self = data;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GHashTable) touched = NULL;

  self->touch_id = 0;

  /* Only those that are in memory, each once. What does not fit is for the next turn. */
  touched = g_steal_pointer (&self->touched);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const char *id = cb_job_get_id (get_row (self, i)->job);

      if (id == NULL || !g_hash_table_remove (touched, id))
        continue;
      if (ids->len < MAX_TOUCHED)
        g_ptr_array_add (ids, (gpointer) id);
      else
        g_hash_table_add (self->touched, g_strdup (id));
    }

  if (ids->len > 0)
    {
      g_ptr_array_add (ids, NULL);
      self->touching = TRUE;
      cb_engine_get_many_async (self->engine, (const char * const *) ids->pdata, self->cancellable, got_touched_cb,
                                call_new (self, 0));
    }

  return G_SOURCE_REMOVE;
}

static void
schedule_touch (CbJobList *self)
{
  if (self->touch_id == 0 && !self->touching && g_hash_table_size (self->touched) > 0)
    self->touch_id = g_timeout_add (FRAME_MSEC, touch_cb, self);
}

/* --- GListModel --- */

static GType
cb_job_list_get_item_type (GListModel *model)
{
  return CB_TYPE_JOB;
}

static guint
cb_job_list_get_n_items (GListModel *model)
{
  return CB_JOB_LIST (model)->n_items;
}

static gpointer
cb_job_list_get_item (GListModel *model,
                      guint       position)
{
  CbJobList *self = CB_JOB_LIST (model);
  guint number = position / PAGE_SIZE, neighbour, index;
  g_autoptr (CbJob) job = NULL;

  if (position >= self->n_items)
    return NULL;

  use_page (self, number);
  index = find_row (self, position);
  if (index == self->rows->len || get_row (self, index)->position != position)
    insert_row (self, index, position, cb_job_new (NULL));

  job = g_object_ref (get_row (self, index)->job);
  if (!cb_job_get_loaded (job))
    {
      want_page (self, number, FALSE);
      evict (self);
    }

  /* The page that scrolling on would come to. */
  neighbour = position % PAGE_SIZE >= PAGE_SIZE / 2 ? number + 1 : number - 1;
  if (neighbour != G_MAXUINT && (guint64) neighbour * PAGE_SIZE < self->n_items)
    {
      guint edge = neighbour > number ? neighbour * PAGE_SIZE : number * PAGE_SIZE - 1;

      index = find_row (self, edge);
      if (index == self->rows->len || get_row (self, index)->position != edge)
        want_page (self, neighbour, TRUE);
    }

  return g_steal_pointer (&job);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_job_list_get_item_type;
  iface->get_n_items = cb_job_list_get_n_items;
  iface->get_item = cb_job_list_get_item;
}

/* --- GObject --- */

static void
cb_job_list_constructed (GObject *object)
{
  CbJobList *self = CB_JOB_LIST (object);

  G_OBJECT_CLASS (cb_job_list_parent_class)->constructed (object);

  self->loading = TRUE;
  begin_refresh (self);
}

static void
cb_job_list_dispose (GObject *object)
{
  CbJobList *self = CB_JOB_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->pump_id, g_source_remove);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_handle_id (&self->touch_id, g_source_remove);

  G_OBJECT_CLASS (cb_job_list_parent_class)->dispose (object);
}

static void
cb_job_list_finalize (GObject *object)
{
  CbJobList *self = CB_JOB_LIST (object);

  g_clear_object (&self->engine);
  g_free (self->queue);
  g_free (self->state);
  g_free (self->problem);
  g_array_unref (self->rows);
  g_array_unref (self->pages);
  g_array_unref (self->wanted);
  g_hash_table_unref (self->touched);
  g_clear_pointer (&self->windows, g_ptr_array_unref);
  g_clear_error (&self->refresh_error);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (cb_job_list_parent_class)->finalize (object);
}

static void
cb_job_list_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  CbJobList *self = CB_JOB_LIST (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case PROP_REVERSED:
      g_value_set_boolean (value, self->reversed);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_job_list_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  CbJobList *self = CB_JOB_LIST (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;
    case PROP_QUEUE:
      self->queue = g_value_dup_string (value);
      break;
    case PROP_STATE:
      self->state = g_value_dup_string (value);
      break;
    case PROP_REVERSED:
      self->reversed = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_job_list_class_init (CbJobListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = cb_job_list_constructed;
  object_class->dispose = cb_job_list_dispose;
  object_class->finalize = cb_job_list_finalize;
  object_class->get_property = cb_job_list_get_property;
  object_class->set_property = cb_job_list_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, construct);
  properties[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, construct);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, construct);
  properties[PROP_REVERSED] = g_param_spec_boolean ("reversed", NULL, NULL, FALSE, construct);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_job_list_init (CbJobList *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (self->rows, clear_row);
  self->pages = g_array_new (FALSE, FALSE, sizeof (Page));
  self->wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
  self->interval = REFRESH_INTERVAL;
}

/**
 * cb_job_list_new:
 * @queue: (nullable): %NULL for the jobs of all queues
 * @state: (nullable): the engine's word; %NULL for all states
 * @reversed: from the other end
 *
 * Returns: (transfer full): a list that is empty until its first page has come; `loading` tells
 */
CbJobList *
cb_job_list_new (CbEngine   *engine,
                 const char *queue,
                 const char *state,
                 gboolean    reversed)
{
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);

  return g_object_new (CB_TYPE_JOB_LIST,
                       "engine", engine,
                       "queue", queue,
                       "state", state,
                       "reversed", reversed,
                       NULL);
}

/**
 * cb_job_list_refresh:
 *
 * To be called when something changed in the set, as often as it does: length and the pages in use are read again at most
 * four times a second, and always once after the last call. Also what to do after `problem`.
 */
void
cb_job_list_refresh (CbJobList *self)
{
  g_return_if_fail (CB_IS_JOB_LIST (self));

  schedule_refresh (self);
}

/**
 * cb_job_list_touch:
 * @ids: jobs that changed, ended by %NULL; in memory or not
 *
 * Reads again those that are in memory, all that come within a frame in one round trip. Where they stand is a matter of
 * cb_job_list_refresh().
 */
void
cb_job_list_touch (CbJobList          *self,
                   const char * const *ids)
{
  g_return_if_fail (CB_IS_JOB_LIST (self));
  g_return_if_fail (ids != NULL);

  for (guint i = 0; ids[i] != NULL; i++)
    g_hash_table_add (self->touched, g_strdup (ids[i]));
  schedule_touch (self);
}

/**
 * cb_job_list_find:
 *
 * Returns: the first position of the job in memory, -1 when it is not there
 */
gint64
cb_job_list_find (CbJobList  *self,
                  const char *id)
{
  g_return_val_if_fail (CB_IS_JOB_LIST (self), -1);
  g_return_val_if_fail (id != NULL, -1);

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = get_row (self, i);

      if (g_strcmp0 (cb_job_get_id (row->job), id) == 0)
        return row->position;
    }

  return -1;
}

CbJob *
cb_job_list_peek (CbJobList *self,
                  guint      position)
{
  guint index;

  g_return_val_if_fail (CB_IS_JOB_LIST (self), NULL);

  index = find_row (self, position);
  return index < self->rows->len && get_row (self, index)->position == position ? get_row (self, index)->job : NULL;
}

void
cb_job_list_set_refresh_interval (CbJobList *self,
                                  gint64     interval)
{
  self->interval = interval;
}

gboolean
cb_job_list_is_busy (CbJobList *self)
{
  return self->windows != NULL || self->refresh_id != 0 || self->pump_id != 0 || self->n_reads > 0 ||
         self->touching || self->touch_id != 0;
}

guint
cb_job_list_get_n_rows (CbJobList *self)
{
  return self->rows->len;
}
