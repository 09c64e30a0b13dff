// SPDX-License-Identifier: Apache-2.0
#include "partitions/platform/platform.hpp"
#include "partitions/platform/check.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/platform/read_elements.hpp"
#include "partitions/platform/words.hpp"
#include "partitions/xml/document.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

namespace fs = std::filesystem;
using xml::Reader;

/// Reads the elements of a platform and of the files that it includes.
class Includes {
  public:
    Includes(const fs::path& file, Platform& platform) : open_{file}, platform_(platform) {}

    void read(const Reader& reader) {
        for (const Reader& element : reader.children("include"))
            include(element);
        read_elements(reader, platform_);
    }

  private:
    static constexpr usize most_files = 64; // in all: files that include each other multiply

    void include(const Reader& reader);
    [[nodiscard]] bool may_open(const fs::path& file, const Location& where,
                                Diagnostics& findings) const;

    std::vector<fs::path> open_; // each included by the one before it
    usize files_ = 0;
    Platform& platform_;
};

bool Includes::may_open(const fs::path& file, const Location& where, Diagnostics& findings) const {
    std::error_code error;
    if (!fs::exists(file, error)) {
        findings.error(where, "include-missing", "there is no file " + file.string(),
                       "the path is relative to the including file's folder");
        return false;
    }
    if (std::find(open_.begin(), open_.end(), file) != open_.end()) {
        findings.error(where, "include-cycle", file.string() + " includes itself",
                       "leave this <include> out");
        return false;
    }
    if (files_ == most_files)
        findings.error(where, "include-cycle",
                       "more than " + std::to_string(most_files) + " files are included",
                       "put them together");
    return files_ < most_files;
}

void Includes::include(const Reader& reader) {
    if (reader.text("file").empty())
        return; // has been reported
    fs::path file = (open_.back().parent_path() / reader.text("file")).lexically_normal();
    Diagnostics& findings = reader.findings();
    if (!may_open(file, reader.where("file"), findings))
        return;
    ++files_;
    auto text = xml::read_file(file, findings);
    auto document =
        text ? xml::parse(*text, file.string(), words::part_rule, findings) : std::nullopt;
    if (!document)
        return;
    open_.push_back(file);
    read(document->root(findings));
    open_.pop_back();
}

EmulatedMachine read_machine(const Reader& reader) {
    EmulatedMachine machine;
    machine.where = reader.where();
    machine.emulator = words::emulators[reader.number("emulator")];
    machine.model = reader.text("model");
    machine.memory = reader.number("memory");
    machine.ips = reader.number("ips");
    machine.disk = reader.number("disk");
    machine.network = reader.keyword<MachineNetwork>("network");
    if (machine.memory % mib != 0)
        reader.findings().error(reader.where("memory"), "machine-memory",
                                "an emulator's memory comes in whole MiB");
    if (machine.disk % mib != 0)
        reader.findings().error(reader.where("disk"), "machine-memory",
                                "an emulator's disk comes in whole MiB");
    return machine;
}

PlatformCache read_cache(const Reader& reader) {
    return {reader.where(), static_cast<u32>(reader.number("ways")),
            static_cast<u32>(reader.number("classes")), reader.number("size")};
}

} // namespace

std::optional<Platform> parse_platform(std::string_view text, const std::string& name,
                                       Diagnostics& findings) {
    usize before = findings.errors();
    auto document = xml::parse(text, name, words::platform_rule, findings);
    if (!document)
        return std::nullopt;
    Reader reader = document->root(findings);
    Platform platform;
    platform.where = reader.where();
    platform.name = reader.text("name");
    platform.large_pages_1g = reader.number("large-pages-1g") == 1;
    Includes(fs::path(name).lexically_normal(), platform).read(reader);
    if (auto cache = reader.child("cache"))
        platform.cache = read_cache(*cache);
    if (auto iommu = reader.child("iommu"))
        platform.iommu = iommu->number("present") == 1;
    if (auto range = reader.child("firmware"))
        platform.firmware = read_range(*range);
    if (auto range = reader.child("staging"))
        platform.staging = read_range(*range);
    if (auto machine = reader.child("machine"))
        platform.machine = read_machine(*machine);
    check_topology(platform, findings);
    if (findings.errors() != before)
        return platform;
    check_memory_map(platform, findings);
    check_devices(platform, findings);
    return platform;
}

std::optional<Platform> read_platform(const fs::path& file, Diagnostics& findings) {
    auto text = xml::read_file(file, findings);
    return text ? parse_platform(*text, file.string(), findings) : std::nullopt;
}

} // namespace cloison
