// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/pci_function.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/file_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/pci_regs.h>
#include <unistd.h>

namespace cloison::io::adapter {

namespace {

namespace fs = std::filesystem;

constexpr const char* driver = "uio_pci_generic";

/// "0x1af4", as the kernel writes numbers.
bool holds_number(const fs::path& file, u16 number) {
    std::ifstream stream(file);
    std::string text;
    return stream >> text && std::strtoul(text.c_str(), nullptr, 16) == number;
}

void write_file(const std::string& path, const std::string& text) {
    Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw system_error(path, errno);
}

/// Names in a folder, in order; none where it is not there.
std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, absent))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

std::vector<std::string> find_functions(const Roots& roots, u16 vendor, u16 device) {
    fs::path folder = roots.sys + "/bus/pci/devices";
    std::vector<std::string> found = names_in(folder);
    std::erase_if(found, [&](const std::string& name) {
        return !holds_number(folder / name / "vendor", vendor) ||
               !holds_number(folder / name / "device", device);
    });
    return found;
}

std::string find_interface(const Roots& roots, u64 slot) {
    std::array<char, 32> address{};
    std::snprintf(address.data(), address.size(), "0000:00:%02x.0", static_cast<unsigned>(slot));
    auto names = names_in(roots.sys + "/bus/pci/devices/" + address.data() + "/net");
    if (names.empty())
        throw ServerError(std::string(address.data()) +
                          ": no driver has made a network interface of it");
    return names.front();
}

PciFunction::PciFunction(Roots roots, const std::string& address)
    : roots_(std::move(roots)),
      address_(address),
      folder_(roots_.sys + "/bus/pci/devices/" + address),
      configuration_(open((folder_ + "/config").c_str(), O_RDWR | O_CLOEXEC)) {
    if (!configuration_)
        throw system_error(folder_ + "/config", errno);
}

void PciFunction::lock() const {
    lock_file(configuration_, false, address_);
}

Mapping PciFunction::map_bar(u32 bar) const {
    std::string path = folder_ + "/resource" + std::to_string(bar);
    Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file)
        throw system_error(path, errno);
    std::error_code error;
    u64 size = fs::file_size(path, error);
    if (error)
        throw system_error(path, error.value());
    return {file, 0, size};
}

void PciFunction::read_command() {
    if (pread(configuration_.get(), &command_, sizeof command_, PCI_COMMAND) !=
        ssize_t{sizeof command_})
        throw system_error(address_ + ": configuration space", errno);
}

void PciFunction::write_command() const {
    if (pwrite(configuration_.get(), &command_, sizeof command_, PCI_COMMAND) !=
        ssize_t{sizeof command_})
        throw system_error(address_ + ": configuration space", errno);
}

void PciFunction::enable_memory() {
    read_command();
    command_ |= PCI_COMMAND_MEMORY;
    write_command();
}

void PciFunction::enable_interrupt(bool enable) {
    constexpr u16 bit = PCI_COMMAND_INTX_DISABLE;
    command_ = enable ? command_ & static_cast<u16>(~bit) : command_ | bit;
    write_command();
}

void PciFunction::bind() const {
    std::error_code absent;
    fs::path bound = fs::read_symlink(folder_ + "/driver", absent);
    if (!absent && bound.filename() == driver)
        return;
    if (!absent)
        throw ServerError(address_ + ": the driver " + bound.filename().string() + " has it");
    if (!fs::exists(roots_.sys + "/bus/pci/drivers/" + driver))
        throw ServerError(std::string("the module ") + driver + " is not loaded (or use --poll)");
    write_file(folder_ + "/driver_override", driver);
    write_file(roots_.sys + "/bus/pci/drivers_probe", address_);
}

Descriptor PciFunction::open_interrupt() {
    bind();
    read_command(); // the driver has turned things on
    auto names = names_in(folder_ + "/uio");
    if (names.empty())
        throw ServerError(address_ + ": " + driver + " does not take it");
    std::string path = roots_.dev + "/" + names.front();
    Descriptor made(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!made)
        throw system_error(path, errno);
    return made;
}

} // namespace cloison::io::adapter
