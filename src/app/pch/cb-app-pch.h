/* Compiled once for all files of the window: reading GTK takes longer than compiling most of them. */

#include "config.h"

#include <adwaita.h>
