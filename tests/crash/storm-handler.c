/* storm-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a job of the storm runs: it does as its data say, and writes down what it did before anybody else can know. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char job[65536];

static long
number (const char *from,
        const char *name)
{
  char pattern[32];
  const char *found;

  snprintf (pattern, sizeof pattern, "\"%s\":", name);
  found = strstr (from, pattern);

  return found != NULL ? strtol (found + strlen (pattern), NULL, 10) : 0;
}

static void
write_down (int fd,
            const char *what,
            long n,
            const char *rest)
{
  char line[128];
  int length = snprintf (line, sizeof line, "%s %ld %ld %s\n", what, n, number (job, "id"), rest);

  if (write (fd, line, (size_t) length) != length)
    abort ();
}

int
main (int argc,
      char *argv[])
{
  const char *data, *attempts;
  size_t length = 0;
  ssize_t got;
  char rest[64];
  long n, made;
  int fd;

  while (length < sizeof job - 1 && (got = read (STDIN_FILENO, job + length, sizeof job - 1 - length)) > 0)
    length += (size_t) got;
  data = strstr (job, "\"data\":{");
  attempts = strstr (job, "\"attempts\":");
  fd = argc > 1 ? open (argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (attempts == NULL || fd < 0)
    abort ();
  if (data == NULL) /* Kue was cut short when it created it */
    return 0;

  n = number (data, "n");
  made = number (attempts, "made");
  snprintf (rest, sizeof rest, "%ld callboard", made);
  write_down (fd, "start", n, rest);

  printf ("progress 50\nlog run of %ld\n", n);
  fflush (stdout);
  if (made < number (data, "hang"))
    pause ();
  usleep ((useconds_t) number (data, "msec") * 1000);

  if (made < number (data, "fail"))
    {
      write_down (fd, "bad", n, "callboard");
      fputs ("failed by its own doing\n", stderr);
      return 1;
    }

  write_down (fd, "ok", n, "callboard");
  printf ("result {\"n\":%ld}\n", n);

  return 0;
}
