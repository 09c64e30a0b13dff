// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/machine.hpp"

#include "partitions/describe/values.hpp"

#include <bit>
#include <cctype>

namespace cloison::describe {

namespace {

/// Bytes of the level-3 cache of the first CPU that shows one; 0 where none does.
u64 level3_size(const Tree& tree, const std::vector<Processor>& processors) {
    constexpr u64 most_kib = u64{1} << 32;
    for (const Processor& processor : processors) {
        if (!processor.started)
            continue;
        std::string folder =
            "/sys/devices/system/cpu/cpu" + std::to_string(*processor.linux_number) + "/cache/";
        for (const std::string& index : tree.list(folder)) {
            if (!number_of(index, "index") || id_in(tree, folder + index + "/level") != 3u)
                continue;
            std::string text = tree.read(folder + index + "/size").value_or("");
            std::string_view size = trim(text); // "22528K"
            if (size.ends_with('K'))
                return parse_number(size.substr(0, size.size() - 1), most_kib).value_or(0) * kib;
        }
    }
    return 0;
}

/// What the mounted resctrl file system says. With code and data apart, two classes make one.
std::optional<Cache> read_cache(const Tree& tree, const std::vector<Processor>& processors) {
    constexpr u64 most_classes = 128; // IA32_L3_QOS_MASK_0 to 127 (SDM vol. 4)
    for (const char* name : {"L3", "L3CODE"}) {
        std::string folder = std::string("/sys/fs/resctrl/info/") + name;
        auto mask = tree.read(folder + "/cbm_mask");
        auto classes = number_in(tree, folder + "/num_closids", most_classes);
        auto ways = mask ? parse_hex(trim(*mask), 0xFFFF'FFFF) : std::nullopt;
        if (ways && *ways != 0 && classes)
            return Cache{static_cast<u32>(std::popcount(*ways)), static_cast<u32>(*classes),
                         level3_size(tree, processors)};
    }
    return std::nullopt;
}

/// The host's name up to its first dot, as a name of the layout language; empty where it is none.
std::string read_host_name(const Tree& tree) {
    constexpr usize most = 31;
    std::string text = tree.read("/proc/sys/kernel/hostname").value_or("");
    std::string name;
    for (char c : trim(text).substr(0, most)) {
        char low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (low == '.')
            break;
        bool letter = low >= 'a' && low <= 'z';
        if (!letter && (name.empty() || ((low < '0' || low > '9') && low != '-')))
            return {};
        name += low;
    }
    return name;
}

std::optional<bool> has_iommu(const Tree& tree, const Acpi& acpi) {
    if (acpi.dmar.state != TableState::absent)
        return true;
    if (!tree.has("/sys/firmware/acpi/tables"))
        return std::nullopt;
    return false;
}

} // namespace

Machine read_machine(const Tree& tree) {
    Machine machine;
    machine.acpi = read_acpi(tree);
    machine.processors = read_processors(tree, machine.acpi.madt.apic_ids);
    machine.numa = read_numa(tree, machine.acpi, machine.processors.list);
    machine.memory = read_memory(tree, machine.numa, machine.processors.list.size());
    machine.devices = read_devices(tree, machine.acpi.madt);
    machine.cache = read_cache(tree, machine.processors.list);
    machine.iommu = has_iommu(tree, machine.acpi);
    machine.host_name = read_host_name(tree);
    return machine;
}

} // namespace cloison::describe
