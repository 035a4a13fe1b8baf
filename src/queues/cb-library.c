/* cb-library.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-library.h"

#include <string.h>

#include "cb-json.h"

#define MAX_WAYS 3

/* How many characters from their end make a pattern of several names. */
#define PATTERN_CHARS 3

/* What holds ids of jobs in a queue of Bull's family. */
#define JOBS "wait=list paused=list active=list completed=zset failed=zset delayed=zset prioritized=zset"

typedef enum
{
  NEEDS_NOTHING,
  NEEDS_META,
  NEEDS_BULL_OPTIONS,
  NEEDS_OTHER_OPTIONS,
  NEEDS_LISTS,
} Needs;

/* One way to tell a library by: all of these keys, of these types, and one of those. */
typedef struct
{
  const char *head;             /* (nullable) only there */
  const char *all;
  const char *any;              /* (nullable) */
  Needs       needs;            /* what has to be seen besides */
} Way;

struct _CbLibrary
{
  const char *name;
  const char *title;
  const char *prefix;
  const char *keys;
  gboolean    names_have_colons;  /* a queue's name begins behind its usual prefix, and only with another one behind the last colon */
  const char *registry;           /* (nullable) the part that is a set of the names of queues */
  const char *member;             /* (nullable) what its members begin with before the name; or, when no text, end with the name behind */
  Way         ways[MAX_WAYS];
};

/* Between the words of a member of Kombu's sets: exchange, pattern, queue. */
#define KOMBU_SEPARATOR "\x06\x16"

/*
 * A library is one entry here. It goes by the keys that it writes for each queue, never by one name alone: other programs have keys that
 * end in ":id" as well. Of a library that has an engine here none is needed; its engine says what shows its queues (CbEngineType).
 */
static const CbLibrary libraries[] = {
  /* Its queues have "meta" since version 1, with the longest length of the stream or the version; Bull's "meta" has only "paused". */
  { .name = "bullmq",
    .title = "BullMQ",
    .prefix = "bull",
    .keys = "%p:%q:*",
    .ways = { { NULL, "meta=hash", NULL, NEEDS_META },
              { NULL, "id=string events=stream", JOBS, NEEDS_NOTHING },
              { NULL, "id=string", JOBS, NEEDS_OTHER_OPTIONS } } },
  /* It has no key that says so: a queue shows by what it holds, and its jobs by options that it writes into each of them. */
  { .name = "bull",
    .title = "Bull",
    .prefix = "bull",
    .keys = "%p:%q:*",
    .names_have_colons = TRUE,
    .ways = { { NULL, "id=string meta-paused=string", NULL, NEEDS_NOTHING }, { NULL, "id=string", JOBS, NEEDS_BULL_OPTIONS } } },
  { .name = "bee-queue",
    .title = "Bee-Queue",
    .prefix = "bq",
    .keys = "%p:%q:*",
    .names_have_colons = TRUE,
    .ways = { { NULL, "jobs=hash", "waiting=list active=list delayed=zset succeeded=set failed=set stalling=set", NEEDS_NOTHING } } },
  { .name = "rq",
    .title = "RQ",
    .prefix = "rq",
    .keys = "%p:*",
    .registry = "queues",
    .member = "rq:queue:",
    .ways = { { "rq:", "queues=set", NULL, NEEDS_NOTHING } } },
  { .name = "asynq",
    .title = "asynq",
    .prefix = "asynq",
    .keys = "%p:{%q}:*",
    .registry = "queues",
    .ways = { { "asynq:", "queues=set", NULL, NEEDS_NOTHING } } },
  /* Without a prefix, unless an old gem put one in front. Resque's queues look the same, but it has neither of these beside them. */
  { .name = "sidekiq",
    .title = "Sidekiq",
    .prefix = "",
    .keys = "%Pqueue:%q*",
    .registry = "queues",
    .ways = { { NULL, "queues=set", "processes=set schedule=zset retry=zset dead=zset", NEEDS_NOTHING },
              { "", "queues=set", NULL, NEEDS_LISTS } } },
  { .name = "resque",
    .title = "Resque",
    .prefix = "resque",
    .keys = "%p:queue:%q*",
    .registry = "queues",
    .ways = { { NULL, "queues=set", "workers=set failed=list stat:processed=string", NEEDS_NOTHING },
              { "resque:", "queues=set", NULL, NEEDS_LISTS } } },
  /* The queues of the exchange that it uses unless told otherwise; another exchange has a name that nobody knows. */
  { .name = "celery",
    .title = "Celery",
    .prefix = "",
    .keys = "%q*",
    .registry = "celery",
    .member = KOMBU_SEPARATOR,
    .ways = { { "_kombu.binding.", "celery=set", NULL, NEEDS_NOTHING } } },
};

static const CbLibrarySign signs[] = {
  { .end = ":meta", .type = "hash" },
  { .end = ":jobs", .type = "hash" },
  { .end = ":queues", .type = "set", .is_registry = TRUE },
  { .end = ":id", .neighbours = "wait paused active completed failed delayed prioritized meta-paused" },
};

const CbLibrarySign *
cb_library_get_signs (guint *n_signs)
{
  *n_signs = G_N_ELEMENTS (signs);

  return signs;
}

static char *
make_class (const char * const *ends,
            guint               from_end)
{
  g_autoptr (GString) class = g_string_new ("[");

  for (guint i = 0; ends[i] != NULL; i++)
    {
      gsize length = strlen (ends[i]);
      char c = length > from_end ? ends[i][length - 1 - from_end] : '*';

      if (c == '*')
        return g_strdup ("?");
      if (strchr (class->str + 1, c) == NULL)
        g_string_append_c (class, c);
    }
  g_string_append_c (class, ']');

  return g_strdup (class->str);
}

/**
 * cb_library_make_pattern:
 * @ends: (array zero-terminated=1): ends of names, of letters, digits and colons
 *
 * One pattern can't say “this or that”. It says which characters the names may end with, at each of the last places: most other names
 * don't, so that the server need not send them.
 *
 * Returns: (transfer full): for SCAN; it matches all of @ends, and others
 */
char *
cb_library_make_pattern (const char * const *ends)
{
  GString *pattern = g_string_new ("*");

  g_return_val_if_fail (ends[0] != NULL, NULL);

  if (ends[1] == NULL)
    {
      g_string_append (pattern, ends[0]);
      return g_string_free (pattern, FALSE);
    }

  for (guint i = PATTERN_CHARS; i-- > 0;)
    {
      g_autofree char *class = make_class (ends, i);

      g_string_append (pattern, class);
    }

  return g_string_free (pattern, FALSE);
}

static void
add_parts (GPtrArray  *parts,
           const char *keys)
{
  g_auto (GStrv) words = g_strsplit (keys != NULL ? keys : "", " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      char *name = g_strndup (words[i], strcspn (words[i], "="));

      if (g_ptr_array_find_with_equal_func (parts, name, g_str_equal, NULL))
        g_free (name);
      else
        g_ptr_array_add (parts, name);
    }
}

static const char * const *
make_parts (gboolean is_registry)
{
  GPtrArray *parts = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (libraries); i++)
    {
      if ((libraries[i].registry != NULL) != is_registry)
        continue;
      for (guint j = 0; j < MAX_WAYS && libraries[i].ways[j].all != NULL; j++)
        {
          add_parts (parts, libraries[i].ways[j].all);
          add_parts (parts, libraries[i].ways[j].any);
        }
    }
  g_ptr_array_add (parts, NULL);

  return (const char * const *) g_ptr_array_free (parts, FALSE);
}

const char * const *
cb_library_get_parts (gboolean is_registry)
{
  static const char * const *parts[2];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      parts[FALSE] = make_parts (FALSE);
      parts[TRUE] = make_parts (TRUE);
      g_once_init_leave (&made, 1);
    }

  return parts[is_registry ? TRUE : FALSE];
}

const char * const *
cb_library_get_job_parts (void)
{
  static const char * const *parts;
  static gsize made;

  if (g_once_init_enter (&made))
    {
      GPtrArray *names = g_ptr_array_new ();

      add_parts (names, JOBS);
      g_ptr_array_add (names, NULL);
      parts = (const char * const *) g_ptr_array_free (names, FALSE);
      g_once_init_leave (&made, 1);
    }

  return parts;
}

const char * const *
cb_library_get_usual (void)
{
  static const char *usual[2 * MAX_WAYS * G_N_ELEMENTS (libraries) + 1];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      guint n = 0;

      for (guint i = 0; i < G_N_ELEMENTS (libraries); i++)
        for (guint j = 0; j < MAX_WAYS; j++)
          if (libraries[i].ways[j].head != NULL)
            {
              usual[n++] = libraries[i].ways[j].head;
              usual[n++] = libraries[i].registry;
            }
      g_once_init_leave (&made, 1);
    }

  return usual;
}

/* How many of these keys are there, of these types. */
static guint
count_present (const CbLibraryEvidence *evidence,
               const char              *keys,
               guint                   *n_all)
{
  g_auto (GStrv) words = g_strsplit (keys, " ", -1);
  guint n = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *type = strchr (words[i], '=');

      *type++ = '\0';
      n += g_strcmp0 (g_hash_table_lookup (evidence->types, words[i]), type) == 0;
    }
  *n_all = g_strv_length (words);

  return n;
}

static gboolean
matches (const Way               *way,
         const CbLibraryEvidence *evidence)
{
  guint n;

  if (way->head != NULL && (strlen (way->head) != evidence->head_length || memcmp (way->head, evidence->head, evidence->head_length) != 0))
    return FALSE;
  if (count_present (evidence, way->all, &n) < n)
    return FALSE;

  return way->any == NULL || count_present (evidence, way->any, &n) > 0;
}

static CbProof *
get_proof (CbLibraryEvidence *evidence,
           Needs              needs)
{
  switch (needs)
    {
    case NEEDS_META:
      return &evidence->meta;
    case NEEDS_BULL_OPTIONS:
      return &evidence->bull_options;
    case NEEDS_OTHER_OPTIONS:
      return &evidence->other_options;
    case NEEDS_LISTS:
      return &evidence->lists;
    case NEEDS_NOTHING:
    default:
      return NULL;
    }
}

/**
 * cb_library_judge:
 * @wants: (out) (nullable): one of the proofs in @evidence that is not known and would decide
 *
 * Returns: (nullable): the library whose queue this is, or whose queues are named there
 */
const CbLibrary *
cb_library_judge (CbLibraryEvidence  *evidence,
                  CbProof           **wants)
{
  *wants = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (libraries); i++)
    for (guint j = 0; j < MAX_WAYS && libraries[i].ways[j].all != NULL; j++)
      {
        const Way *way = &libraries[i].ways[j];
        CbProof *proof = get_proof (evidence, way->needs);

        if (!matches (way, evidence))
          continue;
        if (proof == NULL || *proof == CB_PROOF_YES)
          {
            *wants = NULL;
            return &libraries[i];
          }
        if (*proof == CB_PROOF_UNKNOWN && *wants == NULL)
          *wants = proof;
      }

  return NULL;
}

/**
 * cb_library_judge_options:
 * @options: (nullable): the field "opts" of a job; %NULL where there is no job to be read
 *
 * Bull writes into the options of every job how often it is tried and when it was made; BullMQ has both outside of them.
 */
void
cb_library_judge_options (CbLibraryEvidence *evidence,
                          GBytes            *options)
{
  gsize length = 0;
  const char *text = options != NULL ? g_bytes_get_data (options, &length) : NULL;
  gboolean is_object = text != NULL && length > 0 && text[0] == '{' && cb_json_check (text, (gssize) length, NULL);
  gboolean is_bull = FALSE;

  if (is_object)
    {
      g_autoptr (GBytes) attempts = cb_json_dup_member (text, (gssize) length, "attempts");
      g_autoptr (GBytes) timestamp = cb_json_dup_member (text, (gssize) length, "timestamp");

      is_bull = attempts != NULL && timestamp != NULL;
    }
  evidence->bull_options = is_bull ? CB_PROOF_YES : CB_PROOF_NO;
  evidence->other_options = is_object && !is_bull ? CB_PROOF_YES : CB_PROOF_NO;
}

const char *
cb_library_get_name (const CbLibrary *self)
{
  return self->name;
}

const char *
cb_library_get_title (const CbLibrary *self)
{
  return self->title;
}

const char *
cb_library_get_prefix (const CbLibrary *self)
{
  return self->prefix;
}

const char *
cb_library_get_registry (const CbLibrary *self)
{
  return self->registry;
}

const char *
cb_library_get_keys (const CbLibrary *self)
{
  return self->keys;
}

/* Which colon parts prefix and queue; what stands in braces is one word of a cluster. -1: none does. */
static gssize
find_colon (const CbLibrary *self,
            const char      *base,
            gsize            length)
{
  gsize usual = strlen (self->prefix);
  int depth = 0;

  if (self->names_have_colons && length > usual && memcmp (base, self->prefix, usual) == 0 && base[usual] == ':')
    return (gssize) usual;

  for (gsize i = length; i-- > 0;)
    {
      if (base[i] == '}')
        depth++;
      else if (base[i] == '{' && depth > 0)
        depth--;
      else if (base[i] == ':' && depth == 0)
        return (gssize) i;
    }

  return -1;
}

static gboolean
split_member (const CbLibrary  *self,
              const char       *head,
              gsize             head_length,
              GBytes           *member,
              GBytes          **prefix,
              GBytes          **queue)
{
  gsize length;
  const char *name = g_bytes_get_data (member, &length);
  gsize from = 0;

  if (self->member != NULL && *self->member == *KOMBU_SEPARATOR)
    {
      for (gsize i = 0; i + strlen (KOMBU_SEPARATOR) <= length; i++)
        if (memcmp (name + i, KOMBU_SEPARATOR, strlen (KOMBU_SEPARATOR)) == 0)
          from = i + strlen (KOMBU_SEPARATOR);
      if (from == 0)
        return FALSE;
      /* Its keys are called like its queues. */
      head_length = 0;
    }
  else if (self->member != NULL)
    {
      from = strlen (self->member);
      if (length < from || memcmp (name, self->member, from) != 0)
        return FALSE;
    }
  if (length == from)
    return FALSE;

  *prefix = g_bytes_new (head, head_length > 0 ? head_length - 1 : 0);
  *queue = g_bytes_new_from_bytes (member, from, length - from);

  return TRUE;
}

/**
 * cb_library_split:
 * @head: what the keys of the queue begin with, with the colon behind it; or what stands before the name of the registry
 * @member: (nullable): what the registry calls the queue, where the library has one
 * @prefix: (out) (transfer full)
 * @queue: (out) (transfer full)
 *
 * Returns: whether that is a queue
 */
gboolean
cb_library_split (const CbLibrary  *self,
                  const char       *head,
                  gsize             head_length,
                  GBytes           *member,
                  GBytes          **prefix,
                  GBytes          **queue)
{
  gsize length = head_length > 0 ? head_length - 1 : 0;
  gssize colon;

  if (member != NULL)
    return split_member (self, head, head_length, member, prefix, queue);

  colon = find_colon (self, head, length);
  /* "P::relay:…" of BullMQ, which is no queue, has none behind it. */
  if (colon < 0 || (gsize) colon + 1 >= length)
    return FALSE;
  *prefix = g_bytes_new (head, (gsize) colon);
  *queue = g_bytes_new (head + colon + 1, length - (gsize) colon - 1);

  return TRUE;
}
