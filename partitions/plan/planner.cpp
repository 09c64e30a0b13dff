// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/planner.hpp"
#include "firmware/abi/console.hpp"
#include "firmware/abi/memory_map.hpp"
#include "firmware/abi/server_map.hpp"
#include "partitions/plan/functions.hpp"
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
    auto map = abi::partition_memory_map(blocks_of(planned), planned.identity_mapped);
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

/// A server finds its clients' memory behind its own.
void check_server_memory(const LayoutPartition& partition, const PlannedPartition& planned,
                         Diagnostics& findings) {
    bool server = abi::is_server(static_cast<u32>(partition.role));
    if (server && abi::memory_end(blocks_of(planned)) > guest_map::server_window.base)
        findings.error(partition.memory().where, "server-memory",
                       "the memory of " + quote(partition.name) + " reaches " +
                           format_size(guest_map::server_window.base) +
                           ", from where on a server finds that of its clients",
                       "ask for less memory");
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
               const ImageTable& table, Diagnostics& findings) {
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
    plan_functions(layout, plan, findings);
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        PlannedPartition& planned = plan.partitions[i];
        planned.kernel = boot[i].kernel;
        planned.initrd = boot[i].initrd;
        planned.console = console_channel(layout.partitions[i], i, findings);
        check_server_memory(layout.partitions[i], planned, findings);
        bool linux = layout.partitions[i].boot.kind == BootWord::linux_bzimage;
        if (planned.kernel != abi::no_image && linux)
            check_boot(layout.partitions[i], planned, table, findings);
    }
    return plan;
}

} // namespace cloison
