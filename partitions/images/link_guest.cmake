# SPDX-License-Identifier: Apache-2.0
# Run at build time: puts the fetched kernel beside the guest's initramfs, or says how to get it.
#   cmake -D FROM=… -D TO=… -P link_guest.cmake
if(EXISTS "${FROM}")
  file(CREATE_LINK "${FROM}" "${TO}" SYMBOLIC)
else()
  file(REMOVE "${TO}")
  message(NOTICE "No guest kernel at ${FROM}: scripts/fetch-guests.sh fetches it; nothing boots without it.")
endif()
