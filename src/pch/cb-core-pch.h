/* Compiled once for all files of the library. */

#include "config.h"

#include <gio/gio.h>
