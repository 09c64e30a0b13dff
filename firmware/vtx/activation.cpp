// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/activation.hpp"

#include "firmware/abi/modules.hpp"
#include "firmware/abi/support.hpp"
#include "firmware/abi/verify.hpp"
#include "firmware/vtx/console_input.hpp"
#include "firmware/vtx/msr_bitmap.hpp"
#include "firmware/vtx/server.hpp"
#include "firmware/x86/checksum.hpp"
#include "firmware/x86/identity_map.hpp"
#include "firmware/x86/log.hpp"

namespace cloison::vtx {

using abi::Rule;
using abi::Verdict;

namespace {
constexpr u32 usable_ram = 1; // type of a memory range (Multiboot2 2.0, 3.6.8)
constexpr u8 com1_irq = 4;
} // namespace

// What footprint.hpp promises.
static_assert(sizeof(Guest) == abi::guest_pages * page_size);
static_assert(sizeof(Vcpu) <= page_size && abi::vcpu_pages == 3);

Verdict Activation::build() {
    auto module = machine_.loader.module(abi::module_manifest);
    if (!module)
        return {Rule::manifest_missing};
    if (Verdict v = abi::verify(*module); !v.ok())
        return v;
    manifest_ = *abi::open_manifest(*module);
    if (Verdict v = abi::check_support(manifest_); !v.ok())
        return v;
    if (Verdict v = check_machine(); !v.ok())
        return v;
    if (!machine_.loader.gather_modules(manifest_.staging))
        return {Rule::image_misplaced};
    manifest_ = *abi::open_manifest(*machine_.loader.module(abi::module_manifest));
    if (Verdict v = check_images(); !v.ok())
        return v;
    const Extent& region = manifest_.firmware;
    x86::arena = x86::Arena({machine_.image_end, region.end() - machine_.image_end});
    initialise_msr_bitmaps((machine_.capabilities.processor2 & proc2::enable_rdtscp) != 0);
    for (u32 i = 0; i < manifest_.partitions.size(); ++i)
        if (Verdict v = build_partition(i); !v.ok())
            return v;
    if (Verdict v = build_servers(); !v.ok())
        return v;
    return memory_used() == manifest_.firmware_memory ? Verdict{} : Verdict{Rule::firmware_memory};
}

/// The machine must have what the layout was planned for.
Verdict Activation::check_machine() const {
    const Extent& region = manifest_.firmware;
    if (region.base != machine_.image_base || region.end() < machine_.image_end ||
        region.end() > x86::mapped_end())
        return {Rule::firmware_memory};
    if (gib_pages() && !machine_.capabilities.ept_1gib)
        return {Rule::machine_differs};
    for (u32 i = 0; i < manifest_.cpus.size(); ++i) {
        const abi::PhysicalCpu& cpu = manifest_.cpus[i];
        if (cpu.partition != abi::unassigned && !machine_.acpi.has_cpu(cpu.apic_id))
            return {Rule::cpu_unknown, i};
    }
    for (u32 i = 0; i < manifest_.ram.size(); ++i)
        if (!is_usable_ram(manifest_.ram[i]) || manifest_.ram[i].end() > x86::mapped_end())
            return {Rule::memory_outside_ram, i};
    return check_resources();
}

/// What partitions own of the machine must be what the platform says it is: not RAM, and nothing
/// that the firmware needs. Where that is on this machine, only its tables tell.
Verdict Activation::check_resources() const {
    for (u32 i = 0; i < manifest_.resources.size(); ++i) {
        const abi::ResourceRecord& resource = manifest_.resources[i];
        if (is_firmwares(resource))
            return {abi::resource_rule(resource.kind), i, abi::party_firmware};
    }
    if (!manifest_.resources.empty() && !machine_.capabilities.io_bitmaps)
        return {Rule::machine_differs};
    return {};
}

bool Activation::is_firmwares(const abi::ResourceRecord& resource) const {
    Extent extent{resource.base, resource.size};
    bool hit = false;
    switch (static_cast<abi::ResourceKind>(resource.kind)) {
    case abi::ResourceKind::mmio:
        for (const x86::MemoryRange& range : machine_.loader.memory_map())
            hit |= range.type == usable_ram && extent.overlaps({range.base, range.length});
        machine_.acpi.for_each_io_apic([&](u64 address) {
            hit |= extent.overlaps({round_down(address, page_size), page_size});
        });
        break;
    case abi::ResourceKind::ports:
        machine_.acpi.for_each_fixed_port([&](const Extent& own) { hit |= extent.overlaps(own); });
        break;
    case abi::ResourceKind::interrupt:
        hit = extent.contains(machine_.acpi.isa_interrupt(com1_irq));
        break;
    }
    return hit;
}

/// True when the boot loader's memory map calls all of `wanted` RAM; its entries may touch one
/// another.
bool Activation::is_usable_ram(const Extent& wanted) const {
    for (u64 at = wanted.base; at < wanted.end();) {
        u64 reached = at;
        for (const x86::MemoryRange& range : machine_.loader.memory_map())
            if (range.type == usable_ram && Extent{range.base, range.length}.contains(at))
                reached = range.base + range.length;
        if (reached == at)
            return false;
        at = reached;
    }
    return true;
}

/// True when the plan counts on pages of 1 GiB.
bool Activation::gib_pages() const {
    return (manifest_.machine_flags & static_cast<u32>(abi::MachineFlag::large_pages_1g)) != 0;
}

std::span<const u8> Activation::image(u32 index) const {
    if (index == abi::no_image)
        return {};
    return machine_.loader.module(abi::module_image, index).value_or(std::span<const u8>{});
}

/// Every image must have arrived whole.
Verdict Activation::check_images() const {
    for (u32 i = 0; i < manifest_.images.size(); ++i) {
        const abi::ImageRecord& record = manifest_.images[i];
        auto module = machine_.loader.module(abi::module_image, i);
        if (!module)
            return {Rule::image_missing, i};
        if (module->size() != record.size || x86::crc32c(*module) != record.crc32)
            return {Rule::image_damaged, i};
    }
    return {};
}

/// How many partitions the plan starts before this one.
u32 Activation::predecessors(const abi::PartitionRecord& record) const {
    u32 count = 0;
    for (const abi::PartitionRecord& other : manifest_.partitions)
        count += other.activation < record.activation ? 1 : 0;
    return count;
}

Verdict Activation::build_partition(u32 index) {
    const abi::PartitionRecord& record = manifest_.partitions[index];
    BootContents boot{manifest_.memory_of(record), image(record.kernel), image(record.initrd),
                      manifest_.bytes_of(record.cmdline), manifest_.bytes_of(record.acpi)};
    auto* guest = x86::arena.make<Guest>(record, boot, machine_.tsc_hz, machine_.epoch);
    if (guest == nullptr)
        return {Rule::firmware_memory, index};
    guest->virtual_apic = machine_.capabilities.apic == ApicSupport::virtualized &&
                          abi::owned_pins(manifest_, index) == 0;
    if (!guest->map_memory(gib_pages()) ||
        !guest->make_functions(abi::functions_of(manifest_, index), manifest_) ||
        !build_processors(record, *guest))
        return {Rule::firmware_memory, index};
    guest->next = guests_;
    guests_ = guest;
    guest->predecessors = predecessors(record);
    if (record.console != 0)
        console_input.add(*guest);
    u64 size = 0;
    for (const abi::MemoryBlock& block : boot.memory)
        size += block.size;
    x86::LogLine line;
    line << "@partition name=" << record.name << " cpus=" << record.processor_count
         << " memory=" << size;
    return {};
}

bool Activation::build_processors(const abi::PartitionRecord& record, Guest& guest) {
    auto run = manifest_.processors_of(record);
    for (u32 id = 0; id < run.size(); ++id) {
        VcpuPages pages{x86::arena.pages(1), static_cast<u32*>(x86::arena.pages(1))};
        if (pages.vmcs == nullptr || pages.virtual_apic == nullptr)
            return false;
        auto* vcpu =
            x86::arena.make<Vcpu>(guest, machine_.capabilities, pages, id, machine_.tsc_hz);
        auto* processor = vcpu == nullptr ? nullptr : x86::arena.make<Processor>(*vcpu);
        if (processor == nullptr)
            return false;
        vcpu->host_apic_id = manifest_.cpus[run[id].cpu].apic_id;
        guest.partition.add(*vcpu);
        processor->next = processors_;
        processors_ = processor;
    }
    return true;
}

/// Gives servers their devices and their clients; all partitions are there by now.
Verdict Activation::build_servers() {
    for (Guest* guest = guests_; guest != nullptr; guest = guest->next) {
        if (!abi::is_server(guest->record.role))
            continue;
        auto index = static_cast<u32>(&guest->record - manifest_.partitions.data());
        guest->server =
            x86::arena.make<Server>(manifest_, index, *guest, machine_.acpi, gib_pages());
        if (guest->server == nullptr)
            return {Rule::firmware_memory, index};
        if (Verdict v = guest->server->build(guests_); !v.ok())
            return v;
    }
    return {};
}

Verdict Activation::start_processors() {
    for (Processor* p = processors_; p != nullptr; p = p->next) {
        bool mine = p->vcpu().host_apic_id == x86::apic.id();
        if (mine)
            own_ = p;
        if (!(mine ? p->initialise() : p->start(machine_.tsc_hz)))
            return {Rule::cpu_unfit, p->vcpu().host_apic_id};
    }
    return {};
}

void Activation::run() {
    console_input.initialise(machine_.acpi.io_apic_pin(machine_.acpi.isa_interrupt(com1_irq)));
    console_input.route();
    x86::serial.enable_receive_interrupt();
    release_processors(static_cast<u32>(manifest_.partitions.size()));
    if (own_ != nullptr)
        own_->run();
}

u64 Activation::memory_used() const {
    return machine_.image_end - machine_.image_base + x86::arena.used();
}

} // namespace cloison::vtx
