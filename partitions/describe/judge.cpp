// SPDX-License-Identifier: Apache-2.0
// What Cloison asks of a machine, held against what the machine shows.
#include "firmware/abi/manifest.hpp"
#include "partitions/describe/machine.hpp"

#include <algorithm>

namespace cloison::describe {

namespace {

/// A feature of the CPU. Linux shows VMX features in "vmx flags"; before 5.6 only a few of them, in
/// "flags" (arch/x86/include/asm/vmxfeatures.h, cpufeatures.h).
struct CpuNeed {
    const char* name;
    Need need;
    const char* vmx_flag; // null: not a VMX feature
    const char* flag;     // null: "flags" never had it
    const char* consequence;
};

constexpr CpuNeed cpu_needs[] = {
    {"ept", Need::needed, "ept", "ept", "no partition could be kept in its memory"},
    {"vpid", Need::needed, "vpid", "vpid", "the firmware counts on tagged TLB entries"},
    {"invvpid", Need::needed, "invvpid", nullptr, "the firmware counts on tagged TLB entries"},
    {"unrestricted-guest", Need::needed, "unrestricted_guest", nullptr,
     "guests could not start their CPUs, which is done in real mode"},
    {"vmx-preemption-timer", Need::needed, "preemption_timer", nullptr,
     "the firmware would have no clock that guests cannot stop"},
    {"virtual-nmis", Need::needed, "vnmi", "vnmi", "the firmware could not alert a CPU"},
    {"tsc-offsetting", Need::needed, "tsc_offset", nullptr, "guests could not set their TSC"},
    {"ept-1gib-pages", Need::used, "ept_1gb", nullptr,
     "large partitions use 2 MiB pages: more page tables, more TLB misses"},
    {"tpr-shadow", Need::used, "vtpr", "tpr_shadow", "each access to the TPR is an exit"},
    {"apic-register-virtualization", Need::used, "vapic_reg", nullptr,
     "guests' accesses to the local APIC are exits"},
    {"virtual-interrupt-delivery", Need::used, "vid", nullptr,
     "each interrupt and each EOI of a guest is an exit"},
    {"posted-interrupts", Need::used, "posted_intr", nullptr,
     "an interrupt for a running guest makes it exit"},
    {"x2apic", Need::used, nullptr, "x2apic", "no APIC ID above 254, and slower IPIs"},
};

constexpr const char* too_old = "Linux shows it from 5.6 on: boot a newer kernel";

std::string why_no_vmx(const CpuFeatures& features) {
    if (features.vendor != "GenuineIntel")
        return "not an Intel processor; Cloison uses VT-x and nothing else";
    if (features.flags.contains("hypervisor"))
        return "this is a virtual machine whose hypervisor does not offer nested VT-x";
    return "the processor has no VT-x, or the BIOS has switched it off: look for \"Virtualization "
           "Technology\" in its setup";
}

State state_of(const CpuNeed& need, const CpuFeatures& features) {
    if (need.flag != nullptr && features.flags.contains(need.flag))
        return State::present;
    if (need.vmx_flag != nullptr && features.vmx_flags.contains(need.vmx_flag))
        return State::present;
    bool hidden = need.vmx_flag != nullptr && need.flag == nullptr && !features.vmx_flags_shown;
    return hidden && features.flags.contains("vmx") ? State::unknown : State::absent;
}

class Judgement {
  public:
    explicit Judgement(const Machine& machine) : machine_(machine) {}

    std::vector<Item> all() {
        processor();
        cache();
        firmware_tables();
        memory();
        devices();
        return std::move(items_);
    }

  private:
    void add(const char* name, Need need, State state, const std::string& remark) {
        items_.push_back({name, need, state, state == State::present ? "" : remark});
    }
    void ask(const char* name, Need need, bool present, const std::string& remark) {
        add(name, need, present ? State::present : State::absent, remark);
    }

    void processor() {
        const CpuFeatures& features = machine_.processors.features;
        bool vmx = features.flags.contains("vmx");
        ask("vmx", Need::needed, vmx, why_no_vmx(features));
        for (const CpuNeed& need : cpu_needs) {
            State state = state_of(need, features);
            bool follows = !vmx && need.vmx_flag != nullptr; // from what was just said
            add(need.name, need.need, state,
                state == State::unknown ? too_old
                : follows               ? ""
                                        : need.consequence);
        }
        ask("bare-machine", Need::used, !features.flags.contains("hypervisor"),
            "this is a virtual machine: what is described is what its hypervisor shows");
    }

    void cache() {
        bool offered = machine_.processors.features.flags.contains("cat_l3");
        if (offered && !machine_.cache)
            add("cat-l3", Need::used, State::unknown,
                "the ways are shown once resctrl is mounted: mount -t resctrl resctrl "
                "/sys/fs/resctrl");
        else
            ask("cat-l3", Need::used, offered,
                "partitions compete for the last-level cache; its ways cannot be given out");
    }

    void firmware_tables() {
        const Acpi& acpi = machine_.acpi;
        ask("acpi-madt", Need::needed, acpi.madt.state != TableState::absent,
            "the firmware finds its CPUs in this ACPI table");
        bool closed = acpi.madt.state == TableState::closed;
        add("acpi-tables", Need::used, closed ? State::unknown : State::present,
            "closed to this user: CPUs that Linux did not start are not listed, nor which node RAM "
            "belongs to. Run it as root");
    }

    void memory() {
        const Memory& memory = machine_.memory;
        bool known = memory.state == TableState::read && !memory.ram.empty();
        if (memory.state != TableState::read)
            add("memory-map", Need::needed, State::unknown,
                memory.state == TableState::closed
                    ? "/sys/firmware/memmap is closed to this user, so no RAM is described. Run it "
                      "as root"
                    : "there is no /sys/firmware/memmap, so no RAM is described. Boot a kernel "
                      "with CONFIG_FIRMWARE_MEMMAP, as distributions have it");
        else
            ask("memory-map", Need::needed, known, "the memory map lists no RAM");
        State region = memory.firmware_in_ram() ? State::present : State::absent;
        State staging = memory.staging ? State::present : State::absent;
        add("firmware-region", Need::needed, known ? region : State::unknown,
            known ? "the firmware runs from 2 MiB on, where this machine has no RAM" : "");
        add("staging-area", Need::needed, known ? staging : State::unknown,
            known ? "no RAM below 4 GiB has 64 MiB together for the boot images" : "");
    }

    void devices() {
        const Devices& devices = machine_.devices;
        bool com1 = std::any_of(devices.serial.begin(), devices.serial.end(),
                                [](const Serial& serial) { return serial.port == 0x3F8; });
        if (devices.serial_known)
            ask("serial-port", Need::used, com1,
                "no COM1 at port 0x3F8: the firmware and all consoles are mute");
        else
            add("serial-port", Need::used, State::unknown,
                "/proc/ioports shows addresses to root alone");
        add("iommu", Need::used,
            !machine_.iommu   ? State::unknown
            : *machine_.iommu ? State::present
                              : State::absent,
            machine_.iommu ? "no ACPI table DMAR: a device writes wherever its driver tells it to, "
                             "so a partition that owns one must be trusted. If the processor has "
                             "VT-d, switch it on in the BIOS's setup"
                           : "Linux shows no ACPI tables");
        bool groups = std::any_of(devices.pci.begin(), devices.pci.end(),
                                  [](const Device& device) { return device.iommu_group; });
        if (machine_.iommu.value_or(false))
            add("iommu-groups", Need::used, groups ? State::present : State::unknown,
                "which devices an IOMMU tells apart is not known, as Linux does not use it. Boot "
                "it "
                "with intel_iommu=on");
        if (machine_.acpi.dmar.state == TableState::read)
            ask("interrupt-remapping", Need::used, machine_.acpi.dmar.interrupt_remapping,
                "a device may send any interrupt to any CPU, by writing to memory");
    }

    const Machine& machine_;
    std::vector<Item> items_;
};

} // namespace

std::vector<Item> judge(const Machine& machine) {
    return Judgement(machine).all();
}

bool fit(const std::vector<Item>& items) {
    return std::none_of(items.begin(), items.end(), [](const Item& item) {
        return item.need == Need::needed && item.state != State::present;
    });
}

} // namespace cloison::describe
