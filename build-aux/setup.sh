# build-aux/setup.sh: what ./run and ./check share. Sourced by both, with $top set to the source folder.
#
# It knows which packages are needed, finds which of them are missing, and installs them where it knows how.

say () { printf '%s\n' "$*"; }
die () { printf '%s\n' "$*" >&2; exit 1; }

# By the name of the distribution family: what building and running needs, and what the tests need besides.
debian_build='gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libgtk-4-dev libgtk-4-bin
  libadwaita-1-dev libgtksourceview-5-dev libhiredis-dev libjson-glib-dev libsecret-1-dev libsoup-3.0-dev
  glib-networking redis-server
  desktop-file-utils adwaita-icon-theme librsvg2-common fonts-dejavu-core ca-certificates dbus dbus-bin'
debian_check='xvfb xauth x11-utils locales tzdata dbus-daemon at-spi2-core
  libatspi2.0-dev xdotool openbox gnome-keyring appstream git man-db'
fedora_build='gcc meson ninja-build pkgconf-pkg-config gettext glib2-devel gtk4-devel libadwaita-devel
  gtksourceview5-devel hiredis-devel json-glib-devel libsecret-devel libsoup3-devel glib-networking valkey desktop-file-utils
  adwaita-icon-theme dejavu-sans-fonts ca-certificates dbus-daemon'
fedora_check='xorg-x11-server-Xvfb xorg-x11-xauth xprop glibc-locale-source tzdata
  at-spi2-core at-spi2-core-devel xdotool openbox gnome-keyring appstream
  git-core man-db libasan libubsan'

# Sets $family (debian, fedora or empty) and $distribution (its name for people).
find_distribution () {
  family= distribution='this system'
  [ -r /etc/os-release ] || return 0
  distribution=$(. /etc/os-release && printf '%s' "${PRETTY_NAME:-$ID}")
  ids=$(. /etc/os-release && printf ' %s %s ' "${ID:-}" "${ID_LIKE:-}")
  case $ids in
    *' debian '* | *' ubuntu '*) family=debian ;;
    *' fedora '*) family=fedora ;;
  esac
}

# The lists of this system's family.
find_distribution
case $family in
  fedora) build_packages=$fedora_build check_packages=$fedora_check ;;
  *)      build_packages=$debian_build check_packages=$debian_check ;;
esac

# Prints which of the packages given are not installed, one a line.
missing_packages () {
  for package in "$@"; do
    case $family in
      debian)
        dpkg-query -W -f '${db:Status-Status} ${Provides}\n' "$package" 2>/dev/null | grep -q '^installed' ||
          say "$package" ;;
      fedora)
        rpm -q --whatprovides "$package" >/dev/null 2>&1 || say "$package" ;;
    esac
  done
}

# ask_yes QUESTION: true when the answer is yes; --yes answers by itself, and so does nobody.
ask_yes () {
  [ "$yes" = 1 ] && return 0
  [ -t 0 ] || die "Nobody is there to ask: $1 Run again with --yes to say yes."
  printf '%s [y/N] ' "$1"
  read -r answer || answer=
  case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

# install_packages PACKAGE…: installs what is missing of them, or says what is and ends.
install_packages () {
  if [ -z "$family" ]; then
    say "On $distribution Callboard doesn't know how to install packages. It needs:"
    say "  to build: a C compiler, Meson 1.0, Ninja, pkg-config, gettext, GLib 2.74, GTK 4.8, libadwaita 1.2,"
    say "            GtkSourceView 5.6, hiredis 0.14, json-glib 1.6, libsecret 0.20, libsoup 3.2"
    say "  to run:   redis-server 7.0 or valkey-server, the Adwaita icon theme, a session bus"
    [ "$purpose" = run ] ||
      say "  to test:  Xvfb, xdotool, at-spi2-core with its headers, openbox, a D-Bus daemon, GNOME Keyring, Git, Node 18 with npm"
    command -v meson >/dev/null && command -v pkg-config >/dev/null &&
      pkg-config --exists 'gtk4 >= 4.8' 'libadwaita-1 >= 1.2' 'gtksourceview-5 >= 5.6' 'hiredis >= 0.14' \
        'json-glib-1.0 >= 1.6' 'libsecret-1 >= 0.20' 'libsoup-3.0 >= 3.2' ||
      die "Install what is missing of these and run this again."
    return 0
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || return 0

  say "These packages are missing: $missing"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "Install them as the administrator and run this again (there is no sudo here)."
    ask_yes "Install them with sudo?" || die "Nothing was installed."
    sudo=sudo
  fi
  case $family in
    debian)
      # A package of Redis starts a system service; Callboard runs its own server and doesn't use that one.
      $sudo apt-get update -qq || say "The list of packages could not be refreshed; trying with the one there is."
      # shellcheck disable=SC2086  # the packages are words
      $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        >"${TMPDIR:-/tmp}/callboard-packages.$$" 2>&1 || {
          cat "${TMPDIR:-/tmp}/callboard-packages.$$" >&2
          die "The packages could not be installed; the reason stands above."
        }
      rm -f "${TMPDIR:-/tmp}/callboard-packages.$$" ;;
    fedora)
      # shellcheck disable=SC2086
      $sudo dnf install -y -q $missing || die "The packages could not be installed; the reason stands above." ;;
  esac
}

# quietly WHAT COMMAND…: says WHAT, runs the command, and shows what it printed only if it fails.
quietly () {
  say "$1…"; shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    status=$?
    cat "$log" >&2; rm -f "$log"
    exit $status
  fi
}

# build_in FOLDER OPTION…: configures the first time, and builds.
build_in () {
  folder=$1; shift
  if [ ! -f "$folder/build.ninja" ]; then
    quietly 'Configuring' meson setup "$folder" "$top" "$@"
  else
    quietly 'Configuring' meson configure "$folder" "$@"
  fi
  quietly 'Building' ninja -C "$folder"
}
