// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/disk.hpp"

#include "partitions/run/error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::run {

Disk::Disk(const std::filesystem::path& folder, u64 size, const std::filesystem::path& kept)
    : image_(kept.empty() ? folder / "disk.img" : std::filesystem::absolute(kept)) {
    file_.reset(open(image_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    struct stat status {};
    if (file_.get() < 0 || fstat(file_.get(), &status) != 0)
        throw system_error("cannot open " + image_.string());
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
        throw RunError(image_.string() + " is the disk of another run");
    if (kept.empty() && ftruncate(file_.get(), 0) != 0) // of an earlier run
        throw system_error("cannot empty " + image_.string());
    if ((kept.empty() || status.st_size == 0) &&
        ftruncate(file_.get(), static_cast<off_t>(size)) != 0)
        throw system_error("cannot make " + image_.string());
    // Bochs has a lock of its own, a file, which a Bochs that is killed leaves behind. All are.
    unlink((image_.string() + ".lock").c_str());
}

} // namespace cloison::run
