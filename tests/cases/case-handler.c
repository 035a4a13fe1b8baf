/* case-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a worker runs for the jobs of these tests: it does what its words say, one after the other.
 *
 *   note FILE      appends "ID ATTEMPTS" to it
 *   say LINE       prints a line: progress, log or result
 *   msec N         waits
 *   until FILE     waits until there is that file
 *   kill-for ID    kills the worker when the job is this
 *   fail           ends with status 1
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char job[65536];

static long
number (const char *name)
{
  const char *found = strstr (job, name);

  return found != NULL ? strtol (found + strlen (name), NULL, 10) : -1;
}

int
main (int argc,
      char *argv[])
{
  pid_t worker = getppid ();
  size_t length = 0;
  ssize_t got;

  while (length < sizeof job - 1 && (got = read (STDIN_FILENO, job + length, sizeof job - 1 - length)) > 0)
    length += (size_t) got;

  for (int i = 1; i < argc; i++)
    {
      const char *word = argv[i];
      const char *what = i + 1 < argc ? argv[i + 1] : NULL;

      if (strcmp (word, "fail") == 0)
        return 1;
      if (what == NULL)
        abort ();
      i++;

      if (strcmp (word, "note") == 0)
        {
          int fd = open (what, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
          char line[64];
          int size = snprintf (line, sizeof line, "%ld %ld\n", number ("\"id\":"), number ("\"made\":"));

          if (fd < 0 || write (fd, line, (size_t) size) != size)
            abort ();
          close (fd);
        }
      else if (strcmp (word, "say") == 0)
        {
          puts (what);
          fflush (stdout);
        }
      else if (strcmp (word, "msec") == 0)
        usleep ((useconds_t) atol (what) * 1000);
      else if (strcmp (word, "until") == 0)
        {
          /* Not longer than the worker lives, so that nothing is left behind. */
          while (access (what, F_OK) != 0 && getppid () == worker)
            usleep (2000);
        }
      else if (strcmp (word, "kill-for") == 0)
        {
          if (number ("\"id\":") == atol (what))
            kill (getppid (), SIGKILL);
        }
      else
        abort ();
    }

  return 0;
}
