// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/partitions/fake_activation.hpp"
#include "firmware/abi/verify.hpp"
#include "firmware/core/boot/linux.hpp"
#include "tests/unit/core/fake_machine.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sys/mman.h>

namespace cloison::test {

namespace {

/// The machine's memory up to `size`: pages are there when they are first written.
class HostMemory {
  public:
    explicit HostMemory(u64 size) : size_(round_up(size, large_page_size)) {
        void* mapping = mmap(nullptr, size_ + large_page_size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping == MAP_FAILED)
            throw std::bad_alloc();
        mapping_ = static_cast<u8*>(mapping);
        // So that large pages, which the kernel may use, are those of the machine.
        start_ = mapping_ + (large_page_size - reinterpret_cast<u64>(mapping_) % large_page_size) %
                                large_page_size;
    }
    ~HostMemory() { munmap(mapping_, size_ + large_page_size); }
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;

    [[nodiscard]] u8* at(u64 address) const { return start_ + address; }

    /// The large pages that something was written to.
    [[nodiscard]] std::vector<u64> written() const {
        std::vector<unsigned char> resident(size_ / page_size);
        mincore(start_, size_, resident.data());
        std::vector<u64> pages;
        for (u64 page = 0; page < size_; page += large_page_size) {
            auto from = resident.begin() + static_cast<std::ptrdiff_t>(page / page_size);
            if (std::any_of(from, from + large_page_size / page_size,
                            [](unsigned char r) { return (r & 1) != 0; }))
                pages.push_back(page);
        }
        return pages;
    }

  private:
    u64 size_;
    u8* mapping_;
    u8* start_;
};

std::vector<u8> contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// One partition's memory as its loader reaches it.
struct GuestMemory {
    const HostMemory& host;
    std::span<const abi::MemoryBlock> blocks;

    static u8* at(void* context, u64 guest, u64 size) {
        const auto& self = *static_cast<const GuestMemory*>(context);
        for (const abi::MemoryBlock& block : self.blocks)
            if (Extent{block.guest, block.size}.contains(Extent{guest, size}))
                return self.host.at(block.host + (guest - block.guest));
        return nullptr;
    }
    static void copy(u8* to, const u8* from, usize size) { std::memcpy(to, from, size); }
};

void expect_loads(const CompiledLayout& compiled, const abi::ManifestView& manifest,
                  const abi::PartitionRecord& record, const HostMemory& host) {
    auto image = [&](u32 number) {
        return number == abi::no_image ? std::vector<u8>{}
                                       : contents(compiled.plan.images[number].path);
    };
    std::vector<u8> kernel = image(record.kernel), initrd = image(record.initrd);
    GuestMemory memory{host, manifest.memory_of(record)};
    core::MemoryWindow window{&memory, GuestMemory::at, GuestMemory::copy};
    auto map = abi::partition_memory_map(memory.blocks, abi::is_identity(record));
    ASSERT_TRUE(map);
    EXPECT_TRUE(core::place_bytes(window, guest_map::acpi.base, manifest.bytes_of(record.acpi)));
    auto entry = core::load_linux(window, {kernel,
                                           initrd,
                                           manifest.bytes_of(record.cmdline),
                                           map->entries(),
                                           {},
                                           guest_map::acpi.base});
    ASSERT_TRUE(entry) << abi::rule_name(entry.error());
    EXPECT_NE(GuestMemory::at(&memory, (*entry).rip, 1), nullptr);
    core::FakePartition partition(record.processor_count);
    EXPECT_EQ(partition.cpus.size(), manifest.processors_of(record).size());
}

} // namespace

void expect_activates(const CompiledLayout& compiled) {
    auto manifest = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(manifest);
    ASSERT_TRUE(abi::check_rules(*manifest).ok());
    HostMemory host(compiled.plan.ram.back().end());
    for (const abi::PartitionRecord& record : manifest->partitions)
        expect_loads(compiled, *manifest, record, host);
    for (u64 page : host.written())
        EXPECT_TRUE(std::any_of(manifest->memory.begin(), manifest->memory.end(),
                                [&](const abi::MemoryBlock& block) {
                                    return Extent{block.host, block.size}.contains(page);
                                }))
            << "written at " << page << ", which is nobody's";
}

} // namespace cloison::test
