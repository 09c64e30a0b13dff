// SPDX-License-Identifier: Apache-2.0
// A partition with a client, in a folder: sysfs and /dev as the kernel shows them, files for BARs,
// a FIFO for the interrupt. On the other side the firmware's own virtio functions over the same
// record, and the client's driver.
#pragma once

#include "ioserver/linux/adapter/pci_function.hpp"
#include "tests/unit/devices/virtio_driver.hpp"
#include "tests/unit/ioserver/fake_driver.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::io::adapter {

class FakeMachine {
  public:
    static constexpr u64 client_base = FakeDriver::base; // all of the client's memory
    static constexpr u64 client_size = 8 * FakeDriver::memory_size;
    static constexpr const char* adapter_address = "0000:00:03.0";
    static constexpr const char* management_address = "0000:00:02.0";

    explicit FakeMachine(const std::vector<core::FunctionPlan>& plans, u32 client = 1)
        : folder_(make_folder()) {
        std::vector<abi::VirtioFunctionConfig> configs;
        for (const core::FunctionPlan& plan : plans)
            configs.push_back(plan.config());
        u64 pages = std::bit_ceil(abi::io_adapter_pages(configs));
        make_function(adapter_address, abi::adapter_device);
        doorbell = make_bar(adapter_address, 0, page_size);
        record = make_bar(adapter_address, 1, pages * page_size);
        memory = make_bar(adapter_address, 2, client_base + client_size);
        std::filesystem::create_directories(device(adapter_address) + "/uio/uio0");
        std::filesystem::create_directories(sys() + "/bus/pci/drivers/uio_pci_generic");
        std::ofstream(sys() + "/bus/pci/drivers_probe");
        std::ofstream(device(adapter_address) + "/driver_override");
        std::filesystem::create_directories(folder_ + "/dev");
        EXPECT_EQ(mkfifo((folder_ + "/dev/uio0").c_str(), 0600), 0);
        interrupt_ = Descriptor(open((folder_ + "/dev/uio0").c_str(), O_RDWR | O_NONBLOCK));

        objects_.resize(plans.size() * sizeof(core::VirtioFunction));
        list_ = core::make_functions(record.bytes().data(), objects_.data(), configs, ram_);
        abi::IoAdapterRecord(record.bytes().data()).adapter().client = client;
        board.attach(list_);
    }
    ~FakeMachine() { std::filesystem::remove_all(folder_); }
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

    [[nodiscard]] Roots roots() const { return {sys(), folder_ + "/dev"}; }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string device(const std::string& address) const {
        return sys() + "/bus/pci/devices/" + address;
    }
    void make_function(const std::string& address, u16 number) const {
        std::filesystem::create_directories(device(address));
        std::ofstream(device(address) + "/vendor") << "0x1af4\n";
        std::ofstream(device(address) + "/device") << "0x" << std::hex << number << "\n";
        std::ofstream(device(address) + "/config") << std::string(256, '\0');
    }
    [[nodiscard]] Mapping make_bar(const std::string& address, u32 bar, u64 size) const {
        std::string path = device(address) + "/resource" + std::to_string(bar);
        Descriptor file(open(path.c_str(), O_RDWR | O_CREAT, 0600));
        EXPECT_EQ(ftruncate(file.get(), static_cast<off_t>(size)), 0);
        return {file, 0, size};
    }

    [[nodiscard]] abi::FunctionPage& page(u32 function) {
        return abi::IoAdapterRecord(record.bytes().data()).function(function);
    }
    [[nodiscard]] abi::ServerPage& server(u32 function) {
        return abi::IoAdapterRecord(record.bytes().data()).server(function);
    }
    [[nodiscard]] std::span<u8> in_flight(u32 function, u32 queue) {
        return abi::IoAdapterRecord(record.bytes().data()).in_flight(function, queue);
    }

    /// The driver's side of queue `index` of eight that there is room for.
    [[nodiscard]] std::unique_ptr<FakeDriver> make_queue(u32 index, u16 size, u64 features) {
        u64 at = client_base + index * FakeDriver::memory_size;
        return std::make_unique<FakeDriver>(
            size, features, memory.bytes().subspan(at, FakeDriver::memory_size), at);
    }
    /// As a driver starts a device, with these queues.
    static void start_driver(core::VirtioDriver& driver, u64 features,
                             const std::vector<FakeDriver*>& queues) {
        EXPECT_EQ(driver.status(), 0u);
        EXPECT_TRUE(driver.negotiate(features));
        for (u32 i = 0; i < queues.size(); ++i) {
            const QueueLayout& layout = queues[i]->layout();
            driver.select(i);
            driver.set(VIRTIO_PCI_COMMON_Q_SIZE, 2, layout.size);
            driver.place(layout.descriptors, layout.available, layout.used);
            driver.set(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
            EXPECT_TRUE(driver.enabled());
        }
        driver.finish();
    }

    [[nodiscard]] u16 command() const {
        Descriptor config(open((device(adapter_address) + "/config").c_str(), O_RDONLY));
        u16 value = 0;
        EXPECT_EQ(pread(config.get(), &value, sizeof value, PCI_COMMAND), ssize_t{sizeof value});
        return value;
    }
    /// The firmware raises the pin for the calls that there are, and the kernel's handler disables
    /// it. Gives the number of calls.
    u32 call_server() {
        u32 calls = 0;
        while (board.take_call())
            ++calls;
        if (calls == 0 || (command() & PCI_COMMAND_INTX_DISABLE) != 0)
            return calls;
        Descriptor config(open((device(adapter_address) + "/config").c_str(), O_RDWR));
        u16 value = command() | u16{PCI_COMMAND_INTX_DISABLE};
        EXPECT_EQ(pwrite(config.get(), &value, sizeof value, PCI_COMMAND), ssize_t{sizeof value});
        u32 count = 1;
        EXPECT_EQ(write(interrupt_.get(), &count, sizeof count), ssize_t{sizeof count});
        return calls;
    }
    /// The firmware looks at all that a doorbell may be about.
    void hear() {
        for (core::VirtioFunction& function : list_) {
            function.attend();
            for (u32 queue = 0; queue < abi::max_virtqueues; ++queue)
                function.used(queue);
        }
    }

    Mapping doorbell, record, memory;
    core::Board board{core::Clock{50'000'000}, 0};

  private:
    static std::string make_folder() {
        std::string pattern = "/tmp/cloison-adapter-XXXXXX";
        return mkdtemp(pattern.data());
    }
    [[nodiscard]] std::string sys() const { return folder_ + "/sys"; }

    std::string folder_;
    Descriptor interrupt_;
    std::vector<Extent> ram_{{client_base, client_size}};
    std::vector<u8> objects_;
    std::span<core::VirtioFunction> list_;
};

} // namespace cloison::io::adapter
