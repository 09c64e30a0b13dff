// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An empty ext4 file system on the whole of `device`; fails where it cannot be.
void make_file_system(const char* device);
