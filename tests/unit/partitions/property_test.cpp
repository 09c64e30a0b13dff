// SPDX-License-Identifier: Apache-2.0
// Random layouts on random platforms. What the compiler accepts is held against a page-by-page
// model that knows nothing of ranges; what it refuses must be more than the machine has.
#include "firmware/abi/verify.hpp"
#include "partitions/compile.hpp"
#include "tests/unit/partitions/expect_served.hpp"
#include "tests/unit/partitions/fake_activation.hpp"
#include "tests/unit/partitions/layout_text.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace cloison::test {
namespace {

constexpr u64 pages = 4 * gib / page_size; // all that the random platforms have

/// One machine page after the other: is it RAM, and who has it?
class PageModel {
  public:
    explicit PageModel(const PlatformText& platform) : free_(pages) {
        for (const Extent& ram : platform.ram)
            for (u64 page = round_up(ram.base, page_size); page + page_size <= ram.end();
                 page += page_size)
                free_[page / page_size] = page >= mib;
        take(platform.firmware);
        take(platform.staging);
    }

    /// Takes pages that must be free; false when one is not.
    bool take(const Extent& extent) {
        for (u64 page = extent.base; page < extent.end(); page += page_size) {
            if (page / page_size >= pages || !free_[page / page_size])
                return false;
            free_[page / page_size] = false;
        }
        return true;
    }

    /// Bytes in 2 MiB pages that are free altogether.
    [[nodiscard]] u64 large_pages() const {
        constexpr u64 small = large_page_size / page_size;
        u64 bytes = 0;
        for (u64 first = 0; first < pages; first += small) {
            auto from = free_.begin() + static_cast<std::ptrdiff_t>(first);
            if (std::all_of(from, from + small, [](bool free) { return free; }))
                bytes += large_page_size;
        }
        return bytes;
    }

  private:
    std::vector<bool> free_;
};

class Random {
  public:
    explicit Random(u32 seed) : engine_(seed) {}
    u64 from(u64 least, u64 most) {
        return std::uniform_int_distribution<u64>(least, most)(engine_);
    }

    PlatformText platform() {
        PlatformText result;
        std::set<u32> ids;
        for (u64 count = from(1, 12); count > 0; --count)
            ids.insert(static_cast<u32>(from(0, 300)));
        result.apic_ids.assign(ids.begin(), ids.end());
        std::shuffle(result.apic_ids.begin(), result.apic_ids.end(), engine_);
        result.large_pages_1g = from(0, 3) != 0;
        result.threads = static_cast<u32>(from(1, 2));
        result.nodes = static_cast<u32>(from(1, 3));
        result.ram = {{0, 636 * kib}, {mib, from(5 * mib, 200 * mib) / kib * kib}};
        for (u64 holes = from(0, 6); holes > 0; --holes) {
            u64 base =
                result.ram.back().end() + from(1, 64) * 4 * kib * (from(0, 1) != 0 ? 513 : 1);
            result.ram.push_back({base, from(1, 700 * mib) / kib * kib + kib});
        }
        u64 base = round_up(result.ram.back().end() + from(0, 2) * mib, page_size);
        result.staging = {base, 16 * mib};
        result.ram.push_back({base, 16 * mib + from(0, 100) * mib});
        std::shuffle(result.ram.begin(), result.ram.end(), engine_);
        return result;
    }

    std::vector<PartitionText> partitions(const PlatformText& platform) {
        std::vector<PartitionText> result;
        u64 budget = from(64, 2048) * mib;
        for (u64 i = 0, count = from(1, 6); i < count; ++i) {
            PartitionText partition{"p" + std::to_string(i)};
            partition.memory =
                round_up(from(26 * mib, std::max(budget / count, 26 * mib)), large_page_size);
            partition.cpus = static_cast<u32>(from(1, 3));
            partition.exclusive = from(0, 4) == 0;
            partition.activation = static_cast<u32>(from(0, 2));
            if (from(0, 2) == 0)
                partition.minimum_cpus = static_cast<u32>(from(1, partition.cpus));
            if (from(0, 2) == 0)
                partition.minimum_memory =
                    round_up(from(26 * mib, partition.memory), large_page_size);
            if (from(0, 3) == 0)
                partition.pinned = {platform.apic_ids[from(0, platform.apic_ids.size() - 1)]};
            result.push_back(partition);
        }
        return result;
    }

    /// Makes the first a server, of most others.
    void serve(std::vector<PartitionText>& partitions) {
        partitions[0].role = from(0, 3) != 0 ? "control" : "io-server";
        if (partitions[0].role == "control" && from(0, 1) == 0)
            partitions[0].devices = "<device address=\"" + std::string(network_card) + "\"/>";
        for (usize i = 1; i < partitions.size(); ++i) {
            auto add = [&](u64 most, const char* element) {
                for (u64 count = from(0, most); count > 0; --count)
                    partitions[i].devices += element;
            };
            add(4, "<disk volume=\"data\"/>");
            add(3, "<network switch=\"lan\"/>");
            add(7, "<console type=\"virtio\" server=\"p0\"/>");
        }
    }

  private:
    std::mt19937 engine_;
};

/// What one partition was given is what it wanted, or at least the minimum.
void expect_wanted(const PlannedPartition& planned, const PartitionText& wanted) {
    usize least = wanted.minimum_cpus != 0 ? wanted.minimum_cpus : wanted.cpus;
    EXPECT_GE(planned.apic_ids.size(), wanted.pinned.empty() ? least : wanted.pinned.size());
    EXPECT_LE(planned.apic_ids.size(), wanted.pinned.empty() ? wanted.cpus : wanted.pinned.size());
    u64 guest = 0;
    EXPECT_EQ(planned.identity_mapped, wanted.devices.find("<device") != std::string::npos);
    for (const PlannedMemory& memory : planned.memory) {
        if (planned.identity_mapped) {
            EXPECT_EQ(memory.guest, guest == 0 ? 0 : memory.host);
            EXPECT_GE(memory.guest, guest == 0 ? 0 : large_page_size);
            EXPECT_TRUE(memory.guest + memory.size <= 3 * gib || memory.guest >= 4 * gib);
            guest += memory.size; // the sum, here
            continue;
        }
        EXPECT_EQ(memory.guest, guest == 3 * gib ? 4 * gib : guest);
        EXPECT_EQ((memory.host | memory.size) % large_page_size, 0u);
        guest = memory.guest + memory.size;
    }
    EXPECT_LE(guest, wanted.memory); // none is above 3 GiB
    EXPECT_GE(guest, wanted.minimum_memory != 0 ? wanted.minimum_memory : wanted.memory);
}

/// The core of each CPU and the partitions on it.
std::map<u32, std::set<usize>> partitions_by_core(const Plan& plan, const PlatformText& platform) {
    std::map<u32, std::set<usize>> users;
    for (usize i = 0; i < plan.partitions.size(); ++i)
        for (u32 id : plan.partitions[i].apic_ids) {
            auto at = std::ranges::find(platform.apic_ids, id) - platform.apic_ids.begin();
            users[static_cast<u32>(at) / platform.threads].insert(i);
        }
    return users;
}

void expect_sound(const CompiledLayout& compiled, const PlatformText& platform,
                  const std::vector<PartitionText>& wanted) {
    EXPECT_TRUE(abi::verify(compiled.manifest).ok());
    PageModel model(platform);
    u64 free_before = model.large_pages();
    std::set<u32> cpus;
    u64 given = 0;
    for (usize i = 0; i < wanted.size(); ++i) {
        const PlannedPartition& planned = compiled.plan.partitions[i];
        expect_wanted(planned, wanted[i]);
        for (u32 id : planned.apic_ids) {
            EXPECT_TRUE(cpus.insert(id).second) << "CPU " << id << " given twice";
            EXPECT_NE(std::ranges::find(platform.apic_ids, id), platform.apic_ids.end());
        }
        for (const PlannedMemory& memory : planned.memory) {
            EXPECT_TRUE(model.take({memory.host, memory.size}));
            given += memory.size;
        }
    }
    for (const auto& [core, users] : partitions_by_core(compiled.plan, platform))
        for (usize user : users)
            EXPECT_TRUE(users.size() == 1 || !wanted[user].exclusive) << "core " << core;
    const MemoryBudget& budget = compiled.plan.budget;
    EXPECT_EQ(budget.given, given);
    EXPECT_EQ(budget.free, free_before - given);
    EXPECT_EQ(budget.ram, budget.given + budget.firmware + budget.staging + budget.low +
                              budget.fragments + budget.free);
}

/// CPUs that the partitions ask for at least.
usize cpus_wanted(const std::vector<PartitionText>& wanted) {
    usize cpus = 0;
    for (const PartitionText& partition : wanted) {
        usize own = partition.minimum_cpus != 0 ? partition.minimum_cpus : partition.cpus;
        cpus += partition.pinned.empty() ? own : partition.pinned.size();
    }
    return cpus;
}

void expect_shortage(const Diagnostics& findings, const PlatformText& platform,
                     const std::vector<PartitionText>& wanted) {
    u64 memory = 0;
    std::multiset<u32> pinned;
    bool exclusive = false;
    for (const PartitionText& partition : wanted) {
        memory += partition.minimum_memory != 0 ? partition.minimum_memory : partition.memory;
        exclusive = exclusive || partition.exclusive;
        pinned.insert(partition.pinned.begin(), partition.pinned.end());
    }
    bool twice = std::adjacent_find(pinned.begin(), pinned.end()) != pinned.end();
    for (const Diagnostic& finding : findings.list()) {
        if (finding.severity == Severity::warning)
            continue;
        if (finding.rule == "memory-shortage")
            EXPECT_GT(memory, PageModel(platform).large_pages());
        else if (finding.rule == "cpu-shortage") // a pinned one may have the core of an exclusive
            EXPECT_TRUE(exclusive || cpus_wanted(wanted) > platform.apic_ids.size());
        else if (finding.rule == "cpu-double-use")
            EXPECT_TRUE(twice);
        else if (finding.rule == "identity-map" || finding.rule == "image-fit") // it is in pieces
            EXPECT_NE(wanted[0].devices.find("<device"), std::string::npos);
        else if (finding.rule == "siblings-split")
            EXPECT_TRUE(exclusive && pinned.size() > 1 && platform.threads > 1);
        else
            ADD_FAILURE() << to_text(finding, false);
    }
}

TEST(Property, WhatIsAcceptedIsSoundAndWhatIsRefusedIsTooMuch) {
    TestShare share;
    u32 accepted = 0, split = 0, served = 0, identity = 0;
    constexpr u32 trials = 300;
    for (u32 seed = 0; seed < trials && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        PlatformText platform = random.platform();
        auto wanted = random.partitions(platform);
        if (random.from(0, 1) == 0)
            random.serve(wanted);
        Compilation compilation = compile(write_layout(share.path(), platform, wanted));
        if (!compilation.ok()) {
            expect_shortage(compilation.diagnostics, platform, wanted);
            continue;
        }
        ++accepted;
        expect_sound(*compilation.value, platform, wanted);
        expect_served(*compilation.value, wanted);
        expect_activates(*compilation.value);
        identity += compilation.value->plan.partitions[0].identity_mapped ? 1 : 0;
        for (const PlannedPartition& planned : compilation.value->plan.partitions)
            served += planned.functions.size() > 1 ? 1 : 0;
        for (const PlannedPartition& planned : compilation.value->plan.partitions)
            split += planned.memory.size() > 1 ? 1 : 0;
    }
    EXPECT_GT(accepted, trials / 5); // the trials are worth something:
    EXPECT_LT(accepted, trials);     // both outcomes occur,
    EXPECT_GT(split, 10u);           // and so do partitions in several blocks,
    EXPECT_GT(served, 20u);          // with several functions,
    EXPECT_GT(identity, 5u);         // and at the machine's own addresses
}

} // namespace
} // namespace cloison::test
