#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the virtio modules of the guests' kernel from its package into .cache/, as
# scripts/fetch-guests.sh fetched the kernel itself.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
modules=$root/.cache/guests/debian-cloud-modules
package=$(cat "$root/.cache/guests/debian-cloud/package" 2>/dev/null) || {
    echo "modules: no guest kernel: scripts/fetch-guests.sh fetches it" >&2
    exit 1
}
[ "$(cat "$modules/package" 2>/dev/null)" != "$package" ] || exit 0

work=$(mktemp -d "$root/.cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
name=${package%%_*}
version=${package#*_}
version=${version%_*}
(cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$name=${version//%3a/:}") >&2
dpkg-deb -x "$work"/*.deb "$work/root"
mkdir "$work/modules"
find "$work/root/lib/modules" \( -name 'virtio*.ko' -o -name failover.ko -o -name net_failover.ko \) \
    -exec cp {} "$work/modules/" \;
echo "$package" >"$work/modules/package"
rm -rf "$modules"
mv -T "$work/modules" "$modules"
