// SPDX-License-Identifier: Apache-2.0
#include "partitions/compile.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/manifest/manifest.hpp"
#include "partitions/plan/planner.hpp"
#include "partitions/share/share.hpp"

namespace cloison {

namespace fs = std::filesystem;

namespace {

/// The platform that `layout` names; none, with findings, unless it is sound.
std::optional<Platform> sound_platform(const Layout& layout, const fs::path& folder,
                                       Diagnostics& findings) {
    if (layout.platform.empty())
        return std::nullopt; // reported with the layout's attributes
    fs::path file = (folder / layout.platform).lexically_normal();
    std::error_code error;
    if (!fs::exists(file, error)) {
        findings.error(layout.platform_where, "platform-missing",
                       "there is no platform " + file.string(),
                       "the path is relative to the layout's folder; configs/platforms has some");
        return std::nullopt;
    }
    usize before = findings.errors();
    auto platform = read_platform(file, findings);
    return findings.errors() == before ? platform : std::nullopt;
}

/// A console that the kernel writes to and nobody hears is a silent partition.
void advise(const Layout& layout, Diagnostics& findings) {
    for (const LayoutPartition& partition : layout.partitions) {
        bool serial = partition.boot.command_line.find("console=ttyS") != std::string::npos;
        if (serial && !partition.console)
            findings.warning(partition.boot.command_line_where, "console-missing",
                             "the kernel is told to use a serial console, the partition has none",
                             "add <console/> to the partition");
    }
}

} // namespace

Compilation compile(const fs::path& file) {
    Compilation result;
    Diagnostics& findings = result.diagnostics;
    auto layout = read_layout(file, findings);
    if (!layout)
        return result;
    fs::path folder = file.parent_path();
    fs::path share = share_folder();
    auto platform = sound_platform(*layout, folder, findings);
    ImageTable table(folder, share);
    auto images = find_images(*layout, table, findings);
    advise(*layout, findings);
    if (!platform)
        return result;
    auto firmware = read_firmware_file(share);
    if (!firmware)
        findings.warning({file.string(), 0}, "firmware-missing",
                         "there is no firmware in " + share.string() +
                             ", so its memory is not accounted for",
                         "build it, or set CLOISON_SHARE to the folder that has firmware.elf");
    Plan plan = make_plan(*layout, *platform, images, table, firmware, findings);
    if (findings.errors() != 0)
        return result;
    std::vector<u8> manifest = make_manifest(*layout, *platform, plan);
    if (std::string broken = verify_manifest(manifest); !broken.empty()) {
        findings.error({file.string(), 0}, "internal", broken,
                       "this is a mistake in cloison, not in the layout: please report it");
        return result;
    }
    result.value = CompiledLayout{std::move(*layout), std::move(*platform), std::move(plan),
                                  std::move(manifest)};
    return result;
}

} // namespace cloison
