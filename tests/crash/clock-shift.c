/* clock-shift.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Loaded into a program (LD_PRELOAD), its wall clock is wrong by CLOCK_SHIFT seconds, from CLOCK_SHIFT_AFTER milliseconds on. What
 * counts how long something takes goes on as it is. */

#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int    shifted_gettime      (clockid_t clock, struct timespec *time) __asm__ ("clock_gettime");
int    shifted_gettimeofday (struct timeval *now, void *zone) __asm__ ("gettimeofday");
time_t shifted_time         (time_t *now) __asm__ ("time");

static struct timespec begun;

__attribute__ ((constructor)) static void
begin (void)
{
  syscall (SYS_clock_gettime, CLOCK_MONOTONIC, &begun);
}

static long
get_shift (void)
{
  const char *shift = getenv ("CLOCK_SHIFT");
  const char *after = getenv ("CLOCK_SHIFT_AFTER");
  struct timespec now;

  if (shift == NULL)
    return 0;
  syscall (SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  if (after != NULL && (now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000 < atol (after))
    return 0;

  return atol (shift);
}

int
shifted_gettime (clockid_t clock,
                 struct timespec *time)
{
  int result = (int) syscall (SYS_clock_gettime, clock, time);

  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += get_shift ();

  return result;
}

int
shifted_gettimeofday (struct timeval *now,
                      void *zone)
{
  struct timespec time;

  shifted_gettime (CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;

  return 0;
}

time_t
shifted_time (time_t *now)
{
  struct timespec time;

  shifted_gettime (CLOCK_REALTIME, &time);
  if (now != NULL)
    *now = time.tv_sec;

  return time.tv_sec;
}
