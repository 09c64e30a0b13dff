# SPDX-License-Identifier: Apache-2.0
# Run at build time: packs an initramfs and puts the fetched kernel beside it, or says how to get it.
#   cmake -D PACK=… -D LIST=… -D FETCHED=FOLDER -D GUEST=FOLDER -D IMAGE=NAME -P guest_image.cmake -- NAME=FILE…
set(files)
set(is_file FALSE)
foreach(i RANGE ${CMAKE_ARGC})
  if(is_file)
    list(APPEND files "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(is_file TRUE)
  endif()
endforeach()

file(MAKE_DIRECTORY ${GUEST})
if(NOT EXISTS ${FETCHED}/vmlinuz OR NOT EXISTS ${FETCHED}/vmlinux)
  file(REMOVE ${GUEST}/vmlinuz ${GUEST}/vmlinux ${GUEST}/${IMAGE})
  message(NOTICE "No guest kernel at ${FETCHED}: scripts/fetch-guests.sh fetches it; no layout with it boots.")
  return()
endif()
file(CREATE_LINK ${FETCHED}/vmlinuz ${GUEST}/vmlinuz SYMBOLIC)
file(CREATE_LINK ${FETCHED}/vmlinux ${GUEST}/vmlinux SYMBOLIC)
execute_process(COMMAND ${PACK} ${LIST} ${GUEST}/${IMAGE} ${files} modules=${FETCHED}/modules
                COMMAND_ERROR_IS_FATAL ANY)
