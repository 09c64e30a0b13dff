// SPDX-License-Identifier: Apache-2.0
#include "partitions/compile.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/manifest/finish.hpp"
#include "partitions/manifest/manifest.hpp"
#include "partitions/plan/planner.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/rules/servers_of.hpp"
#include "partitions/share/share.hpp"

#include <algorithm>

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

/// Whether a manifest can say all that the layout does.
bool fits_manifest(const Layout& layout) {
    ServersOf servers(layout);
    return std::all_of(
        layout.partitions.begin(), layout.partitions.end(), [&](const LayoutPartition& partition) {
            PolicyWord policy = partition.failure.policy;
            return !partition.shares() && partition.boot.kind == BootWord::linux_bzimage &&
                   (policy == PolicyWord::stop || policy == PolicyWord::reset) &&
                   servers(partition).size() <= 1;
        });
}

} // namespace

Compilation compile(const fs::path& file, Purpose purpose) {
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
    check_meaning(*layout, findings);
    if (purpose == Purpose::boot)
        report_not_yet(*layout, findings);
    if (!platform)
        return result;
    if (purpose == Purpose::boot)
        report_not_yet(*layout, *platform, findings);
    check_owned_devices(*layout, *platform, findings);
    auto firmware = read_firmware_file(share);
    if (!firmware)
        findings.warning({file.string()}, "firmware-missing",
                         "there is no firmware in " + share.string() +
                             ", so its memory is not accounted for",
                         "build it, or set CLOISON_SHARE to the folder that has firmware.elf");
    Plan plan = make_plan(*layout, *platform, images, table, findings);
    check_siblings(*layout, *platform, plan, findings);
    check_profiles(*layout, *platform, plan, findings);
    if (findings.errors() != 0)
        return result;
    std::vector<u8> manifest = finish_plan(*layout, *platform, firmware, plan, findings);
    if (findings.errors() != 0)
        return result;
    if (!fits_manifest(*layout))
        manifest.clear();
    std::string broken = manifest.empty() ? "" : verify_manifest(manifest, purpose);
    if (!broken.empty()) {
        findings.error({file.string()}, "internal", broken,
                       "this is a mistake in cloison, not in the layout: please report it");
        return result;
    }
    result.value = CompiledLayout{std::move(*layout), std::move(*platform), std::move(plan),
                                  std::move(manifest)};
    return result;
}

} // namespace cloison
