// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/planner.hpp"
#include "firmware/abi/console.hpp"
#include "firmware/abi/footprint.hpp"
#include "firmware/abi/memory_map.hpp"
#include "firmware/abi/modules.hpp"
#include "partitions/acpi/acpi_tables.hpp"
#include "partitions/plan/memory.hpp"
#include "partitions/plan/processors.hpp"
#include "partitions/plan/shares.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

using xml::format_size;
using xml::quote;

std::vector<abi::MemoryBlock> blocks_of(const PlannedPartition& partition) {
    std::vector<abi::MemoryBlock> blocks;
    for (const PlannedMemory& memory : partition.memory)
        blocks.push_back({0, 0, memory.guest, memory.host, memory.size});
    return blocks;
}

/// The channel of partition `index`'s first console on the machine's serial line: that of its place
/// in the layout.
u32 console_channel(const LayoutPartition& partition, usize index, Diagnostics& findings) {
    auto found = std::find_if(
        partition.consoles.begin(), partition.consoles.end(), [](const Console& console) {
            return console.type == ConsoleType::serial && console.server.empty();
        });
    if (found == partition.consoles.end())
        return 0;
    if (index + 1 >= abi::console_channels)
        findings.error(found->where, "console-channel",
                       "only the first " + std::to_string(abi::console_channels - 1) +
                           " partitions of a layout can have a console",
                       "move the partition up, or leave out its <console/>");
    return static_cast<u32>(index + 1);
}

/// Whether kernel, initrd and command line fit the partition that is to boot them.
void check_boot(const LayoutPartition& partition, const PlannedPartition& planned,
                const ImageTable& table, Diagnostics& findings) {
    const KernelFacts& kernel = table.kernel(planned.kernel);
    const std::string& cmdline = partition.boot.command_line;
    u64 longest = std::min<u64>(kernel.cmdline_max, guest_map::boot_cmdline_max - 1);
    if (cmdline.size() > longest)
        findings.error(partition.boot.command_line_where, "cmdline-length",
                       "the command line has " + std::to_string(cmdline.size()) +
                           " bytes, this kernel can be handed " + std::to_string(longest));
    auto map = abi::partition_memory_map(blocks_of(planned));
    if (planned.memory.empty() || !map)
        return; // has been reported
    std::string memory = format_size(planned.memory_size()) + " of " + quote(partition.name);
    if (!abi::place_linux(kernel.shape, 0, map->entries())) {
        findings.error(partition.boot.kernel_where, "image-fit",
                       "the kernel does not fit the " + memory + ": it runs from " +
                           format_size(kernel.shape.preferred) + " and takes " +
                           std::to_string(kernel.shape.init_size) + " bytes",
                       "give the partition more memory");
        return;
    }
    u64 initrd = planned.initrd == abi::no_image ? 0 : table.images()[planned.initrd].size;
    if (!abi::place_linux(kernel.shape, initrd, map->entries()))
        findings.error(partition.boot.initrd_where, "image-fit",
                       "the initrd of " + std::to_string(initrd) + " bytes does not fit the " +
                           memory + " beside the kernel",
                       "give the partition more memory");
}

/// Whether the images and what goes with them fit the staging region. The handing over costs some
/// room of its own, most on Bochs (firmware/abi/modules.hpp).
void check_staging(const Layout& layout, const Platform& platform, const Plan& plan,
                   const std::optional<FirmwareFile>& firmware, Diagnostics& findings) {
    constexpr u64 bundle_overhead = u64{abi::bundle_slack + 3} * abi::bundle_block;
    constexpr u64 records = 4 * kib; // of one partition in the manifest, generously
    u64 needed = bundle_overhead;
    for (usize i = 0; i < plan.partitions.size(); ++i)
        needed += records + plan.partitions[i].acpi.size() +
                  layout.partitions[i].boot.command_line.size();
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

/// Bytes of its region that the firmware will use for `plan`.
u64 firmware_memory(const Plan& plan, const Platform& platform,
                    const std::optional<FirmwareFile>& firmware) {
    u64 processors = 0, tables = 0;
    for (const PlannedPartition& partition : plan.partitions) {
        processors += partition.apic_ids.size();
        tables += abi::ept_tables(blocks_of(partition), platform.large_pages_1g);
    }
    return abi::firmware_footprint(firmware ? firmware->image.size : 0, plan.partitions.size(),
                                   processors, tables);
}

} // namespace

std::vector<BootImages> find_images(const Layout& layout, ImageTable& table,
                                    Diagnostics& findings) {
    std::vector<BootImages> found;
    for (const LayoutPartition& partition : layout.partitions) {
        const Boot& boot = partition.boot;
        BootImages images;
        auto kind = boot.kind == BootWord::linux_bzimage ? abi::ImageKind::linux_kernel
                                                         : abi::ImageKind::multiboot_kernel;
        if (!boot.kernel.empty())
            images.kernel = table.add(boot.kernel, kind, boot.kernel_where, findings);
        if (!boot.initrd.empty())
            images.initrd =
                table.add(boot.initrd, abi::ImageKind::initrd, boot.initrd_where, findings);
        table.check_digest(images.kernel, boot.kernel_sha256, boot.kernel_digest_where, findings);
        table.check_digest(images.initrd, boot.initrd_sha256, boot.initrd_digest_where, findings);
        found.push_back(images);
    }
    if (table.images().size() > abi::max_images)
        findings.error(layout.where, "image-count",
                       "more than " + std::to_string(abi::max_images) + " different images");
    return found;
}

Plan make_plan(const Layout& layout, const Platform& platform, const std::vector<BootImages>& boot,
               const ImageTable& table, const std::optional<FirmwareFile>& firmware,
               Diagnostics& findings) {
    Plan plan;
    plan.ram = usable_ram(platform);
    plan.firmware = platform.firmware.extent;
    plan.staging = platform.staging.extent;
    plan.images = table.images();
    plan.partitions.resize(layout.partitions.size());
    plan_processors(layout, platform, plan, findings);
    plan_memory(layout, platform, plan, findings);
    plan_cache(layout, platform, plan, findings);
    plan_macs(layout, plan, findings);
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        PlannedPartition& planned = plan.partitions[i];
        planned.kernel = boot[i].kernel;
        planned.initrd = boot[i].initrd;
        planned.console = console_channel(layout.partitions[i], i, findings);
        if (!planned.apic_ids.empty())
            planned.acpi = acpi_tables({.cpus = static_cast<u32>(planned.apic_ids.size())});
        bool linux = layout.partitions[i].boot.kind == BootWord::linux_bzimage;
        if (planned.kernel != abi::no_image && linux)
            check_boot(layout.partitions[i], planned, table, findings);
    }
    check_staging(layout, platform, plan, firmware, findings);
    plan.budget.firmware_used = firmware_memory(plan, platform, firmware);
    if (firmware)
        check_firmware(platform, plan, *firmware, findings);
    return plan;
}

} // namespace cloison
