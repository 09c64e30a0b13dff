// SPDX-License-Identifier: Apache-2.0
#include "partitions/manifest/finish.hpp"
#include "firmware/abi/footprint.hpp"
#include "firmware/abi/modules.hpp"
#include "partitions/acpi/acpi_tables.hpp"
#include "partitions/manifest/manifest.hpp"
#include "partitions/xml/values.hpp"

namespace cloison {

namespace {

using xml::format_size;
using xml::quote;

/// The interrupt pins of what a server has on its bus.
struct RouteCollector : abi::ServerVisitor {
    std::vector<InterruptRoute> routes;

    void device(u32 slot, const abi::DeviceRecord& device) {
        if (device.interrupt != abi::no_interrupt)
            routes.push_back({slot, device.interrupt});
    }
    void adapter(const abi::AdapterPlace& place) { routes.push_back({place.slot, place.pin}); }
};

void make_acpi(const Layout& layout, const abi::ManifestView& draft, Plan& plan,
               Diagnostics& findings) {
    for (u32 i = 0; i < plan.partitions.size(); ++i) {
        PlannedPartition& planned = plan.partitions[i];
        AcpiParameters parameters;
        parameters.cpus = static_cast<u32>(planned.apic_ids.size());
        parameters.server = abi::is_server(draft.partitions[i].role);
        RouteCollector collector;
        if (parameters.server && !abi::visit_server(draft, i, collector))
            findings.error(layout.partitions[i].where, "server-windows",
                           "the PCI bus of " + quote(layout.partitions[i].name) +
                               " has no room for the registers of its devices and the memory of "
                               "its clients, which are to be in 512MiB below 4GiB and 256GiB above",
                           "leave devices out, or add a second I/O server");
        parameters.routes = std::move(collector.routes);
        if (!planned.apic_ids.empty())
            planned.acpi = acpi_tables(parameters);
    }
}

/// Whether the images and what goes with them fit the staging region. The handing over costs some
/// room of its own, most on Bochs (firmware/abi/modules.hpp).
void check_staging(const Layout& layout, const Platform& platform, const Plan& plan,
                   const std::optional<FirmwareFile>& firmware, u64 manifest,
                   Diagnostics& findings) {
    constexpr u64 bundle_overhead = u64{abi::bundle_slack + 3} * abi::bundle_block;
    u64 needed = bundle_overhead + round_up(manifest, page_size);
    needed += firmware ? round_up(firmware->file_size, page_size) : 0;
    for (const ImageFile& image : plan.images)
        needed += round_up(image.size, page_size);
    if (needed > plan.staging.size)
        findings.error(layout.where, "staging-full",
                       "the boot images need " + format_size(round_up(needed, mib)) +
                           " of staging, the platform has " + format_size(plan.staging.size) +
                           " (" + platform.staging.where.file + ":" +
                           std::to_string(platform.staging.where.line) + ")",
                       "share images between partitions, or enlarge the platform's <staging>");
}

/// The firmware runs where it was linked, and what it needs for this layout fits its region.
void check_firmware(const Platform& platform, const Plan& plan, const FirmwareFile& firmware,
                    Diagnostics& findings) {
    const Location& where = platform.firmware.where;
    Extent claimed{firmware.image.base, firmware.arena_end - firmware.image.base};
    if (plan.firmware.base != claimed.base || !plan.firmware.contains(claimed))
        findings.error(where, "firmware-region",
                       "the firmware takes " + format_size(claimed.size) + " from address " +
                           format_size(claimed.base) + ", this region is another",
                       "write base=\"" + format_size(claimed.base) + "\" size=\"" +
                           format_size(round_up(claimed.size, large_page_size)) + "\"");
    if (plan.budget.firmware_used > plan.firmware.size)
        findings.error(where, "firmware-memory",
                       "the firmware needs " + std::to_string(plan.budget.firmware_used) +
                           " bytes for this layout, its region has " +
                           std::to_string(plan.firmware.size),
                       "have fewer partitions, CPUs or ranges of memory");
}

bool check_size(const Layout& layout, const std::vector<u8>& manifest, Diagnostics& findings) {
    if (manifest.size() <= abi::max_manifest_size)
        return true;
    findings.error(layout.where, "manifest-size",
                   "the compiled layout has " + std::to_string(manifest.size()) + " bytes, " +
                       format_size(abi::max_manifest_size) + " are possible",
                   "have fewer partitions, or shorten command lines and the paths of volumes");
    return false;
}

} // namespace

std::vector<u8> finish_plan(const Layout& layout, const Platform& platform,
                            const std::optional<FirmwareFile>& firmware, Plan& plan,
                            Diagnostics& findings) {
    auto draft = make_manifest(layout, platform, plan);
    if (!check_size(layout, draft, findings))
        return {};
    auto view = abi::open_manifest(draft);
    if (!view) // a mistake of this program's, for verify_manifest() to report
        return draft;
    make_acpi(layout, *view, plan, findings);
    auto manifest = make_manifest(layout, platform, plan);
    if (!check_size(layout, manifest, findings))
        return {};
    u64 image = firmware ? firmware->image.size : 0;
    plan.budget.firmware_used = abi::firmware_footprint(*abi::open_manifest(manifest), image);
    set_firmware_memory(manifest, plan.budget.firmware_used);
    check_staging(layout, platform, plan, firmware, manifest.size(), findings);
    if (firmware)
        check_firmware(platform, plan, *firmware, findings);
    return manifest;
}

} // namespace cloison
