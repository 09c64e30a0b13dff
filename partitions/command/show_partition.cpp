// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/show_partition.hpp"
#include "partitions/command/table.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/platform/words.hpp"
#include "partitions/rules/index.hpp"
#include "partitions/xml/values.hpp"

#include <bit>

namespace cloison::command {

namespace {

template <typename E, usize N>
std::string word(const std::string_view (&words)[N], E value) {
    return std::string(words[static_cast<usize>(value)]);
}

class Lines {
  public:
    Lines(const CompiledLayout& compiled, usize index)
        : compiled_(compiled),
          partition_(compiled.layout.partitions[index]),
          planned_(compiled.plan.partitions[index]) {}

    std::vector<Line> all() {
        resources();
        devices();
        served();
        life();
        boot();
        return std::move(lines_);
    }

  private:
    void add(std::string what, std::string value) {
        lines_.emplace_back(std::move(what), std::move(value));
    }

    void resources() {
        const ProcessorsWanted& wanted = partition_.processors();
        if (!partition_.profile().name.empty())
            add("profile", partition_.profile().name);
        if (partition_.shares())
            add("processors", std::to_string(wanted.desired) + " virtual on pool " + wanted.pool +
                                  ", entitlement " + xml::format_decimal(wanted.entitlement) +
                                  ", " + word(words::sharings, wanted.sharing) +
                                  (wanted.sharing == Sharing::uncapped
                                       ? ", weight " + std::to_string(wanted.weight)
                                       : ""));
        else
            add("APIC IDs", list_ranges(planned_.apic_ids));
        if (!partition_.shares() && planned_.apic_ids.size() < wanted.desired)
            add("desired", std::to_string(wanted.desired) + " CPUs");
        if (planned_.memory_size() < partition_.memory().desired)
            add("desired", xml::format_size(partition_.memory().desired) + " of memory");
        if (planned_.identity_mapped)
            add("memory", "at the machine's own addresses");
        if (planned_.cache_mask != 0)
            add("cache", std::to_string(std::popcount(planned_.cache_mask)) + " ways, mask " +
                             xml::format_hex(planned_.cache_mask));
        if (partition_.security.siblings == Siblings::exclusive)
            add("siblings", "exclusive");
        if (partition_.interrupts == InterruptMode::direct)
            add("interrupts", "direct");
    }

    void devices() {
        for (const OwnedDevice& owned : partition_.devices) {
            const PlatformDevice* device = compiled_.platform.device(owned.address);
            add("device",
                xml::format_pci(owned.address) +
                    (device == nullptr ? "" : " " + word(words::device_classes, device->kind)));
        }
        for (const OwnedSerial& owned : partition_.serials)
            add("serial port", xml::format_hex(owned.port));
    }

    void served() {
        Index<Volume> volumes(compiled_.layout.volumes);
        for (const Disk& disk : partition_.disks) {
            const Volume* volume = volumes.find(disk.volume);
            add("disk", disk.volume + (volume == nullptr ? "" : " from " + volume->server) +
                            (disk.serial.empty() ? "" : ", serial " + disk.serial) +
                            (disk.read_only ? ", read-only" : ""));
        }
        Index<Switch> switches(compiled_.layout.switches);
        for (usize i = 0; i < partition_.networks.size(); ++i) {
            const Network& network = partition_.networks[i];
            const Switch* one = switches.find(network.switch_name);
            add("network", network.switch_name + (one == nullptr ? "" : " from " + one->server) +
                               ", " + xml::format_mac(planned_.macs[i]) +
                               (network.vlan != 0 ? ", VLAN " + std::to_string(network.vlan) : "") +
                               (network.trunk ? ", trunk" : ""));
        }
        bool one_on_line = partition_.consoles.size() == 1 && planned_.console != 0;
        for (const Console& console : partition_.consoles)
            if (!one_on_line) // which the first table has
                add("console", console_text(console));
    }

    void life() {
        const Failure& failure = partition_.failure;
        bool again = failure.policy == PolicyWord::reset || failure.policy == PolicyWord::restart;
        if (failure.policy != PolicyWord::stop || !failure.master.empty())
            add("on failure", word(words::policies, failure.policy) +
                                  (again ? ", " + std::to_string(failure.limit) + " times, after " +
                                               xml::format_duration(failure.back_off)
                                         : "") +
                                  (failure.master.empty() ? "" : ", master " + failure.master));
        if (!partition_.accounting.empty())
            add("accounted to", partition_.accounting);
    }

    void boot() {
        add("kernel", partition_.boot.kernel);
        if (!partition_.boot.initrd.empty())
            add("initrd", partition_.boot.initrd);
        if (!partition_.boot.command_line.empty())
            add("command line", partition_.boot.command_line);
    }

    const CompiledLayout& compiled_;
    const LayoutPartition& partition_;
    const PlannedPartition& planned_;
    std::vector<Line> lines_;
};

} // namespace

std::string console_text(const Console& console) {
    return word(words::console_types, console.type) +
           (console.server.empty() ? " on the machine's serial line" : " from " + console.server);
}

std::vector<Line> gets(const CompiledLayout& compiled, usize index) {
    return Lines(compiled, index).all();
}

} // namespace cloison::command
