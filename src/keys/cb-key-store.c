/* cb-key-store.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-store.h"

#include <string.h>

/*
 * Everything lies in chunks that never move, found through a directory that never moves either: so adding costs the
 * same with ten million as with ten, and another thread may read (sort) what is there while keys come.
 *
 * The tables by which names and folders are found again are linear hash tables: they grow by one bucket with each
 * entry, so there is no moment in which everything is hashed anew.
 */
#define CHUNK_SHIFT 14
#define CHUNK_LENGTH (1u << CHUNK_SHIFT)
#define MOST_CHUNKS (1u << (31 - CHUNK_SHIFT))

#define TEXT_CHUNK (256 * 1024)
#define MOST_TEXT_CHUNKS (1u << 20)

typedef struct
{
  gpointer *chunks; /* (owned) zeroed, so that what is not used costs no memory */
  gsize size;       /* of an element */
  guint length;
} Chunks;

typedef struct
{
  guint64 at;       /* chunk of text << 32 | offset */
  guint32 length;
  guint32 hash;
  guint32 next;     /* of the same bucket */
  guint32 sibling;
  guint32 folder;
  guint32 gone : 1;
} Key;

typedef struct
{
  guint32 parent;
  guint32 key;      /* any of those below: its name begins with the path */
  guint32 start;    /* of its part in that name */
  guint32 end;
  guint32 hash;
  guint32 next;     /* of the same bucket */
  guint32 sibling;
  guint32 first_folder;
  guint32 first_key;
  guint32 n_folders;
  guint32 n_keys;
  guint32 total;    /* keys at any depth that are not gone */
} Folder;

typedef struct
{
  Chunks buckets; /* of guint32 */
  guint base;     /* a power of two */
  guint split;    /* buckets before it have been split already */
} Table;

struct _CbKeyStore
{
  char *separator; /* (owned) */
  gsize separator_length;
  Chunks keys;
  Chunks folders;
  Table key_table;
  Table folder_table;
  char **texts;    /* (owned) chunks of text */
  guint n_texts;
  gsize text_used; /* of the last chunk */
  gsize text_size; /* of all chunks */
  gsize names;     /* bytes of names */
  guint seed;
  CbFolderId last_folder; /* that a key was put into */
  gatomicrefcount ref_count;
};

G_DEFINE_BOXED_TYPE (CbKeyStore, cb_key_store, cb_key_store_ref, cb_key_store_unref)

static inline gpointer
chunks_get (Chunks *chunks,
            guint   index)
{
  return (char *) chunks->chunks[index >> CHUNK_SHIFT] + (index & (CHUNK_LENGTH - 1)) * chunks->size;
}

static gpointer
chunks_add (Chunks *chunks)
{
  if ((chunks->length & (CHUNK_LENGTH - 1)) == 0)
    chunks->chunks[chunks->length >> CHUNK_SHIFT] = g_malloc (CHUNK_LENGTH * chunks->size);
  return chunks_get (chunks, chunks->length++);
}

static void
chunks_init (Chunks *chunks,
             gsize   size)
{
  chunks->chunks = g_new0 (gpointer, MOST_CHUNKS);
  chunks->size = size;
}

static guint
chunks_count (Chunks *chunks)
{
  return (chunks->length + CHUNK_LENGTH - 1) >> CHUNK_SHIFT;
}

static void
chunks_clear (Chunks *chunks)
{
  for (guint i = 0; i < chunks_count (chunks); i++)
    g_free (chunks->chunks[i]);
  g_free (chunks->chunks);
}

static inline Key *
get_key (CbKeyStore *self,
         CbKeyId     id)
{
  return chunks_get (&self->keys, id);
}

static inline Folder *
get_folder (CbKeyStore *self,
            CbFolderId  id)
{
  return chunks_get (&self->folders, id);
}

/* Names come from anybody, so that the way they are hashed must not be known to him. */
static guint32
hash_bytes (guint32     seed,
            const char *bytes,
            gsize       length)
{
  guint64 hash = seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + length;

  while (length >= 8)
    {
      guint64 word;

      memcpy (&word, bytes, 8);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      hash ^= hash >> 32;
      bytes += 8;
      length -= 8;
    }
  while (length-- > 0)
    hash = (hash ^ (guchar) *bytes++) * G_GUINT64_CONSTANT (0x100000001b3);
  hash ^= hash >> 33;
  hash *= G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return hash ^ (hash >> 32);
}

static void
table_init (Table *table)
{
  chunks_init (&table->buckets, sizeof (guint32));
  table->base = 1;
  *(guint32 *) chunks_add (&table->buckets) = CB_KEY_NONE;
}

static guint32 *
table_get (Table   *table,
           guint32  hash)
{
  guint index = hash & (table->base - 1);

  if (index < table->split)
    index = hash & (table->base * 2 - 1);
  return chunks_get (&table->buckets, index);
}

#define DEFINE_SPLIT(name, Type, elements)                                \
  static void                                                             \
  name (CbKeyStore *self,                                                 \
        Table      *table)                                                \
  {                                                                       \
    guint32 *low = chunks_get (&table->buckets, table->split);            \
    guint32 *high = chunks_add (&table->buckets);                         \
    guint32 id = *low;                                                    \
                                                                          \
    *low = *high = CB_KEY_NONE;                                           \
    while (id != CB_KEY_NONE)                                             \
      {                                                                   \
        Type *element = chunks_get (&self->elements, id);                 \
        guint32 *place = element->hash & table->base ? high : low;        \
        guint32 next = element->next;                                     \
                                                                          \
        element->next = *place;                                           \
        *place = id;                                                      \
        id = next;                                                        \
      }                                                                   \
    if (++table->split == table->base)                                    \
      {                                                                   \
        table->base *= 2;                                                 \
        table->split = 0;                                                 \
      }                                                                   \
  }

/* With millions of keys nothing of them is in the processor's cache when it is needed: it is asked for some steps before. That must
 * not be wrong, only in vain. */
#define AHEAD 8

static inline void
fetch_chain (CbKeyStore *self,
             guint32    *bucket)
{
  if (*bucket != CB_KEY_NONE)
    __builtin_prefetch (chunks_get (&self->keys, *bucket), 1);
}

DEFINE_SPLIT (split_keys, Key, keys)
DEFINE_SPLIT (split_folders, Folder, folders)

static const char *
get_text (CbKeyStore *self,
          guint64     at)
{
  return self->texts[at >> 32] + (guint32) at;
}

static guint64
add_text (CbKeyStore *self,
          const char *bytes,
          gsize       length)
{
  gsize size = MAX (length, TEXT_CHUNK);
  guint64 at;

  if (self->n_texts == 0 || self->text_used + length > TEXT_CHUNK)
    {
      self->texts[self->n_texts++] = g_malloc (size);
      self->text_size += size;
      self->text_used = 0;
    }
  at = (guint64) (self->n_texts - 1) << 32 | self->text_used;
  if (length > 0)
    memcpy (self->texts[self->n_texts - 1] + self->text_used, bytes, length);
  self->text_used += length;
  self->names += length;
  return at;
}

/**
 * cb_key_store_new:
 * @separator: (nullable): what parts names into folders
 *
 * Returns: (transfer full): a store without keys
 */
CbKeyStore *
cb_key_store_new (const char *separator)
{
  CbKeyStore *self = g_new0 (CbKeyStore, 1);
  Folder *root;

  g_atomic_ref_count_init (&self->ref_count);
  self->separator = g_strdup (separator != NULL ? separator : "");
  self->separator_length = strlen (self->separator);
  self->seed = g_random_int ();
  self->texts = g_new0 (char *, MOST_TEXT_CHUNKS);
  chunks_init (&self->keys, sizeof (Key));
  chunks_init (&self->folders, sizeof (Folder));
  table_init (&self->key_table);
  table_init (&self->folder_table);

  root = chunks_add (&self->folders);
  memset (root, 0, sizeof *root);
  root->parent = root->key = root->sibling = root->first_folder = root->first_key = CB_KEY_NONE;
  return self;
}

CbKeyStore *
cb_key_store_ref (CbKeyStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
cb_key_store_unref (CbKeyStore *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_texts; i++)
    g_free (self->texts[i]);
  g_free (self->texts);
  chunks_clear (&self->keys);
  chunks_clear (&self->folders);
  chunks_clear (&self->key_table.buckets);
  chunks_clear (&self->folder_table.buckets);
  g_free (self->separator);
  g_free (self);
}

static CbKeyId
find_key (CbKeyStore *self,
          guint32     hash,
          const char *name,
          gsize       length)
{
  for (guint32 id = *table_get (&self->key_table, hash); id != CB_KEY_NONE;)
    {
      Key *key = get_key (self, id);

      if (key->hash == hash && key->length == length &&
          (length == 0 || memcmp (get_text (self, key->at), name, length) == 0))
        return id;
      id = key->next;
    }
  return CB_KEY_NONE;
}

CbKeyId
cb_key_store_find (CbKeyStore *self,
                   const char *name,
                   gsize       length)
{
  g_return_val_if_fail (self != NULL, CB_KEY_NONE);
  return find_key (self, hash_bytes (self->seed, name, length), name, length);
}

/* The folder of that name in @parent, made when it is not there. @key begins with its path, to @end. */
static CbFolderId
enter_folder (CbKeyStore *self,
              CbFolderId  parent,
              CbKeyId     key,
              const char *name,
              guint32     start,
              guint32     end)
{
  guint32 hash = hash_bytes (self->seed ^ (parent + 1), name + start, end - start);
  guint32 id = *table_get (&self->folder_table, hash);
  guint32 *bucket;
  Folder *folder;
  Folder *above;

  for (; id != CB_KEY_NONE; id = folder->next)
    {
      folder = get_folder (self, id);
      if (folder->hash == hash && folder->parent == parent && folder->end - folder->start == end - start &&
          memcmp (get_text (self, get_key (self, folder->key)->at) + folder->start, name + start, end - start) == 0)
        return id;
    }

  id = self->folders.length;
  folder = chunks_add (&self->folders);
  above = get_folder (self, parent);
  bucket = table_get (&self->folder_table, hash);
  *folder = (Folder) {
    .parent = parent, .key = key, .start = start, .end = end, .hash = hash, .next = *bucket,
    .sibling = above->first_folder, .first_folder = CB_KEY_NONE, .first_key = CB_KEY_NONE,
  };
  *bucket = id;
  above->first_folder = id;
  above->n_folders++;
  split_folders (self, &self->folder_table);
  return id;
}

static const char *
find_separator (CbKeyStore *self,
                const char *from,
                const char *end)
{
  if (self->separator_length == 0 || from == end)
    return NULL;
  if (self->separator_length == 1)
    return memchr (from, self->separator[0], end - from);
  return memmem (from, end - from, self->separator, self->separator_length);
}

static void
count (CbKeyStore *self,
       CbFolderId  folder,
       int         by)
{
  for (; folder != CB_KEY_NONE; folder = get_folder (self, folder)->parent)
    get_folder (self, folder)->total += by;
}

/* Most keys lie where one did just before. */
static gboolean
is_in_last_folder (CbKeyStore *self,
                   const char *name,
                   gsize       length)
{
  Folder *last = get_folder (self, self->last_folder);
  gsize path_length = last->end + self->separator_length;

  return self->last_folder != CB_FOLDER_ROOT && length >= path_length &&
         memcmp (name, get_text (self, get_key (self, last->key)->at), path_length) == 0 &&
         find_separator (self, name + path_length, name + length) == NULL;
}

static void
put_into_folder (CbKeyStore *self,
                 CbKeyId     id)
{
  Key *key = get_key (self, id);
  const char *name = get_text (self, key->at);
  const char *end = name + key->length;
  const char *part = name;
  CbFolderId folder = CB_FOLDER_ROOT;
  const char *next;
  Folder *last;

  if (is_in_last_folder (self, name, key->length))
    {
      folder = self->last_folder;
    }
  else
    {
      for (guint depth = 0; depth < CB_KEY_MAX_DEPTH && (next = find_separator (self, part, end)) != NULL; depth++)
        {
          folder = enter_folder (self, folder, id, name, part - name, next - name);
          part = next + self->separator_length;
        }
      self->last_folder = folder;
    }

  last = get_folder (self, folder);
  key->folder = folder;
  key->sibling = last->first_key;
  last->first_key = id;
  last->n_keys++;
  count (self, folder, 1);
}

static gboolean
add_hashed (CbKeyStore *self,
            guint32     hash,
            const char *name,
            gsize       length,
            CbKeyId    *id)
{
  guint32 *bucket;
  CbKeyId found;
  Key *key;

  found = find_key (self, hash, name, length);
  if (found != CB_KEY_NONE || self->keys.length >= CB_KEY_MOST || self->n_texts == MOST_TEXT_CHUNKS ||
      self->folders.length + CB_KEY_MAX_DEPTH >= CB_KEY_MOST)
    {
      if (id != NULL)
        *id = found;
      return FALSE;
    }

  found = self->keys.length;
  key = chunks_add (&self->keys);
  bucket = table_get (&self->key_table, hash);
  *key = (Key) { .at = add_text (self, name, length), .length = length, .hash = hash, .next = *bucket };
  *bucket = found;
  split_keys (self, &self->key_table);
  put_into_folder (self, found);
  if (id != NULL)
    *id = found;
  return TRUE;
}

/**
 * cb_key_store_add:
 * @self: a store
 * @name: (array length=length): the name, which is copied
 * @length: its length in bytes, at most 512 MiB as on the server
 * @id: (out) (optional): what it is known by here
 *
 * Returns: whether it was not there; %FALSE and %CB_KEY_NONE, too, when the store is full
 */
gboolean
cb_key_store_add (CbKeyStore *self,
                  const char *name,
                  gsize       length,
                  CbKeyId    *id)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (name != NULL || length == 0, FALSE);
  g_return_val_if_fail (length <= G_MAXINT32, FALSE);

  return add_hashed (self, hash_bytes (self->seed, name, length), name, length, id);
}

/**
 * cb_key_store_add_many:
 * @n: how many
 * @names: (array length=n): the names, which are copied
 * @lengths: (array length=n): their lengths in bytes
 *
 * As cb_key_store_add() for each of them, and faster.
 */
void
cb_key_store_add_many (CbKeyStore         *self,
                       guint               n,
                       const char * const *names,
                       const gsize        *lengths)
{
  g_autofree guint32 *hashes = g_new (guint32, MAX (n, 1));

  g_return_if_fail (self != NULL);

  for (guint i = 0; i < n; i++)
    {
      hashes[i] = hash_bytes (self->seed, names[i], lengths[i]);
      __builtin_prefetch (table_get (&self->key_table, hashes[i]), 1);
    }
  for (guint i = 0; i < MIN (n, AHEAD); i++)
    fetch_chain (self, table_get (&self->key_table, hashes[i]));
  for (guint i = 0; i < n; i++)
    {
      guint later = self->key_table.split + AHEAD;

      if (i + AHEAD < n)
        fetch_chain (self, table_get (&self->key_table, hashes[i + AHEAD]));
      if (later < self->key_table.base)
        fetch_chain (self, chunks_get (&self->key_table.buckets, later));
      add_hashed (self, hashes[i], names[i], lengths[i], NULL);
    }
}

void
cb_key_store_set_gone (CbKeyStore *self,
                       CbKeyId     id,
                       gboolean    gone)
{
  Key *key;

  g_return_if_fail (self != NULL && id < self->keys.length);

  key = get_key (self, id);
  if (key->gone == !!gone)
    return;
  key->gone = !!gone;
  count (self, key->folder, gone ? -1 : 1);
}

gboolean
cb_key_store_get_gone (CbKeyStore *self,
                       CbKeyId     id)
{
  g_return_val_if_fail (self != NULL && id < self->keys.length, FALSE);
  return get_key (self, id)->gone;
}

guint
cb_key_store_get_length (CbKeyStore *self)
{
  return self->keys.length;
}

/**
 * cb_key_store_get_name:
 *
 * Returns: (transfer none): the bytes of the name, without a NUL behind them, valid as long as the store
 */
const char *
cb_key_store_get_name (CbKeyStore *self,
                       CbKeyId     id,
                       gsize      *length)
{
  Key *key = get_key (self, id);

  *length = key->length;
  return get_text (self, key->at);
}

CbFolderId
cb_key_store_get_key_folder (CbKeyStore *self,
                             CbKeyId     id)
{
  return get_key (self, id)->folder;
}

gsize
cb_key_store_get_leaf_offset (CbKeyStore *self,
                              CbKeyId     id)
{
  CbFolderId folder = get_key (self, id)->folder;

  return folder != CB_FOLDER_ROOT ? get_folder (self, folder)->end + self->separator_length : 0;
}

guint
cb_key_store_get_n_folders (CbKeyStore *self)
{
  return self->folders.length;
}

CbFolderId
cb_key_store_get_parent (CbKeyStore *self,
                         CbFolderId  folder)
{
  return get_folder (self, folder)->parent;
}

const char *
cb_key_store_get_folder_name (CbKeyStore *self,
                              CbFolderId  folder,
                              gsize      *length)
{
  Folder *one = get_folder (self, folder);

  *length = one->end - one->start;
  return folder != CB_FOLDER_ROOT ? get_text (self, get_key (self, one->key)->at) + one->start : "";
}

const char *
cb_key_store_get_folder_path (CbKeyStore *self,
                              CbFolderId  folder,
                              gsize      *length)
{
  Folder *one = get_folder (self, folder);

  *length = folder != CB_FOLDER_ROOT ? one->end + self->separator_length : 0;
  return folder != CB_FOLDER_ROOT ? get_text (self, get_key (self, one->key)->at) : "";
}

guint
cb_key_store_count_keys (CbKeyStore *self,
                         CbFolderId  folder)
{
  return get_folder (self, folder)->total;
}

/* Gone keys are counted here: they keep their rows. */
guint
cb_key_store_count_children (CbKeyStore *self,
                             CbFolderId  folder,
                             guint      *n_folders,
                             guint      *n_keys)
{
  Folder *one = get_folder (self, folder);

  if (n_folders != NULL)
    *n_folders = one->n_folders;
  if (n_keys != NULL)
    *n_keys = one->n_keys;
  return one->n_folders + one->n_keys;
}

CbFolderId
cb_key_store_get_first_folder (CbKeyStore *self,
                               CbFolderId  folder)
{
  return get_folder (self, folder)->first_folder;
}

CbFolderId
cb_key_store_get_next_folder (CbKeyStore *self,
                              CbFolderId  folder)
{
  return get_folder (self, folder)->sibling;
}

CbKeyId
cb_key_store_get_first_key (CbKeyStore *self,
                            CbFolderId  folder)
{
  return get_folder (self, folder)->first_key;
}

CbKeyId
cb_key_store_get_next_key (CbKeyStore *self,
                           CbKeyId     id)
{
  return get_key (self, id)->sibling;
}

static gsize
chunks_memory (Chunks *chunks)
{
  return chunks_count (chunks) * (CHUNK_LENGTH * chunks->size + sizeof (gpointer));
}

/**
 * cb_key_store_get_memory:
 * @self: a store
 * @names: (out) (optional): the bytes of all names
 *
 * Returns: the bytes that were allocated; parts of the chunks that are not used yet are counted
 */
gsize
cb_key_store_get_memory (CbKeyStore *self,
                         gsize      *names)
{
  if (names != NULL)
    *names = self->names;
  return sizeof *self + self->text_size + self->n_texts * sizeof (gpointer) + chunks_memory (&self->keys) +
         chunks_memory (&self->folders) + chunks_memory (&self->key_table.buckets) +
         chunks_memory (&self->folder_table.buckets);
}

/**
 * cb_key_is_of_job:
 * @name: (array length=length): the name of a key
 * @length: its length
 * @prefix_length: (out) (optional): how much of it is the prefix of the queues
 * @job: (out) (optional): the id of the job
 *
 * Kue keeps job 12 in `q:job:12`, and its log in `q:job:12:log`; the prefix may hold colons and braces.
 */
gboolean
cb_key_is_of_job (const char *name,
                  gsize       length,
                  gsize      *prefix_length,
                  guint64    *job)
{
  static const char mark[] = ":job:";
  const gsize mark_length = sizeof mark - 1;
  const char *end = name + length;
  const char *found = name;

  g_return_val_if_fail (name != NULL || length == 0, FALSE);

  while (length > 0 && (found = memmem (found, end - found, mark, mark_length)) != NULL)
    {
      const char *digit = found + mark_length;
      guint64 id = 0;
      guint n_digits = 0;

      for (; digit < end && g_ascii_isdigit (*digit) && n_digits < 18; digit++, n_digits++)
        id = id * 10 + (*digit - '0');
      if (found > name && n_digits > 0 && id > 0 && found[mark_length] != '0' && (digit == end || *digit == ':'))
        {
          if (prefix_length != NULL)
            *prefix_length = found - name;
          if (job != NULL)
            *job = id;
          return TRUE;
        }
      found++;
    }
  return FALSE;
}
