/* cb-journal-file.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cb-journal.h"

/*
 * The file begins with MAGIC. A record is
 *
 *     tag, number, stored length, full length       four times 32 bits, the lowest byte first
 *     check                                         20 bytes: SHA-1 over its place in the file and all of it but the check
 *     contents                                      as many bytes as the stored length; deflated when both lengths differ
 *
 * The contents are a GVariant in the byte order that puts the lowest byte first. A file is only ever made longer. While somebody
 * writes to it the file is locked (flock); the kernel takes the lock away from who has died.
 */

#define MAGIC "CBundo1\n"
#define MAGIC_LENGTH 8
#define HEAD_LENGTH 36
#define CHECK_LENGTH 20

/* No record is larger; what says so is damaged. */
#define LARGEST (1024 * 1024 * 1024)
#define WORTH_DEFLATING 256

struct _CbJournalFile
{
  char    *path;      /* (owned) */
  int      fd;
  gboolean write;
  gboolean busy;
  gint64   end;       /* behind the last whole record */
  gint64   size;
  GArray  *records;   /* (owned) (element-type CbJournalRecord) */
};

static gboolean
set_file_error (GError     **error,
                const char  *path,
                const char  *what)
{
  int saved_errno = errno;
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s can’t be %s: %s", name, what,
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
read_fully (int     fd,
            gint64  offset,
            void   *bytes,
            gsize   length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pread (fd, (char *) bytes + done, length - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += n;
    }

  return TRUE;
}

static gboolean
write_fully (int         fd,
             gint64      offset,
             const void *bytes,
             gsize       length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pwrite (fd, (const char *) bytes + done, length - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      done += n;
    }

  return TRUE;
}

static guint32
get_number (const guint8 *head,
            guint         index)
{
  guint32 number;

  memcpy (&number, head + 4 * index, 4);
  return GUINT32_FROM_LE (number);
}

static void
make_check (gint64        offset,
            const guint8 *head,
            const guint8 *contents,
            gsize         length,
            guint8       *check)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint64 place = GUINT64_TO_LE ((guint64) offset);
  gsize n = CHECK_LENGTH;

  g_checksum_update (checksum, (const guchar *) &place, sizeof place);
  g_checksum_update (checksum, head, HEAD_LENGTH - CHECK_LENGTH);
  g_checksum_update (checksum, contents, length);
  g_checksum_get_digest (checksum, check, &n);
}

/* --- lengths and bytes --- */

static GBytes *
convert (GConverter    *converter,
         gconstpointer  bytes,
         gsize          length,
         gsize          most,
         GError       **error)
{
  g_autofree char *output = g_malloc (MAX (most, 1));
  gsize from = 0, to = 0;

  for (;;)
    {
      gsize n_read = 0, n_written = 0;
      GConverterResult result = g_converter_convert (converter, (const char *) bytes + from, length - from, output + to, most - to,
                                                     G_CONVERTER_INPUT_AT_END, &n_read, &n_written, error);

      if (result == G_CONVERTER_ERROR)
        return NULL;
      from += n_read;
      to += n_written;
      if (result == G_CONVERTER_FINISHED)
        return g_bytes_new_take (g_steal_pointer (&output), to);
    }
}

/* NULL when it does not become shorter by it. */
static GBytes *
deflate_bytes (gconstpointer bytes,
               gsize         length)
{
  g_autoptr (GConverter) converter = NULL;

  if (length < WORTH_DEFLATING)
    return NULL;

  converter = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 1));
  return convert (converter, bytes, length, length - 1, NULL);
}

static GBytes *
inflate_bytes (gconstpointer   bytes,
               gsize           length,
               gsize           full_length,
               GError        **error)
{
  g_autoptr (GConverter) converter = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr (GBytes) inflated = convert (converter, bytes, length, full_length, error);

  if (inflated != NULL && g_bytes_get_size (inflated) != full_length)
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED, "it has another length than it says");
      return NULL;
    }

  return g_steal_pointer (&inflated);
}

/* --- opening --- */

/* Finds the whole records by their lengths. Whether their contents are right is seen when they are read; of the last one at
 * once, as it is the one that a crash tears. */
static void
scan (CbJournalFile *self)
{
  guint8 head[HEAD_LENGTH];
  gint64 offset = MAGIC_LENGTH;

  while (self->size - offset >= HEAD_LENGTH && read_fully (self->fd, offset, head, HEAD_LENGTH))
    {
      CbJournalRecord record = { get_number (head, 0), get_number (head, 1), offset };
      guint32 stored = get_number (head, 2), full = get_number (head, 3);

      if (stored > LARGEST || full > LARGEST || stored > full || self->size - offset - HEAD_LENGTH < stored)
        break;
      g_array_append_val (self->records, record);
      offset += HEAD_LENGTH + stored;
    }
  self->end = offset;

  while (self->records->len > 0)
    {
      CbJournalRecord *last = &g_array_index (self->records, CbJournalRecord, self->records->len - 1);
      g_autoptr (GVariant) contents = cb_journal_file_read (self, self->records->len - 1, NULL, NULL);

      if (contents != NULL)
        break;
      self->end = last->offset;
      g_array_set_size (self->records, self->records->len - 1);
    }
}

static gboolean
try_lock (int fd,
          int how)
{
  int locked;

  do
    locked = flock (fd, how | LOCK_NB);
  while (locked != 0 && errno == EINTR);

  return locked == 0;
}

static CbJournalFile *
journal_file_new (const char *path,
                  int         fd,
                  gboolean    write)
{
  CbJournalFile *self = g_new0 (CbJournalFile, 1);

  self->path = g_strdup (path);
  self->fd = fd;
  self->write = write;
  self->records = g_array_new (FALSE, FALSE, sizeof (CbJournalRecord));

  return self;
}

/**
 * cb_journal_file_create:
 * @path: a file that is not there
 *
 * Returns: (transfer full) (nullable): the file, to which nobody else can write until it is freed
 */
CbJournalFile *
cb_journal_file_create (const char  *path,
                        GError     **error)
{
  g_autoptr (CbJournalFile) self = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int folder_fd;

  if (fd < 0)
    {
      set_file_error (error, path, "made");
      return NULL;
    }

  self = journal_file_new (path, fd, TRUE);
  if (!try_lock (fd, LOCK_EX) || !write_fully (fd, 0, MAGIC, MAGIC_LENGTH))
    {
      set_file_error (error, path, "written");
      g_unlink (path);
      return NULL;
    }
  self->size = self->end = MAGIC_LENGTH;

  /* Its name, too, is to outlive a loss of power. */
  folder_fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder_fd >= 0)
    {
      fsync (folder_fd);
      close (folder_fd);
    }

  return g_steal_pointer (&self);
}

/**
 * cb_journal_file_open:
 * @write: whether records are to be added
 *
 * Returns: (transfer full) (nullable): the file
 */
CbJournalFile *
cb_journal_file_open (const char  *path,
                      gboolean     write,
                      GError     **error)
{
  g_autoptr (CbJournalFile) self = NULL;
  int fd = g_open (path, (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC, 0);
  char magic[MAGIC_LENGTH];
  struct stat info;

  if (fd < 0)
    {
      set_file_error (error, path, "opened");
      return NULL;
    }

  self = journal_file_new (path, fd, write);
  if (write && !try_lock (fd, LOCK_EX))
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_BUSY,
                           "It is still under way in another window or command: wait until that is done");
      return NULL;
    }
  if (!write && !try_lock (fd, LOCK_SH))
    self->busy = TRUE;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size < MAGIC_LENGTH ||
      !read_fully (fd, 0, magic, MAGIC_LENGTH) || memcmp (magic, MAGIC, MAGIC_LENGTH) != 0)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED, "%s is no file of the undo journal", name);
      return NULL;
    }
  self->size = info.st_size;
  scan (self);

  return g_steal_pointer (&self);
}

void
cb_journal_file_free (CbJournalFile *self)
{
  if (self == NULL)
    return;

  close (self->fd);
  g_array_unref (self->records);
  g_free (self->path);
  g_free (self);
}

GArray *
cb_journal_file_get_records (CbJournalFile *self)
{
  return self->records;
}

gboolean
cb_journal_file_is_torn (CbJournalFile *self)
{
  return self->end < self->size;
}

gboolean
cb_journal_file_is_busy (CbJournalFile *self)
{
  return self->busy;
}

gint64
cb_journal_file_get_size (CbJournalFile *self)
{
  return self->size;
}

/* --- records --- */

/**
 * cb_journal_file_read:
 * @index: which of cb_journal_file_get_records()
 * @type: (nullable): the type that it must have; %NULL to get the bytes
 *
 * Returns: (transfer full) (nullable): its contents; they are whole, but a program may have meant something else by them
 */
GVariant *
cb_journal_file_read (CbJournalFile  *self,
                      guint           index,
                      const char     *type,
                      GError        **error)
{
  const CbJournalRecord *record = &g_array_index (self->records, CbJournalRecord, index);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autofree guint8 *contents = NULL;
  guint8 head[HEAD_LENGTH], check[CHECK_LENGTH];
  guint32 stored, full;

  g_return_val_if_fail (index < self->records->len, NULL);

  if (!read_fully (self->fd, record->offset, head, HEAD_LENGTH))
    {
      set_file_error (error, self->path, "read");
      return NULL;
    }
  stored = get_number (head, 2);
  full = get_number (head, 3);
  contents = g_malloc (MAX (stored, 1));
  if (stored > LARGEST || full > LARGEST || !read_fully (self->fd, record->offset + HEAD_LENGTH, contents, stored))
    {
      set_file_error (error, self->path, "read");
      return NULL;
    }

  make_check (record->offset, head, contents, stored, check);
  if (memcmp (check, head + HEAD_LENGTH - CHECK_LENGTH, CHECK_LENGTH) != 0)
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED, "A part of this entry of the undo journal is damaged");
      return NULL;
    }

  if (stored == full)
    {
      bytes = g_bytes_new_take (g_steal_pointer (&contents), stored);
    }
  else
    {
      bytes = inflate_bytes (contents, stored, full, error);
      if (bytes == NULL)
        {
          g_prefix_error (error, "A part of this entry of the undo journal is damaged: ");
          return NULL;
        }
    }

  variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type != NULL ? type : "ay"), bytes, FALSE));
  if (G_BYTE_ORDER == G_BIG_ENDIAN && type != NULL)
    return g_variant_byteswap (variant);

  return g_steal_pointer (&variant);
}

/**
 * cb_journal_file_append:
 * @contents: (transfer floating): what the record holds
 *
 * Adds a record. When that does not work the file is as long as before, or has a torn end that the next append writes over.
 */
gboolean
cb_journal_file_append (CbJournalFile  *self,
                        guint32         tag,
                        guint32         number,
                        GVariant       *contents,
                        gboolean        sync,
                        GError        **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (contents);
  g_autoptr (GVariant) swapped = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (sunk) : g_variant_ref (sunk);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (swapped);
  g_autoptr (GBytes) deflated = NULL;
  CbJournalRecord record = { tag, number, self->end };
  guint32 numbers[4];
  guint8 head[HEAD_LENGTH];
  const guint8 *data;
  gsize length;

  g_return_val_if_fail (self->write, FALSE);

  if (g_bytes_get_size (bytes) > LARGEST)
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_FULL, "This is too much for one entry of the undo journal");
      return FALSE;
    }

  deflated = deflate_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  data = g_bytes_get_data (deflated != NULL ? deflated : bytes, &length);
  numbers[0] = GUINT32_TO_LE (tag);
  numbers[1] = GUINT32_TO_LE (number);
  numbers[2] = GUINT32_TO_LE ((guint32) length);
  numbers[3] = GUINT32_TO_LE ((guint32) g_bytes_get_size (bytes));
  memcpy (head, numbers, sizeof numbers);
  make_check (self->end, head, data, length, head + HEAD_LENGTH - CHECK_LENGTH);

  /* A whole record must not stand behind a torn one, where a reader would look for the rest of that. */
  if ((self->end < self->size && ftruncate (self->fd, self->end) != 0) ||
      !write_fully (self->fd, self->end, head, HEAD_LENGTH) ||
      !write_fully (self->fd, self->end + HEAD_LENGTH, data, length) ||
      (sync && fdatasync (self->fd) != 0))
    {
      set_file_error (error, self->path, "written");
      self->size = self->end + 1; /* whatever it is, it is to be cut */
      return FALSE;
    }

  self->end += HEAD_LENGTH + length;
  self->size = self->end;
  g_array_append_val (self->records, record);

  return TRUE;
}
