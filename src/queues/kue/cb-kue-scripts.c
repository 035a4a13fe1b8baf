/* cb-kue-scripts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-scripts.h"

#include "cb-kue-lua.h"

static const struct
{
  const char *name;
  const char *source;
  const char *before;    /* (nullable) what it has in common with some others */
  const char *flags;     /* (nullable) the first line, by which the server knows what it may do */
  const char *behind;    /* (nullable) the same at its end */
  enum
  {
    CB_PLAIN,
    CB_LEAN,             /* without common.lua */
    CB_PHOTOGRAPHS,      /* photograph.lua stands before it, too */
    CB_PUTS_BACK,        /* the same, and putback.lua */
    CB_GUARDED,          /* the same, and it is a function that guard.lua calls, only when the job is as it was captured */
  } kind;
} sources[CB_KUE_N_SCRIPTS] = {
  [CB_KUE_SCRIPT_CREATE]   = { "kue/create", cb_kue_lua_create, .kind = CB_LEAN },
  [CB_KUE_SCRIPT_TURN]     = { "kue/turn", cb_kue_lua_turn, .behind = cb_kue_lua_claim },
  [CB_KUE_SCRIPT_WAKE]     = { "kue/wake", cb_kue_lua_wake, .behind = cb_kue_lua_claim, .kind = CB_LEAN },
  [CB_KUE_SCRIPT_BEGIN]    = { "kue/begin", cb_kue_lua_begin },
  [CB_KUE_SCRIPT_PROGRESS] = { "kue/progress", cb_kue_lua_progress },
  [CB_KUE_SCRIPT_LOG]      = { "kue/log", cb_kue_lua_log },
  [CB_KUE_SCRIPT_RELEASE]  = { "kue/release", cb_kue_lua_release },
  [CB_KUE_SCRIPT_EXTEND]   = { "kue/extend", cb_kue_lua_extend },
  [CB_KUE_SCRIPT_RECOVER]  = { "kue/recover", cb_kue_lua_recover },
  [CB_KUE_SCRIPT_PROMOTE]  = { "kue/promote", cb_kue_lua_promote },
  [CB_KUE_SCRIPT_EXPIRING] = { "kue/expiring", cb_kue_lua_expiring },
  [CB_KUE_SCRIPT_EXPIRE]   = { "kue/expire", cb_kue_lua_expire },
  [CB_KUE_SCRIPT_RETRY]    = { "kue/retry", cb_kue_lua_retry },
  [CB_KUE_SCRIPT_REMOVE]   = { "kue/remove", cb_kue_lua_remove },
  [CB_KUE_SCRIPT_PRIORITY] = { "kue/priority", cb_kue_lua_priority },
  [CB_KUE_SCRIPT_STATE]    = { "kue/state", cb_kue_lua_state },
  [CB_KUE_SCRIPT_UNLOCK]   = { "kue/unlock", cb_kue_lua_unlock },
  [CB_KUE_SCRIPT_UPDATE]   = { "kue/update", cb_kue_lua_update },
  [CB_KUE_SCRIPT_EXAMINE]  = { "kue/examine", cb_kue_lua_examine, cb_kue_lua_diagnose, "#!lua flags=no-writes\n" },
  [CB_KUE_SCRIPT_REPAIR]   = { "kue/repair", cb_kue_lua_repair, cb_kue_lua_diagnose },
  [CB_KUE_SCRIPT_CAPTURE]  = { "kue/capture", cb_kue_lua_capture, NULL, "#!lua flags=no-writes\n", NULL, CB_PHOTOGRAPHS },
  [CB_KUE_SCRIPT_CAPTURE_REPAIR]   = { "kue/capture-repair", cb_kue_lua_capture_repair, cb_kue_lua_diagnose, "#!lua flags=no-writes\n", NULL, CB_PHOTOGRAPHS },
  [CB_KUE_SCRIPT_GUARDED_REPAIR]   = { "kue/guarded-repair", cb_kue_lua_repair, cb_kue_lua_diagnose, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_RESTORE]  = { "kue/restore", cb_kue_lua_restore, NULL, NULL, NULL, CB_PUTS_BACK },
  [CB_KUE_SCRIPT_GUARDED_RETRY]    = { "kue/guarded-retry", cb_kue_lua_retry, NULL, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_GUARDED_PROMOTE]  = { "kue/guarded-promote", cb_kue_lua_promote, NULL, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_GUARDED_REMOVE]   = { "kue/guarded-remove", cb_kue_lua_remove, NULL, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_GUARDED_PRIORITY] = { "kue/guarded-priority", cb_kue_lua_priority, NULL, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_GUARDED_UPDATE]   = { "kue/guarded-update", cb_kue_lua_update, NULL, NULL, NULL, CB_GUARDED },
  [CB_KUE_SCRIPT_GUARDED_STATE]    = { "kue/guarded-state", cb_kue_lua_state, NULL, NULL, NULL, CB_GUARDED },
};

/**
 * cb_kue_script_get:
 *
 * Returns: (transfer none): the script with what all of them begin with in front of it; made at the first use
 */
CbScript *
cb_kue_script_get (CbKueScript which)
{
  static CbScript *scripts[CB_KUE_N_SCRIPTS];

  g_return_val_if_fail (which < CB_KUE_N_SCRIPTS, NULL);

  if (g_once_init_enter (&scripts[which]))
    {
      const char *flags = sources[which].flags;
      const char *before = sources[which].before;
      const char *behind = sources[which].behind;
      gboolean guarded = sources[which].kind == CB_GUARDED;
      gboolean lean = sources[which].kind == CB_LEAN;
      g_autofree char *source = g_strconcat (flags != NULL ? flags : "", cb_kue_lua_basics, lean ? "" : cb_kue_lua_common, before != NULL ? before : "",
                                             sources[which].kind >= CB_PHOTOGRAPHS ? cb_kue_lua_photograph : "",
                                             sources[which].kind >= CB_PUTS_BACK ? cb_kue_lua_putback : "",
                                             guarded ? cb_kue_lua_guarded : "",
                                             which == CB_KUE_SCRIPT_GUARDED_REPAIR ? "guarded.repairs = true\n" : "", guarded ? "local function act ()\n" : "",
                                             sources[which].source, guarded ? "end\n" : "", guarded ? cb_kue_lua_guard : "", behind != NULL ? behind : "",
                                             NULL);

      g_once_init_leave (&scripts[which], cb_script_new (sources[which].name, source));
    }

  return scripts[which];
}
