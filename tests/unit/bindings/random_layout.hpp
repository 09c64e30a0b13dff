// SPDX-License-Identifier: Apache-2.0
// Random layouts with what the planner chooses for: cores and nodes, pools, bounds, exclusive
// cores, 1 GiB pages, identity maps, disks, networks and consoles.
#pragma once

#include "firmware/abi/types.hpp"

#include <random>
#include <string>

namespace cloison::test {

class Dice {
  public:
    explicit Dice(u32 seed) : engine_(seed) {}
    u64 from(u64 least, u64 most) {
        return std::uniform_int_distribution<u64>(least, most)(engine_);
    }
    bool one_in(u64 n) { return from(1, n) == 1; }

  private:
    std::mt19937 engine_;
};

inline std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}
inline std::string number(u64 value) {
    return quoted(std::to_string(value));
}
inline std::string mebibytes(u64 value) {
    return quoted(std::to_string(value) + "MiB");
}

/// Two nodes of RAM in several ranges, up to 16 CPUs, two threads a core, one device that does DMA.
inline std::string random_platform(u32 seed) {
    Dice dice(seed);
    std::string text = "<platform name=\"test\" large-pages-1g=\"yes\">"
                       "<node id=\"0\"/><node id=\"1\"/>";
    u64 cpus = dice.from(2, 16);
    for (u64 i = 0; i < cpus; ++i)
        text += "<processor apic-id=" + number(i * 3) + " core=" + number(i / 2) +
                " thread=" + number(i % 2) + " node=" + number(i * 2 / cpus) + "/>";
    text += "<ram base=\"0x0\" size=\"636KiB\"/>";
    u64 at = 1;
    for (u64 ranges = dice.from(2, 6), i = 0; i < ranges; ++i) {
        u64 size = dice.from(40, 1500);
        text += "<ram base=" + mebibytes(at) + " size=" + mebibytes(size) +
                " node=" + number(2 * i / ranges) + "/>";
        at += size + dice.from(1, 3);
    }
    text += "<ram base=" + mebibytes(at) + " size=\"16MiB\"/>";
    text += "<device address=\"0000:00:1f.2\" class=\"sata\"/>";
    text += dice.one_in(2) ? "<iommu present=\"yes\"/>" : "";
    text += "<firmware base=\"2MiB\" size=\"4MiB\"/><staging base=" + mebibytes(at) +
            " size=\"16MiB\"/>";
    return text + "</platform>";
}

/// On random_platform(seed).
inline std::string random_layout(u32 seed) {
    Dice dice(seed + 1'000'000);
    std::string text = "<layout name=\"test\" platform=\"platform.xml\">"
                       "<pool name=\"pool\" desired=" +
                       number(dice.from(1, 2)) +
                       "/><switch name=\"lan\" server=\"p0\"/><volume name=\"data\" server=\"p0\" "
                       "size=\"1GiB\" shareable=\"yes\" backing=\"file:/srv/data\"/>";
    for (u64 count = dice.from(1, 6), i = 0; i < count; ++i) {
        text += "<partition name=" + quoted("p" + std::to_string(i)) +
                " role=" + quoted(i == 0 ? "control" : "client") +
                (dice.one_in(3) ? " activation=" + number(dice.from(0, 200)) : "") + ">";
        u64 desired = dice.from(1, 3);
        text += i != 0 && dice.one_in(4)
                    ? "<processors mode=\"shared\" pool=\"pool\" virtual-processors=\"2\" "
                      "entitlement=\"0.2\"/>"
                    : "<processors mode=\"dedicated\" minimum=\"1\" desired=" + number(desired) +
                          " maximum=" + number(desired + dice.from(0, 2)) + "/>";
        u64 memory = dice.from(16, 250) * 2;
        text += dice.one_in(6) ? "<memory minimum=\"1GiB\" desired=\"2GiB\" page-size=\"1GiB\"/>"
                               : "<memory minimum=\"32MiB\" desired=" + mebibytes(memory) +
                                     " maximum=" + mebibytes(memory * 2) + "/>";
        text += i == 0 && dice.one_in(2) ? "<device address=\"0000:00:1f.2\"/>" : "";
        text += i != 0 && dice.one_in(3) ? "<disk volume=\"data\"/>" : "";
        text += i != 0 && dice.one_in(2) ? "<network switch=\"lan\"/>" : "";
        text += i != 0 && dice.one_in(3) ? "<console type=\"virtio\" server=\"p0\"/>" : "";
        text += "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\"/>";
        text += dice.one_in(4) ? "<security siblings=\"exclusive\"/>" : "";
        text += "</partition>";
    }
    return text + "</layout>";
}

} // namespace cloison::test
