// SPDX-License-Identifier: Apache-2.0
// Random layouts: sound ones are all accepted, and on those changed at random the verifier
// and the oracle, which compares everything with everything, agree.
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/manifest_oracle.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;

class Layouts {
  public:
    explicit Layouts(u32 seed) : random_(seed) {}

    u64 below(u64 limit) { return std::uniform_int_distribution<u64>(0, limit - 1)(random_); }

    ManifestBuilder make() {
        ManifestBuilder b;
        place_ram(b);
        u32 apic_id = 0;
        for (u64 i = 0; i < 24; ++i)
            b.cpus.push_back({apic_id += 1 + static_cast<u32>(below(3)), unassigned, 0, 0});
        b.images = {{static_cast<u32>(ImageKind::linux_kernel), 0, 1 + below(12 * mib)},
                    {static_cast<u32>(ImageKind::initrd), 0, 1 + below(12 * mib)}};
        u64 partitions = 1 + below(8);
        for (u64 p = 0; p < partitions; ++p)
            add_partition(b, p);
        add_devices(b);
        add_functions(b);
        b.sort();
        return b;
    }

  private:
    /// RAM in ranges, some of which touch; 2 MiB pages of it in random order for the taking.
    void place_ram(ManifestBuilder& b) {
        u64 at = 2 * mib;
        for (u64 i = 0, count = 1 + below(5); i < count; ++i) {
            u64 size = (160 + below(200)) * large_page_size;
            b.ram.push_back({at, size});
            for (u64 page = at; page < at + size; page += large_page_size)
                free_.push_back(page);
            at += size + below(2) * below(64) * large_page_size;
        }
        ram_end_ = at;
        b.header.firmware = {free_.front(), large_page_size};
        b.header.staging = {free_.back() + below(256) * page_size, page_size};
        free_.pop_back();
        free_.erase(free_.begin());
    }

    void add_partition(ManifestBuilder& b, u64 number) {
        static constexpr const char* names[] = {"a", "zeta", "b-1", "b", "gamma", "a2", "y", "x"};
        u32 cpu = next_cpu_++;
        if (below(2) == 0)
            b.add_partition(names[number], {cpu});
        else
            b.add_partition(names[number], {next_cpu_++, cpu}, 0, no_image);
        // Guest memory without holes, so that the images fit; host memory from anywhere.
        u64 guest = 0;
        for (u64 wanted = 26 * mib; guest < wanted;) {
            Extent run = take_run(b);
            b.add_memory(guest, run.base, run.size);
            guest += run.size;
        }
    }

    /// Free pages that follow each other, one to four.
    Extent take_run(const ManifestBuilder& b) {
        usize first = below(free_.size());
        usize count = 1;
        auto joined = [&](u64 page) {
            return std::any_of(b.ram.begin(), b.ram.end(), [&](const RamRange& r) {
                return r.contains(page - 1) && r.contains(page);
            });
        };
        while (count < 4 && first + count < free_.size() &&
               free_[first + count] == free_[first] + count * large_page_size &&
               joined(free_[first + count]) && below(4) != 0)
            ++count;
        Extent run{free_[first], count * large_page_size};
        auto begin = free_.begin() + static_cast<std::ptrdiff_t>(first);
        free_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        return run;
    }

    /// Devices with one range of registers, some ports and an interrupt each, apart from each
    /// other; perhaps a control partition, and an IOMMU wherever there must be one.
    void add_devices(ManifestBuilder& b) {
        constexpr auto dma = static_cast<u32>(DeviceFlag::dma);
        bool iommu = below(2) == 0;
        b.header.machine_flags = iommu ? static_cast<u32>(MachineFlag::iommu) : 0;
        u64 control = below(2 * b.partitions.size());
        if (control < b.partitions.size())
            b.partitions[control].role = static_cast<u32>(Role::control);
        u64 at = ram_end_;
        for (u32 i = 0, count = static_cast<u32>(below(12)); i < count; ++i) {
            auto owner = static_cast<u32>(below(b.partitions.size()));
            u32 group = below(2) == 0 ? no_group : 100 - owner;
            u32 flags = iommu ? dma * static_cast<u32>(below(2)) : 0;
            u32 interrupt = below(2) == 0 ? no_interrupt : pins_[i];
            b.devices.push_back(
                {i * 8 + static_cast<u32>(below(8)), owner, group, flags, interrupt});
            at += below(3) * page_size;
            u64 size = page_size << below(6);
            b.add_resource(ResourceKind::mmio, owner, at, size);
            at += size;
            b.add_resource(ResourceKind::ports, owner, 0x1000 + i * 0x40, 1 + below(0x40));
            b.add_resource(ResourceKind::interrupt, owner, pins_[i], 1);
        }
        b.sort_devices();
    }

    /// What the control partition, where there is one, serves the others with.
    void add_functions(ManifestBuilder& b) {
        for (u32 server = 0; server < b.partitions.size(); ++server) {
            if (b.partitions[server].role != static_cast<u32>(Role::control))
                continue;
            for (u32 p = 0; p < b.partitions.size(); ++p)
                for (u64 i = p == server ? 0 : below(4); i > 0; --i) {
                    FunctionRecord& f = b.add_function(p, server);
                    f.queues = 1 + static_cast<u32>(below(16));
                    for (u32 q = 0; q < f.queues; ++q)
                        f.queue_sizes[q] = static_cast<u16>(1u << below(9));
                }
        }
    }

    static constexpr std::array<u32, 12> pins_{3, 5, 6, 7, 10, 11, 12, 14, 16, 17, 19, 23};
    std::mt19937 random_;
    u64 ram_end_ = 0;
    std::vector<u64> free_;
    u32 next_cpu_ = 0;
};

TEST(RandomManifest, SoundLayoutsAreAccepted) {
    for (u32 seed = 0; seed < 400; ++seed) {
        auto bytes = Layouts(seed).make().bytes();
        ASSERT_EQ(verify(bytes), Verdict{}) << "seed " << seed;
        EXPECT_EQ(test::trouble(*open_manifest(bytes)), "") << "seed " << seed;
    }
}

/// The same with a device, or with what comes with one.
void disturb_devices(ManifestBuilder& b, Layouts& random) {
    if (b.devices.empty())
        return;
    DeviceRecord& device = b.devices[random.below(b.devices.size())];
    ResourceRecord& resource = b.resources[random.below(b.resources.size())];
    const ResourceRecord& model = b.resources[random.below(b.resources.size())];
    switch (random.below(8)) {
    case 0:
        device.address = static_cast<u32>(random.below(b.devices.size() * 8));
        break;
    case 1:
        device.partition = static_cast<u32>(random.below(b.partitions.size()));
        break;
    case 2:
        device.iommu_group = b.devices[random.below(b.devices.size())].iommu_group;
        break;
    case 3:
        device.flags = static_cast<u32>(DeviceFlag::dma);
        b.header.machine_flags = 0;
        break;
    case 4:
        resource.kind = model.kind;
        break;
    case 5:
        resource.base = model.base + random.below(3) * page_size;
        break;
    case 6:
        resource.base = random.below(5000);
        break;
    default:
        resource.size = random.below(64) * page_size;
    }
}

void disturb_functions(ManifestBuilder& b, Layouts& random) {
    if (b.functions.empty())
        return;
    FunctionRecord& function = b.functions[random.below(b.functions.size())];
    switch (random.below(4)) {
    case 0:
        function.server = static_cast<u32>(random.below(b.partitions.size()));
        break;
    case 1:
        function.partition = static_cast<u32>(random.below(b.partitions.size()));
        break;
    case 2:
        function.queues = static_cast<u32>(random.below(18));
        break;
    default:
        function.queue_sizes[random.below(max_virtqueues)] = static_cast<u16>(random.below(300));
    }
}

/// Moves one thing of a layout to a place where something else may be.
void disturb(ManifestBuilder& b, Layouts& random) {
    auto pick = [&](auto& table) -> auto& {
        return table[random.below(table.size())];
    };
    u64 pages = random.below(1 << 10) * large_page_size;
    switch (random.below(15)) {
    case 0:
        pick(b.memory).host = pages;
        break;
    case 1:
        pick(b.memory).size = 1 * large_page_size + pages;
        break;
    case 2:
        pick(b.memory).guest = pages;
        break;
    case 3:
        pick(b.memory).host = pick(b.memory).host;
        break;
    case 4:
        b.header.firmware = {pages, large_page_size * (1 + random.below(4))};
        break;
    case 5:
        b.header.staging = {pages + random.below(512) * page_size, page_size};
        break;
    case 6:
        pick(b.processors).cpu = static_cast<u32>(random.below(b.cpus.size()));
        break;
    case 7:
        pick(b.ram) = {pages, large_page_size * random.below(1 << 9)};
        break;
    case 8:
        pick(b.partitions).console = static_cast<u32>(random.below(12));
        break;
    case 9:
        pick(b.partitions).role = static_cast<u32>(random.below(3));
        break;
    case 10:
    case 11:
        disturb_functions(b, random);
        break;
    default:
        disturb_devices(b, random);
    }
}

/// Rules that stand for a danger, not for a form or a limit.
bool is_clash(Rule rule) {
    return rule == Rule::memory_overlap || rule == Rule::memory_outside_ram ||
           rule == Rule::memory_guest_overlap || rule == Rule::cpu_double_use ||
           rule == Rule::console_channel || rule == Rule::memory_identity ||
           rule == Rule::function_server || rule == Rule::function_unsound ||
           (rule >= Rule::control_twice && rule <= Rule::interrupt_range);
}

TEST(RandomManifest, DisturbedLayoutsAreJudgedAsTheOracleJudgesThem) {
    u32 accepted = 0;
    u32 refused = 0;
    std::set<Rule> clashes;
    for (u32 seed = 0; seed < 3000; ++seed) {
        Layouts random(seed);
        ManifestBuilder b = random.make();
        for (u64 i = 1 + random.below(2); i > 0; --i)
            disturb(b, random);
        if (random.below(8) != 0) {
            b.sort_devices();
            b.sort();
        }
        auto bytes = b.bytes();
        Rule rule = verify(bytes).rule;
        auto view = open_manifest(bytes);
        ASSERT_TRUE(view);
        if (rule == Rule::none) {
            ASSERT_EQ(test::trouble(*view), "") << "seed " << seed;
        }
        if (is_clash(rule)) {
            clashes.insert(rule);
            ASSERT_NE(test::trouble(*view), "") << "seed " << seed << ' ' << rule_name(rule);
        }
        ++(rule == Rule::none ? accepted : refused);
    }
    EXPECT_GT(accepted, 100u);
    EXPECT_GT(refused, 1000u);
    EXPECT_EQ(clashes.size(), 15u) << "each kind was met";
}

} // namespace
} // namespace cloison::abi
