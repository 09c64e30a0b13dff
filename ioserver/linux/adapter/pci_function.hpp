// SPDX-License-Identifier: Apache-2.0
// A PCI function of this partition as the kernel shows it in sysfs (Linux, Documentation/PCI/
// sysfs-pci.rst): its registers as files, its interrupt through uio_pci_generic.
#pragma once

#include "ioserver/linux/descriptor.hpp"

#include <string>
#include <vector>

namespace cloison::io::adapter {

/// Where the kernel shows things; elsewhere in tests.
struct Roots {
    std::string sys = "/sys";
    std::string dev = "/dev";
};

/// The functions with these numbers, by ascending address: "0000:00:05.0".
[[nodiscard]] std::vector<std::string> find_functions(const Roots& roots, u16 vendor, u16 device);

/// The network interface of the function in this slot of bus 0. Throws ServerError where there is
/// none.
[[nodiscard]] std::string find_interface(const Roots& roots, u64 slot);

class PciFunction {
  public:
    /// Throws ServerError, as all here.
    PciFunction(Roots roots, const std::string& address);

    [[nodiscard]] const std::string& address() const { return address_; }
    /// Waits until no other process has it, not even one that was killed and still ends: the kernel
    /// lets go of files when all else of a process is gone.
    void lock() const;
    /// All of a BAR, which may be larger than what is in it.
    [[nodiscard]] Mapping map_bar(u32 bar) const;
    /// Has it answer at its BARs.
    void enable_memory();
    /// Lets it raise its interrupt pin, or not. Letting it forgets what was raised before. One
    /// access of configuration space, since each is an exit.
    void enable_interrupt(bool enable);
    /// Gives it to uio_pci_generic: readable, 4 bytes at a time, when the pin was raised. The
    /// interrupt is disabled then.
    [[nodiscard]] Descriptor open_interrupt();

  private:
    void read_command();
    void write_command() const;
    void bind() const;

    Roots roots_;
    std::string address_;
    std::string folder_;
    Descriptor configuration_;
    u16 command_ = 0; // the command register, but for what the kernel's handler does to it
};

} // namespace cloison::io::adapter
