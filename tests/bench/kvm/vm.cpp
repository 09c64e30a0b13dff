// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/kvm/vm.hpp"

#include "firmware/abi/memory_map.hpp"
#include "firmware/core/boot/linux.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "ioserver/linux/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <vector>

namespace cloison::bench {

namespace {

using io::Descriptor;
using io::ServerError;

/// The first one behind the I/O APIC's pins.
constexpr u32 message_gsi = guest_map::ioapic_pins;

template <typename... Argument>
int call(const Descriptor& file, unsigned long request, const char* what, Argument... argument) {
    int result = ioctl(file.get(), request, argument...);
    if (result < 0)
        throw io::system_error(what, errno);
    return result;
}

/// A structure of KVM's with entries behind it.
template <typename Header, typename Entry>
class WithEntries {
  public:
    explicit WithEntries(usize count) : bytes_(sizeof(Header) + count * sizeof(Entry)) {}
    [[nodiscard]] Header* get() { return reinterpret_cast<Header*>(bytes_.data()); }
    Header* operator->() { return get(); }

  private:
    std::vector<u8> bytes_;
};

std::span<u8> map(usize size, int flags, int file) {
    void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, file, 0);
    if (at == MAP_FAILED)
        throw io::system_error("no memory", errno);
    return {static_cast<u8*>(at), size};
}

/// On a large page's boundary; what is before it is left alone.
std::span<u8> map_large(usize size) {
    std::span<u8> whole = map(size + large_page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    u64 skip = round_up(reinterpret_cast<u64>(whole.data()), large_page_size) -
               reinterpret_cast<u64>(whole.data());
    std::span<u8> memory = whole.subspan(skip, size);
    madvise(memory.data(), memory.size(), MADV_HUGEPAGE);
    std::memset(memory.data(), 0, memory.size());
    return memory;
}

/// A segment as the entry state wants it: flat and present (SDM vol. 3A, 3.4.5).
kvm_segment segment(u16 selector, u8 type, bool code) {
    return {.base = 0,
            .limit = ~u32{0},
            .selector = selector,
            .type = type,
            .present = 1,
            .dpl = 0,
            .db = static_cast<u8>(code ? 0 : 1),
            .s = 1,
            .l = static_cast<u8>(code ? 1 : 0),
            .g = 1,
            .avl = 0,
            .unusable = 0,
            .padding = 0};
}

void set_system_registers(kvm_sregs& registers, const core::EntryState& entry) {
    constexpr u8 code = 11, data = 3, busy_tss = 11;
    constexpr u64 protected_paging = 0x80000011, physical_address_extension = 0x20;
    registers.cs = segment(entry.cs, code, true);
    registers.ds = registers.es = registers.ss = registers.fs = registers.gs =
        segment(entry.ds, data, false);
    registers.tr = {.base = 0,
                    .limit = 0xFFFF,
                    .selector = 0,
                    .type = busy_tss,
                    .present = 1,
                    .dpl = 0,
                    .db = 0,
                    .s = 0,
                    .l = 0,
                    .g = 0,
                    .avl = 0,
                    .unusable = 0,
                    .padding = 0};
    registers.gdt = {entry.gdt_base, entry.gdt_limit, {}};
    registers.cr0 = protected_paging;
    registers.cr3 = entry.cr3;
    registers.cr4 = physical_address_extension;
    registers.efer = core::msr::efer_lme | core::msr::efer_lma;
}

} // namespace

Vm::Vm(u64 memory) : memory_(map_large(memory)) {
    constexpr u64 below_bios = 0xFFFBC000; // three pages for real mode that no guest of ours enters
    Descriptor system(open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (!system)
        throw io::system_error("/dev/kvm", errno);
    vm_ = Descriptor(call(system, KVM_CREATE_VM, "no virtual machine", 0));
    call(vm_, KVM_SET_TSS_ADDR, "no task state", below_bios + page_size);
    call(vm_, KVM_SET_IDENTITY_MAP_ADDR, "no identity map", &below_bios);
    call(vm_, KVM_CREATE_IRQCHIP, "no interrupt controllers", 0);
    kvm_userspace_memory_region region{.slot = 0,
                                       .flags = 0,
                                       .guest_phys_addr = 0,
                                       .memory_size = memory_.size(),
                                       .userspace_addr = reinterpret_cast<u64>(memory_.data())};
    call(vm_, KVM_SET_USER_MEMORY_REGION, "no memory for the guest", &region);
    cpu_ = Descriptor(call(vm_, KVM_CREATE_VCPU, "no CPU", 0));
    set_cpuid(system);
    shared_size_ = static_cast<usize>(call(system, KVM_GET_VCPU_MMAP_SIZE, "no size", 0));
    shared_ = reinterpret_cast<kvm_run*>(map(shared_size_, MAP_SHARED, cpu_.get()).data());
}

Vm::~Vm() {
    munmap(shared_, shared_size_);
    munmap(memory_.data(), memory_.size());
}

void Vm::set_cpuid(const Descriptor& system) const {
    constexpr u32 most = 100, has_hypervisor = 1u << 31;
    WithEntries<kvm_cpuid2, kvm_cpuid_entry2> all(most);
    all->nent = most;
    call(system, KVM_GET_SUPPORTED_CPUID, "no CPUID", all.get());
    for (u32 i = 0; i < all->nent; ++i)
        if (all->entries[i].function == 1)
            all->entries[i].ecx |= has_hypervisor; // as every monitor says
    call(cpu_, KVM_SET_CPUID2, "no CPUID for the guest", all.get());
}

void Vm::load(std::span<const u8> kernel, std::string_view command_line) {
    const std::array map{
        abi::MemoryMapEntry{{0, guest_map::vga_hole}, E820_RAM},
        abi::MemoryMapEntry{{guest_map::high_memory, memory_.size() - guest_map::high_memory},
                            E820_RAM}};
    core::MemoryWindow window{
        .context = this,
        .at = [](void* self, u64 guest, u64 size) -> u8* {
            std::span<u8> memory = static_cast<Vm*>(self)->memory_;
            return Extent{0, memory.size()}.contains(Extent{guest, size}) ? memory.data() + guest
                                                                          : nullptr;
        },
        .copy = [](u8* to, const u8* from, usize size) { std::memcpy(to, from, size); }};
    auto entry = core::load_linux(
        window, {.kernel = kernel,
                 .initrd = {},
                 .cmdline = {reinterpret_cast<const u8*>(command_line.data()), command_line.size()},
                 .memory = map,
                 .keep_out = {},
                 .rsdp = 0});
    if (!entry)
        throw ServerError("the guest's image cannot be loaded");
    kvm_sregs system{};
    call(cpu_, KVM_GET_SREGS, "no registers", &system);
    set_system_registers(system, *entry);
    call(cpu_, KVM_SET_SREGS, "registers are refused", &system);
    kvm_regs general{};
    general.rip = entry->rip;
    general.rsp = entry->rsp;
    general.rsi = entry->rsi;
    general.rflags = 2;
    call(cpu_, KVM_SET_REGS, "registers are refused", &general);
}

void Vm::raise_by(const Descriptor& event, const core::Message& message) {
    constexpr u32 base = 0xFEE00000, destination = 12, logical = 1 << 2, mode = 8; // SDM 3A, 11.11
    WithEntries<kvm_irq_routing, kvm_irq_routing_entry> routes(1);
    kvm_irq_routing_entry& entry = routes->entries[0];
    routes->nr = 1;
    entry.gsi = message_gsi;
    entry.type = KVM_IRQ_ROUTING_MSI;
    entry.u.msi.address_lo =
        base | message.destination << destination | (message.logical ? logical : 0);
    entry.u.msi.data = message.vector | u32{message.delivery_mode} << mode;
    call(vm_, KVM_SET_GSI_ROUTING, "no way for interrupts", routes.get());
    kvm_irqfd binding{};
    binding.fd = static_cast<u32>(event.get());
    binding.gsi = message_gsi;
    call(vm_, KVM_IRQFD, "no irqfd", &binding);
}

void Vm::signal_by_write(const Descriptor& event, u64 address) {
    kvm_ioeventfd binding{};
    binding.addr = address;
    binding.len = 0; // of whatever width: then KVM need not even decode the instruction
    binding.fd = event.get();
    call(vm_, KVM_IOEVENTFD, "no ioeventfd", &binding);
}

kvm_run& Vm::run() {
    if (ioctl(cpu_.get(), KVM_RUN, 0) < 0 && errno != EINTR)
        throw io::system_error("the guest does not run", errno);
    return *shared_;
}

Descriptor Vm::statistics() const {
    return Descriptor(call(cpu_, KVM_GET_STATS_FD, "no statistics", 0));
}

} // namespace cloison::bench
